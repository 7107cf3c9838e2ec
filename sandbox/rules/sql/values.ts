/**
 * AWS IoT SQL's values and how one type becomes another.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-data-types.html
 *
 * A value is what JSON knows, or Undefined. Numbers are doubles here, where AWS has 34 decimal digits; in version
 * 2016-03-23 a whole Decimal such as 10.0 is an Int, so "is it an Int" needs no tag: `Number.isInteger` answers.
 */

/** No value: a missing field, a function called with what it does not take. Not JSON's null, which is a value. */
export const UNDEFINED: unique symbol = Symbol("Undefined");

export type Json = string | number | boolean | null | JsonObject | readonly Json[];
export type JsonObject = { readonly [key: string]: Json };
export type Value = Json | typeof UNDEFINED;

export function isObject(value: Value): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isArray(value: Value): value is readonly Json[] {
  return Array.isArray(value);
}

const NUMBER = /^-?\d+(\.\d+)?(E-?\d+)?$/i;

/** To Decimal, NaN where AWS has Undefined (or Null, which every caller treats alike). Booleans need a cast. */
export function toNumber(value: Value): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && NUMBER.test(value) ? Number(value) : Number.NaN;
}

/** To Int: Decimals go to the nearest, strings lose what stands after the point. NaN where AWS has Undefined. */
export function toInt(value: Value): number {
  return typeof value === "number" ? roundHalfUp(value) : Math.trunc(toNumber(value));
}

/** Halves go away from zero: 1.5 is 2, -1.5 is -2. */
export function roundHalfUp(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}

/** A number as a value: what is not finite has no place in JSON. */
export function numberOrUndefined(value: number): Value {
  return Number.isFinite(value) ? value : UNDEFINED;
}

/** To Boolean: booleans, and the strings "true" and "false" in any case. Numbers need a cast. */
export function toBoolean(value: Value): boolean | typeof UNDEFINED {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string") return UNDEFINED;
  const lower = value.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : UNDEFINED;
}

/** To String: Null and Undefined have none; arrays and objects give compact JSON. */
export function toText(value: Value): string | typeof UNDEFINED {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return numberText(value);
    case "boolean":
      return value ? "true" : "false";
    default:
      return value === UNDEFINED || value === null ? UNDEFINED : JSON.stringify(value);
  }
}

/** Ints in standard notation whatever their size, Decimals as Java writes them (1E-7). */
function numberText(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value).replace("e", "E");
}

/** `a = b`: no conversion, so different types are unequal; arrays in order, objects whatever their order. */
export function equal(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i] as Json))
    );
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal((a as JsonObject)[key]!, (b as JsonObject)[key]!))
  );
}

/** Sets a key that a device or a rule chose: `__proto__` too is only a key. */
export function setKey(target: Record<string, Json>, key: string, value: Json): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

/** Sets all keys of an object, as setKey does. */
export function setKeys(target: Record<string, Json>, from: JsonObject): void {
  if (Object.hasOwn(from, "__proto__")) for (const key of Object.keys(from)) setKey(target, key, from[key]!);
  else Object.assign(target, from);
}

/** Reads one key as often as a message comes by, so it is made once. Arrays and strings have no keys. */
export function keyReader(key: string): (value: Value) => Value {
  // JSON holds no `undefined`, so a missing key shows as one; only names that every object inherits need a closer look.
  const inherited = key in Object.prototype;
  return (value) => {
    if (!isObject(value) || (inherited && !Object.hasOwn(value, key))) return UNDEFINED;
    const found = value[key];
    return found === undefined ? UNDEFINED : found;
  };
}
