import type { Json, JsonObject } from "../api/types";

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, at) => sameJson(item, other[at]));
  }
  if (isObject(one) && isObject(other)) {
    const keys = Object.keys(one);
    return (
      keys.length === Object.keys(other).length &&
      keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]))
    );
  }
  return one === other;
}

/** The path of each leaf with its value; lists and empty objects are leaves, as AWS IoT compares lists as a whole. */
export function leaves(value: JsonObject, path: readonly string[] = []): [path: readonly string[], value: Json][] {
  return Object.entries(value).flatMap(([key, child]): [readonly string[], Json][] => {
    const at = [...path, key];
    return isObject(child) && Object.keys(child).length > 0 ? leaves(child, at) : [[at, child]];
  });
}

/** What is at a path; undefined when nothing is. */
export function valueAt(value: JsonObject, path: readonly string[]): Json | undefined {
  let found: Json | undefined = value;
  for (const key of path) {
    if (!isObject(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}
