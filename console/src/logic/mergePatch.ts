import type { Json, JsonObject } from "../api/types";
import { isObject, leaves, sameJson, valueAt } from "./json";

/** The JSON merge patch (RFC 7396) that makes `after` of `before`: what is gone becomes null, what is the same is left out. */
export function mergePatch(before: JsonObject, after: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (sameJson(old, value)) continue;
    patch[key] = isObject(old) && isObject(value) ? mergePatch(old, value) : value;
  }
  return patch;
}

/** A document with a merge patch applied. */
export function applyPatch(document: JsonObject, patch: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...document };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (isObject(value)) result[key] = applyPatch(isObject(result[key]) ? result[key] : {}, value);
    else result[key] = value;
  }
  return result;
}

/** One change of a patch, for people: `setpoint: 3 → 4`. */
export interface Change {
  readonly path: string;
  readonly before?: Json;
  /** undefined: removed */
  readonly after?: Json;
}

export function changesOf(before: JsonObject, patch: JsonObject): Change[] {
  return leaves(patch).map(([path, value]) => ({
    path: path.join("."),
    before: valueAt(before, path),
    after: value === null ? undefined : value,
  }));
}

/** Properties that both changed, to something different: `theirs` may not be overwritten without asking. */
export function conflicts(base: JsonObject, mine: JsonObject, theirs: JsonObject): string[] {
  const mineChanged = mergePatch(base, mine);
  const theirsChanged = mergePatch(base, theirs);
  return leaves(mineChanged)
    .filter(([path]) => {
      const touched = path.some((_, at) => {
        const value = valueAt(theirsChanged, path.slice(0, at + 1));
        return value !== undefined && (!isObject(value) || at === path.length - 1);
      });
      return touched && !sameJson(valueAt(mine, path), valueAt(theirs, path));
    })
    .map(([path]) => path.join("."));
}
