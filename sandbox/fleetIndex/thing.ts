/** A thing as MiniStack has it: what the index is made of. */
export interface Thing {
  readonly thingName: string;
  readonly thingId?: string;
  readonly thingTypeName?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly thingGroupNames: readonly string[];
  /** The states of its shadows by name, the classic one's name is empty; those that there are. */
  readonly shadows: ReadonlyMap<string, ShadowState>;
  readonly connectivity?: Connectivity;
}

export interface ShadowState {
  readonly desired?: JsonObject;
  readonly reported?: JsonObject;
}

export interface Connectivity {
  readonly connected: boolean;
  /** Of the last connect or disconnect, in milliseconds. */
  readonly timestamp?: number;
  readonly disconnectReason?: string;
}

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** The name of the classic shadow among `Thing.shadows`. */
export const CLASSIC = "";

/** Whatever of desired is not so in reported, as AWS tells it; undefined when nothing is. */
export function deltaOf({ desired, reported }: ShadowState): JsonObject | undefined {
  return desired && difference(desired, reported ?? {});
}

function difference(desired: JsonObject, reported: JsonObject): JsonObject | undefined {
  const entries = Object.entries(desired).flatMap(([key, wanted]) => {
    const actual = reported[key];
    if (isObject(wanted) && isObject(actual)) {
      const inside = difference(wanted, actual);
      return inside ? [[key, inside] as const] : [];
    }
    return sameJson(wanted, actual) ? [] : [[key, wanted] as const];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => sameJson(item, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => sameJson(one[key], other[key]));
}
