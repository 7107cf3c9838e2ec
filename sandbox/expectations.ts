import type { parser } from "peggy";

/** What a grammar of peggy expected, in words for its error. */
export function describeExpectation(expectation: parser.Expectation): string {
  if (expectation.type === "other") return expectation.description;
  if (expectation.type === "literal") return `"${expectation.text}"`;
  return expectation.type === "end" ? "the end" : "a character";
}

/** `a, b or c`. */
export function listOf(names: readonly string[]): string {
  const last = names.at(-1);
  return names.length <= 1 ? `${last}` : `${names.slice(0, -1).join(", ")} or ${last}`;
}
