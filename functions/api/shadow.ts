import { createHash } from "node:crypto";
import { isObject, type JsonObject } from "./json";
import { malformed } from "./problem";

/** A shadow as AWS IoT gives it. */
export interface ShadowDocument {
  readonly state?: { readonly desired?: JsonObject; readonly reported?: JsonObject };
  readonly metadata?: JsonObject;
  /** 0 while there is none. */
  readonly version: number;
  /** Seconds since 1970. */
  readonly timestamp?: number;
}

export const noShadow: ShadowDocument = { version: 0 };

/** What is desired and not reported, as AWS IoT computes it; what only the device reports is no difference. */
export function deltaOf(desired: JsonObject, reported: JsonObject): JsonObject {
  const different = Object.entries(desired).flatMap(([key, value]): [string, unknown][] => {
    const has = Object.hasOwn(reported, key) ? reported[key] : undefined;
    if (isObject(value) && isObject(has)) {
      const inner = deltaOf(value, has);
      return Object.keys(inner).length > 0 ? [[key, inner]] : [];
    }
    return canonical(value) === canonical(has) ? [] : [[key, value]];
  });
  return Object.fromEntries(different);
}

/** The same text for the same value, whatever the order of its keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "";
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
}

/** Which state of a shadow a caller has seen: a version and, where it is told, what was desired then. */
export interface Seen {
  readonly version: number;
  readonly desired?: string;
}

/** A short name for what is desired. */
export function fingerprint(desired: JsonObject = {}): string {
  return createHash("sha256").update(canonical(desired)).digest("hex").slice(0, 16);
}

/** The ETag of a shadow: `"<version>-<fingerprint of desired>"`. */
export function etagOf({ version, state }: ShadowDocument): string {
  return `"${version}-${fingerprint(state?.desired)}"`;
}

/** What an If-Match header asks for; undefined for none and for `*`. @throws a refusal for what is no ETag of ours */
export function seenOf(ifMatch: string | undefined): Seen | undefined {
  if (ifMatch === undefined || ifMatch === "*") return undefined;
  const [, version, desired] = /^"?(\d{1,15})(?:-([0-9a-f]{16}))?"?$/.exec(ifMatch) ?? [];
  if (version === undefined) {
    throw malformed({ path: "If-Match", reason: 'must be an ETag that this API gave, or a version in quotes: "17"' });
  }
  return { version: Number(version), desired };
}
