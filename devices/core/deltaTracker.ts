import { isObject, type JsonObject, type JsonValue, sameJson } from "./json";

/** A difference between what is desired and what is reported, as the shadow service tells it. */
export interface Delta {
  readonly version: number;
  /** What is desired and not reported. */
  readonly state: JsonObject;
  /** When each of these values was desired: a tree like `state` with `{ timestamp }` at its leaves. */
  readonly metadata: JsonObject;
}

interface Leaf {
  readonly value: JsonValue;
  readonly desiredAt: JsonValue | undefined;
}

/**
 * Decides which deltas are news.
 *
 * The shadow service repeats a difference with every accepted report for as long as it lasts. A device that cannot do all
 * that is desired (it is asked for 100 degrees and stops at 80) would act, report, be told again, act, report, for ever. So
 * a wish is acted on once; it is news again when it was wished again, or when it had been fulfilled in between.
 */
export class DeltaTracker {
  private seenVersion = 0;
  private readonly acted = new Map<string, Leaf>();

  /**
   * Whether the device should act on this delta. Older ones, and ones that only repeat, are not news.
   *
   * @param authoritative for an answer to `get`: if the version went back, the shadow was deleted and began anew.
   */
  isNews(delta: Delta, authoritative = false): boolean {
    if (authoritative && delta.version < this.seenVersion) this.acted.clear();
    else if (delta.version <= this.seenVersion) return false;
    this.seenVersion = delta.version;
    return leavesOf(delta).some(([path, leaf]) => {
      const before = this.acted.get(path);
      return !before || !sameJson(before.value, leaf.value) || !sameJson(before.desiredAt, leaf.desiredAt);
    });
  }

  /** The device acted on it, whether it reached what is desired or not. */
  actedOn(delta: Delta): void {
    this.acted.clear();
    for (const [path, leaf] of leavesOf(delta)) this.acted.set(path, leaf);
  }

  /** The device could not act on it, so it stays news: the same version may come again. */
  failedOn(delta: Delta): void {
    if (this.seenVersion === delta.version) this.seenVersion = delta.version - 1;
  }

  /** A report was accepted: what it fulfils is a wish no more. */
  reported(patch: JsonObject): void {
    for (const [path, { value }] of this.acted) {
      if (sameJson(valueAt(patch, JSON.parse(path)), value)) this.acted.delete(path);
    }
  }
}

/** The metadata of a delta, from a whole shadow document, where AWS does not always give it. */
export function metadataOf(delta: JsonObject, desired: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(delta).flatMap(([key, value]) => {
      const metadata = Object.hasOwn(desired, key) ? desired[key] : undefined;
      if (metadata === undefined) return [];
      return [[key, isObject(value) && isObject(metadata) ? metadataOf(value, metadata) : metadata]];
    }),
  );
}

function leavesOf({ state, metadata }: Delta): [path: string, leaf: Leaf][] {
  const leaves: [string, Leaf][] = [];
  const walk = (value: JsonValue, desiredAt: JsonValue | undefined, path: readonly string[]) => {
    const keys = isObject(value) ? Object.keys(value) : [];
    if (!isObject(value) || keys.length === 0) {
      leaves.push([JSON.stringify(path), { value, desiredAt }]);
      return;
    }
    for (const key of keys) {
      walk(value[key] as JsonValue, isObject(desiredAt) ? desiredAt[key] : undefined, [...path, key]);
    }
  };
  walk(state, metadata, []);
  return leaves;
}

function valueAt(value: JsonValue, path: readonly string[]): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const key of path) current = isObject(current) && Object.hasOwn(current, key) ? current[key] : undefined;
  return current;
}
