import { accessToken, renewAccess } from "../auth/session";
import type {
  AnomalyPage,
  Caller,
  JsonObject,
  Problem,
  Release,
  ReleaseDetails,
  ReleasePage,
  TaggedThing,
  TelemetrySummary,
  Thing,
  ThingPage,
} from "./types";

/** The API refused, or could not be reached (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly problem: Problem = {},
  ) {
    super(message);
  }
}

interface Call {
  readonly method?: string;
  readonly body?: object;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** The operations of the API that the page uses, by the names of its OpenAPI document. */
export class Api {
  constructor(private readonly url: string) {}

  readonly whoami = (signal?: AbortSignal) => this.call<Caller>("/whoami", { signal });

  readonly listThings = (query: { query?: string; limit?: number; pageToken?: string }, signal?: AbortSignal) =>
    this.call<ThingPage>("/things", { query, signal });

  readonly getThing = async (thing: string, signal?: AbortSignal): Promise<TaggedThing> => {
    const { body, headers } = await this.answer<Thing>(`/things/${part(thing)}`, { signal });
    return { ...body, etag: headers.get("etag") ?? "" };
  };

  /** @param etag of the thing that the change was made for; when what is desired has changed since, the API answers 409. */
  readonly setDesired = (thing: string, desired: JsonObject, etag: string) =>
    this.call(`/things/${part(thing)}/desired`, {
      method: "PATCH",
      body: { desired },
      headers: { "if-match": etag },
    });

  readonly telemetry = (thing: string, hours: number, signal?: AbortSignal) =>
    this.call<TelemetrySummary>(`/things/${part(thing)}/telemetry`, { query: { hours }, signal });

  readonly listAnomalies = (
    query: { status?: "open" | "ended"; thingName?: string; pageToken?: string },
    signal?: AbortSignal,
  ) => this.call<AnomalyPage>("/anomalies", { query, signal });

  readonly anomaliesOf = (thing: string, signal?: AbortSignal) =>
    this.call<AnomalyPage>(`/things/${part(thing)}/anomalies`, { signal });

  readonly acknowledge = (thing: string, kind: string) =>
    this.call(`/things/${part(thing)}/anomalies/${part(kind)}/acknowledge`, { method: "POST" });

  readonly listReleases = (query: { pageToken?: string }, signal?: AbortSignal) =>
    this.call<ReleasePage>("/releases", { query, signal });

  readonly getRelease = (app: string, jobId: string, signal?: AbortSignal) =>
    this.call<ReleaseDetails>(`/releases/${part(app)}/${part(jobId)}`, { signal });

  readonly publishRelease = (release: object) => this.call<Release>("/releases", { method: "POST", body: release });

  readonly cancelRelease = (app: string, jobId: string) =>
    this.call(`/releases/${part(app)}/${part(jobId)}/cancel`, { method: "POST" });

  private async call<T = unknown>(path: string, call: Call): Promise<T> {
    return (await this.answer<T>(path, call)).body;
  }

  private async answer<T>(path: string, call: Call): Promise<{ body: T; headers: Headers }> {
    const first = await this.send(path, call, await accessToken());
    // Revoked, or the clock is wrong: one new token, and then it is no question of the token.
    const answer = first.status === 401 ? await this.send(path, call, await renewAccess()) : first;
    const text = await answer.text();
    const body = text === "" ? undefined : parse(text);
    if (answer.ok) return { body: body as T, headers: answer.headers };
    const problem = (body ?? {}) as Problem;
    throw new ApiError(answer.status, messageOf(answer.status, problem), problem);
  }

  private async send(path: string, { method = "GET", body, query = {}, headers, signal }: Call, token: string) {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== "") search.set(name, String(value));
    }
    const url = `${this.url}${path}${search.size > 0 ? `?${search}` : ""}`;
    try {
      return await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body && { "content-type": "application/json" }),
          ...headers,
        },
        body: body && JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, AbortSignal.timeout(longest)]) : AbortSignal.timeout(longest),
        cache: "no-store",
        credentials: "omit",
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError(0, navigator.onLine ? "The API cannot be reached." : "You are offline.");
    }
  }
}

const part = encodeURIComponent;

/** Milliseconds: API Gateway gives up after 29 seconds. */
const longest = 30_000;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a proxy's page, not the API's answer
  }
}

function messageOf(status: number, { title, detail, errors = [] }: Problem): string {
  const more = errors.map(({ path, reason }) => `${path} ${reason}.`);
  const said = [detail ?? title, ...more].filter(Boolean).join(" ");
  if (said) return said;
  if (status === 403) return "You may not do this.";
  if (status === 404) return "There is no such thing, or it is not yours.";
  return `The API answered with HTTP ${status}.`;
}
