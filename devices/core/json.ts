import { InvalidMessage } from "../errors";

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Far more than AWS takes in a shadow; it is there to end. */
const maximumDepth = 100;

/**
 * Refuses what JSON cannot say. JavaScript would turn it into something else without a word: `NaN` becomes null, which a
 * shadow takes as "delete this key", and an `undefined` key is left out.
 *
 * @throws InvalidMessage naming the path.
 */
export function checkJson(value: unknown, path: string, depth = 0): asserts value is JsonValue {
  if (depth > maximumDepth) {
    throw new InvalidMessage(
      `${path.slice(0, 40)}... goes on for more than ${maximumDepth} levels, or contains itself.`,
    );
  }
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new InvalidMessage(
      `${path} is ${value}; JSON has no such number. Leave the key out, or send null to delete it.`,
    );
  }
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkJson(item, `${path}[${index}]`, depth + 1);
    return;
  }
  const prototype = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== Object.prototype && prototype !== null) {
    const kind = typeof value === "object" ? (value.constructor?.name ?? "an object") : typeof value;
    throw new InvalidMessage(`${path} is ${kind === "undefined" ? kind : `a ${kind}`}; it has to be plain JSON.`);
  }
  for (const [key, item] of Object.entries(value as object)) checkJson(item, `${path}.${key}`, depth + 1);
}

/** Whether two JSON values say the same; the order of keys does not count, that of list items does. */
export function sameJson(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => sameJson(item, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]))
  );
}
