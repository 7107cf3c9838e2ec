import { textOf, type Value } from "./ast";

/** AWS takes a text for a number exactly when it is a number in JSON: "1.10" is 1.1, and "1.2.3", "v2" and "007" are text. */
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The number that an indexed text is, or undefined. */
export function numberOf(text: string | boolean): number | undefined {
  return typeof text === "string" && JSON_NUMBER.test(text) ? Number(text) : undefined;
}

/** Whether a value of a query is compared as a number. In quotes it is text. */
export function isNumber(value: Value): boolean {
  const text = textOf(value);
  return !value.quoted && text !== undefined && numberOf(text) !== undefined;
}

/** Search knows no difference of case, and words are what white space separates. */
export function normalize(text: string): string {
  const lower = text.toLowerCase();
  return /\s/.test(lower) ? lower.trim().replace(/\s+/g, " ") : lower;
}
