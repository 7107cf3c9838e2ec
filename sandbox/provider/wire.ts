import { asset, runtime } from "@pulumi/pulumi";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "../deploy/handler";

/** Where in the properties something is: `["environment", "variables", "TOKEN"]`. */
export type Path = readonly (string | number)[];

/** Properties as they came over the wire: values plain, and where they were secret. */
export interface Decoded {
  /** Unknown values are `runtime.unknownValue`; assets are as they came, see `openAssets`. */
  readonly values: Properties;
  readonly secrets: readonly Path[];
}

type Tagged = Properties & { readonly value?: unknown };

const signature = (value: unknown) => (isRecord(value) ? value[runtime.specialSigKey] : undefined);

export const isUnknown = (value: unknown): boolean => value === runtime.unknownValue;

/** Whether anything in a value is not known before the update has run. */
export function holdsUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsUnknown);
}

/** The hash of an asset or archive as the engine sends it; undefined for other values. */
export function assetHash(value: unknown): string | undefined {
  return isAsset(value) ? String((value as Properties).hash ?? "") : undefined;
}

const isAsset = (value: unknown) =>
  signature(value) === runtime.specialAssetSig || signature(value) === runtime.specialArchiveSig;

/** Takes properties off the wire. */
export function decode(struct: Struct | undefined): Decoded {
  const secrets: Path[] = [];
  const plain = (value: unknown, path: Path): unknown => {
    if (signature(value) === runtime.specialSecretSig) {
      secrets.push(path);
      return plain((value as Tagged).value, path);
    }
    if (isAsset(value)) return value;
    if (Array.isArray(value)) return value.map((inner, index) => plain(inner, [...path, index]));
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner, [...path, key])]));
  };
  return { values: plain(struct?.toJavaScript() ?? {}, []) as Properties, secrets };
}

/**
 * Puts properties on the wire. What stands at a secret path goes as a secret; where AWS gave back another shape, the
 * nearest thing around it does.
 */
export function encode(values: Properties, secrets: readonly Path[] = []): Struct {
  const present = secrets.filter(([property]) => property !== undefined && property in values);
  const wrapped = present.reduce<unknown>((all, path) => wrap(all, path), values) as Properties;
  return Struct.fromJavaScript(withoutUndefined(wrapped) as Record<string, JavaScriptValue>);
}

const asSecret = (value: unknown) => ({ [runtime.specialSigKey]: runtime.specialSecretSig, value });

function wrap(value: unknown, path: Path): unknown {
  const [key, ...rest] = path;
  if (signature(value) === runtime.specialSecretSig || value === undefined) return value;
  if (key === undefined) return asSecret(value);
  if (Array.isArray(value) && typeof key === "number" && key < value.length) {
    return value.map((inner, index) => (index === key ? wrap(inner, rest) : inner));
  }
  if (isRecord(value) && key in value) return { ...value, [key]: wrap(value[key], rest) };
  return asSecret(value);
}

/**
 * The assets and archives among properties as objects that can be read, in place of what the engine sent. Files are named
 * relative to the program.
 */
export function openAssets(values: Properties): Properties {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, isAsset(value) ? opened(value) : value]),
  );
}

/** Outputs with the assets of the inputs as the engine knows them. */
export function closeAssets(outputs: Properties, inputs: Properties): Properties {
  const entries = Object.entries(outputs).map(([key, value]) => [key, isAsset(inputs[key]) ? inputs[key] : value]);
  return Object.fromEntries(entries);
}

function opened(value: unknown): unknown {
  const { assets, path, text, uri } = value as { assets?: Properties; path?: string; text?: string; uri?: string };
  if (signature(value) === runtime.specialArchiveSig) {
    if (path) return new asset.FileArchive(path);
    if (uri) return new asset.RemoteArchive(uri);
    const inner = Object.entries(assets ?? {}).map(([name, one]) => [name, opened(one)]);
    return new asset.AssetArchive(Object.fromEntries(inner));
  }
  if (path) return new asset.FileAsset(path);
  if (uri) return new asset.RemoteAsset(uri);
  return new asset.StringAsset(text ?? "");
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((inner) => withoutUndefined(inner) ?? null);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, withoutUndefined(inner)]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
