import { malformed, refusal, type Wrong } from "./problem";

/** Any JSON object. */
export type JsonObject = { [key: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The object that a text of JSON is. Nothing in it is changed by reading it: a number that JavaScript can't hold is refused
 * (it would arrive as another one), and so are keys that reach an object's prototype.
 * @throws a refusal that says what is wrong, and where
 */
export function objectOf(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed({ path: "body", reason: "is not JSON" });
  }
  if (!isObject(value)) throw malformed({ path: "body", reason: "must be a JSON object" });
  // What is deeper than any body of this API is not walked, which would take a stack as deep.
  if (depthOf(value, 32) > 32) throw malformed({ path: "body", reason: "has more than 32 levels" });
  const number = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
  const lost = [...text.matchAll(number)].map(([token]) => token).find(isLost);
  if (lost !== undefined) {
    throw malformed({
      path: "body",
      reason: `has the number ${lost.slice(0, 40)}, which is beyond what a double holds exactly; send it as a text`,
    });
  }
  const bad = find(value, "", (key) => (/^(__proto__|constructor|prototype)$/.test(key) ? "is not a key to use" : ""));
  if (bad) throw malformed(bad);
  return value;
}

/** Whether a number of JSON is another one in JavaScript: too large, too small, or a whole one beyond 2^53 - 1. */
function isLost(token: string): boolean {
  if (token.startsWith('"')) return false;
  const value = Number(token);
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) return true;
  return value === 0 && /[1-9]/.test(token.split(/e/i)[0] as string);
}

/** The first key or value that something is wrong with. */
function find(value: unknown, path: string, wrong: (key: string, value: unknown) => string): Wrong | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const at = path ? `${path}.${key}` : key;
    const reason = wrong(key, inner);
    const found = reason ? { path: at.slice(0, 200), reason } : find(inner, at, wrong);
    if (found) return found;
  }
  return undefined;
}

/** AWS IoT's limits on a shadow: levels of objects and arrays in `desired`, itself one, and bytes of its JSON. */
export const shadowLimits = { depth: 6, bytes: 8192 };

/**
 * What a caller desires: the change of a shadow's `desired` state, as AWS IoT merges it (null takes a property away).
 * @throws a refusal for what AWS IoT would refuse, before it is asked
 */
export function desiredOf(body: JsonObject): JsonObject {
  const others = Object.keys(body).filter((key) => key !== "desired");
  if (others.length > 0) throw malformed(...others.map((path) => ({ path, reason: "is not known; there is desired" })));
  const { desired } = body;
  if (!isObject(desired)) throw malformed({ path: "desired", reason: "must be an object" });
  if (depthOf(desired, shadowLimits.depth) > shadowLimits.depth) {
    throw malformed({ path: "desired", reason: `has more than ${shadowLimits.depth} levels` });
  }
  const bytes = Buffer.byteLength(JSON.stringify(desired));
  if (bytes > shadowLimits.bytes) {
    throw refusal("body-too-large", `desired has ${bytes} bytes; a shadow takes ${shadowLimits.bytes}.`);
  }
  const wrong = find(desired, "desired", (_, value) =>
    Array.isArray(value) && value.includes(null) ? "is a list with null in it, which a shadow does not take" : "",
  );
  if (wrong) throw malformed(wrong);
  return desired;
}

/** How many levels a value has; no further than one beyond the limit, so that nothing deep is walked. */
function depthOf(value: unknown, limit: number): number {
  if (typeof value !== "object" || value === null) return 0;
  if (limit === 0) return 1;
  return 1 + Math.max(0, ...Object.values(value).map((inner) => depthOf(inner, limit - 1)));
}
