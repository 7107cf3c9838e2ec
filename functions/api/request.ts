import type { APIGatewayProxyEvent, Context } from "aws-lambda";
import { malformed, refusal } from "./problem";

/** Who asks, as the authorizer found out. */
export interface Caller {
  /** The user's id; never changes. */
  readonly sub: string;
  readonly username: string;
  readonly groups: readonly string[];
  readonly isAdmin: boolean;
}

/** A request, as routes see it. */
export interface ApiRequest {
  readonly caller: Caller;
  /** A parameter of the path, decoded; empty when it is missing. */
  path(name: string): string;
  /** A parameter of the query; undefined when it is missing or empty. @throws when it is there twice */
  query(name: string): string | undefined;
  /** A header, by its name in lower case. */
  header(name: string): string | undefined;
  /** The body's text. @throws when it is missing, too large, or not said to be JSON */
  body(): string;
  /** Milliseconds until Lambda ends the call. */
  remaining(): number;
}

/** Bytes of a body at most: the largest sensible one is a desired state of 8 KB, which JSON may write several times as long. */
export const maximumBody = 65_536;

/** @throws a refusal when nobody is signed in */
export function requestOf(event: Partial<APIGatewayProxyEvent>, context: Partial<Context>): ApiRequest {
  const own = (from: object | null | undefined, name: string): unknown =>
    from && Object.hasOwn(from, name) ? (from as Record<string, unknown>)[name] : undefined;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const headers = Object.fromEntries(
    Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), text(value)]),
  );
  const said = event.requestContext?.authorizer;
  const sub = text(own(said, "sub"));
  if (!sub) throw refusal("unauthenticated", "The authorizer does not say who asks.");
  const groups = text(own(said, "groups")).split(",").filter(Boolean);

  return {
    caller: { sub, username: text(own(said, "username")) || sub, groups, isAdmin: groups.includes("admin") },
    path: (name) => text(own(event.pathParameters, name)),
    query(name) {
      const all = own(event.multiValueQueryStringParameters, name);
      if (Array.isArray(all) && all.length > 1) throw malformed({ path: name, reason: "is there more than once" });
      return text(own(event.queryStringParameters, name)) || undefined;
    },
    header: (name) => text(own(headers, name)) || undefined,
    body() {
      const body = text(event.body);
      const bytes = event.isBase64Encoded ? Buffer.from(body, "base64") : Buffer.from(body);
      if (bytes.length > maximumBody) {
        throw refusal("body-too-large", `The body has ${bytes.length} bytes; ${maximumBody} are the most.`);
      }
      if (bytes.length === 0) throw malformed({ path: "body", reason: "is missing" });
      const type = text(own(headers, "content-type"));
      if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
        throw refusal("unsupported-media-type", "Send it with the content type application/json, in UTF-8.");
      }
      return bytes.toString("utf8");
    },
    remaining: () => context.getRemainingTimeInMillis?.() ?? 10_000,
  };
}

/** A whole number from the query. */
export function wholeNumber(request: ApiRequest, name: string, fallback: number, maximum: number): number {
  const said = request.query(name);
  if (said === undefined) return fallback;
  const value = /^\d{1,9}$/.test(said) ? Number(said) : 0;
  if (value < 1 || value > maximum) {
    throw malformed({ path: name, reason: `must be a whole number from 1 to ${maximum}` });
  }
  return value;
}

/** Whether a text can be the name of a thing. */
export const isThingName = (name: string) => /^[a-zA-Z0-9:_-]{1,128}$/.test(name);

/** @throws a refusal to whom is not in the group of admins; the authorizer should have refused already */
export function onlyAdmins({ caller }: ApiRequest): void {
  if (!caller.isAdmin) throw refusal("forbidden", "Only users of the group admin may do this.");
}
