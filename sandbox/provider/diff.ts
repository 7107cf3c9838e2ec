import type { Properties } from "../deploy/handler";
import { stillHolds } from "../deploy/stillHolds";
import { assetHash, isUnknown } from "./wire";

/** One difference between the inputs of a resource and those the program has for it now. */
export interface PropertyChange {
  /** As Pulumi writes paths: `environment.variables.MODE`, `rules[0].id`, `tags["a.b"]`. */
  readonly path: string;
  /** The input it is in. */
  readonly property: string;
  readonly kind: "add" | "delete" | "update";
}

/** Inputs that Pulumi's own bookkeeping adds. */
const bookkeeping = /^__/;

/** Every difference, down to single values. */
export function diffInputs(olds: Properties, news: Properties): PropertyChange[] {
  const properties = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...properties]
    .filter((property) => !bookkeeping.test(property))
    .flatMap((property) => diff(olds[property], news[property], property).map((change) => ({ ...change, property })));
}

function diff(old: unknown, now: unknown, path: string): Omit<PropertyChange, "property">[] {
  if (isNothing(old) && isNothing(now)) return [];
  if (isNothing(old)) return [{ path, kind: "add" }];
  if (isNothing(now)) return [{ path, kind: "delete" }];
  if (isUnknown(now)) return [{ path, kind: "update" }];
  const [oldHash, newHash] = [assetHash(old), assetHash(now)];
  if (oldHash !== undefined && newHash !== undefined) return oldHash === newHash ? [] : [{ path, kind: "update" }];
  if (Array.isArray(old) && Array.isArray(now)) {
    const length = Math.max(old.length, now.length);
    return Array.from({ length }).flatMap((_, index) => diff(old[index], now[index], `${path}[${index}]`));
  }
  if (isRecord(old) && isRecord(now)) {
    const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
    return [...keys].flatMap((key) => diff(old[key], now[key], `${path}${step(key)}`));
  }
  // JSON that is only written otherwise is the same.
  return stillHolds(now, old) ? [] : [{ path, kind: "update" }];
}

const step = (key: string) => (/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);

const isNothing = (value: unknown) => value === undefined || value === null;

function isRecord(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
