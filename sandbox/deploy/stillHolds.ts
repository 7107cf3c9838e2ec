import { isDeepStrictEqual } from "node:util";
import type { Properties } from "./handler";

/** Properties whose keys are the program's own: one more is a change. Elsewhere AWS fills in what was left out. */
const maps = new Set(["attributes", "dimensions", "metadata", "tags", "variables", "additionalVersionWeights"]);

/**
 * Whether what the program said still holds in what AWS says: JSON may be written otherwise, lists may be in another
 * order, and settings that were left out may have their defaults.
 */
export function stillHolds(said: unknown, found: unknown, property = ""): boolean {
  if (isDeepStrictEqual(said, found)) return true;
  if (found === undefined || found === null) return isNothing(said);
  if (typeof found === "string") {
    const [left, right] = [typeof said === "string" ? parseJson(said) : said, parseJson(found)];
    return typeof left === "object" && right !== undefined && isDeepStrictEqual(left, right);
  }
  if (Array.isArray(said) && Array.isArray(found)) {
    const left = [...found];
    return (
      said.length === found.length &&
      said.every((one) => {
        const at = left.findIndex((other) => stillHolds(one, other));
        if (at >= 0) left.splice(at, 1);
        return at >= 0;
      })
    );
  }
  if (!isObject(said) || !isObject(found)) return false;
  if (maps.has(property) && Object.keys(said).length !== Object.keys(found).length) return false;
  return Object.entries(said).every(([key, value]) => stillHolds(value, found[key], key));
}

/** What AWS leaves out, rather than saying it. */
const isNothing = (said: unknown) =>
  said === undefined ||
  said === null ||
  said === "" ||
  said === false ||
  said === 0 ||
  (typeof said === "object" && Object.values(said).every((inner) => inner === undefined || inner === null));

const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function parseJson(text: string): object | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
