import { InvalidMessage, ShadowRejected } from "../errors";
import { checkJson, isObject, type JsonObject, type JsonValue } from "./json";

/** AWS's default quota for a shadow's state, in bytes: https://docs.aws.amazon.com/general/latest/gr/iot-core.html */
export const maximumStateBytes = 8192;

/**
 * Refuses a patch of the reported state that the shadow service could never accept, before it is sent or queued.
 *
 * @throws InvalidMessage when it is not a JSON object, or has a null in a list, which shadows do not store.
 * @throws ShadowRejected 413, as AWS would answer, when the patch alone is over the limit.
 */
export function checkReportedPatch(patch: unknown): asserts patch is JsonObject {
  if (!isObject(patch)) throw new InvalidMessage("A report is an object of what changed, e.g. { temperature: 21 }.");
  checkJson(patch, "reported");
  refuseNullInLists(patch, "reported");
  const bytes = Buffer.byteLength(JSON.stringify(patch));
  if (bytes > maximumStateBytes) {
    throw new ShadowRejected(
      413,
      `The payload exceeds the maximum size allowed: the report has ${bytes} bytes, a shadow holds ${maximumStateBytes}. ` +
        "Report only what an app shows or controls; measurements go to the telemetry topic.",
    );
  }
}

function refuseNullInLists(value: JsonValue, path: string): void {
  if (Array.isArray(value)) {
    if (value.includes(null)) throw new InvalidMessage(`${path} is a list with a null in it; shadows refuse that.`);
    for (const [index, item] of value.entries()) refuseNullInLists(item, `${path}[${index}]`);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) refuseNullInLists(item, `${path}.${key}`);
  }
}

/**
 * Two patches, one after the other, as one: objects are merged, all else is replaced, and a null stays, because it deletes
 * the key in the shadow.
 *
 * @returns `undefined` when no patch says the same: a value that is replaced by an object. Alone, the object would be merged
 *   into whatever the shadow has there.
 */
export function mergePatches(older: JsonObject, newer: JsonObject): JsonObject | undefined {
  const merged: Record<string, JsonValue> = { ...older };
  for (const [key, value] of Object.entries(newer)) {
    const before = Object.hasOwn(older, key) ? older[key] : undefined;
    if (before === undefined || !isObject(value)) {
      merged[key] = value;
    } else {
      const both = isObject(before) ? mergePatches(before, value) : undefined;
      if (both === undefined) return undefined;
      merged[key] = both;
    }
  }
  return merged;
}
