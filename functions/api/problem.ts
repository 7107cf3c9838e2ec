/*
 * Problem documents (RFC 9457): what every error of the API looks like.
 */

/**
 * The kinds of problems. A kind's `type` never changes, so apps can act on it; its words may. What API Gateway finds by itself
 * has the same kinds and titles, and some of its own: components/api/gatewayResponses.ts.
 */
const kinds = {
  malformed: [400, "Bad request"],
  "invalid-page-token": [400, "No such page"],
  unauthenticated: [401, "Not signed in"],
  forbidden: [403, "Not allowed"],
  "unknown-thing": [404, "No such thing"],
  "unknown-anomaly": [404, "No such anomaly"],
  "unknown-release": [404, "No such release"],
  "version-conflict": [409, "It has changed meanwhile"],
  conflict: [409, "Not possible as things are"],
  "body-too-large": [413, "Too large"],
  "unsupported-media-type": [415, "Unsupported media type"],
  internal: [500, "Internal error"],
  busy: [503, "Busy"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemKind = keyof typeof kinds;

/** One thing that is wrong with a request: where, as in `desired.temperature`, and why. */
export interface Wrong {
  readonly path: string;
  readonly reason: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly Wrong[];
  /** With a version conflict: the version that the shadow has now. */
  readonly currentVersion?: number;
}

/** An error that a caller may see. */
export interface Refusal extends Error {
  readonly problem: Problem;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal, to be thrown. `more` is added to the document. */
export function refusal(kind: ProblemKind, detail: string, more: Partial<Problem> = {}): Refusal {
  const [status, title] = kinds[kind];
  const problem = { type: `urn:thingstack:problem:${kind}`, title, status, detail, ...more };
  return Object.assign(new Error(detail), { problem });
}

/** The refusal of a request with some things wrong in it. */
export function malformed(...errors: Wrong[]): Refusal {
  return refusal("malformed", errors.map(({ path, reason }) => `${path} ${reason}`).join("; "), { errors });
}

/** The same whether there is no such thing or it belongs to somebody else: who asks learns nothing of others' things. */
export function unknownThing(): Refusal {
  return refusal("unknown-thing", "There is no thing of this name, or it is not yours.");
}

/** The refusal of what may go well in a moment. */
export function busy(): Refusal {
  return Object.assign(refusal("busy", "Please try again in a moment."), { headers: { "retry-after": "1" } });
}

/** What AWS calls it when it is asked too much. */
const throttled = /Throttl|TooManyRequests|ThroughputExceeded|LimitExceeded|ServiceUnavailable|SlowDown/;

/** What the caller is told of any error; what it does not need to know stays in the log. */
export function refusalOf(error: unknown): Refusal {
  if ((error as Partial<Refusal> | undefined)?.problem) return error as Refusal;
  if (throttled.test((error as Error | undefined)?.name ?? "")) return busy();
  return refusal("internal", "It is in our log, under the id in the header x-request-id.");
}
