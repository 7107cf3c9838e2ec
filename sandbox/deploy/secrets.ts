import { runtime } from "@pulumi/pulumi";
import type { Properties } from "./handler";

/** A value that Pulumi's wire marks as secret. */
export const isSecret = (value: unknown): value is { value: unknown } =>
  typeof value === "object" &&
  value !== null &&
  (value as Properties)[runtime.specialSigKey] === runtime.specialSecretSig;

/** The properties that are secret, or hold something secret. */
export function secretKeys(properties: Properties): string[] {
  return Object.keys(properties).filter((key) => holdsSecret(properties[key]));
}

function holdsSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  return isData(value) && Object.values(value).some(holdsSecret);
}

/** The values themselves, without the wrapping that marks secrets on Pulumi's wire. */
export function unwrap(value: unknown): unknown {
  if (isSecret(value)) return unwrap(value.value);
  if (Array.isArray(value)) return value.map(unwrap);
  if (!isData(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrap(inner)]));
}

function isData(value: unknown): value is object {
  return (
    typeof value === "object" &&
    value !== null &&
    (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)
  );
}
