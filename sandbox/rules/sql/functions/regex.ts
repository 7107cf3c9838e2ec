import { UNDEFINED } from "../values";
import { type Functions, ofTexts } from "./function";

/**
 * AWS matches as Java does. What people write is the same in JavaScript, but for a leading `(?i)`; what is left
 * (possessive quantifiers, `\p{Alpha}`, ...) fails to compile here and is Undefined.
 */
function compile(pattern: string): RegExp | typeof UNDEFINED {
  const ignoreCase = pattern.startsWith("(?i)");
  try {
    return new RegExp(ignoreCase ? pattern.slice(4) : pattern, ignoreCase ? "i" : "");
  } catch {
    return UNDEFINED;
  }
}

// A rule has few patterns and many messages; a pattern out of a payload must not fill the memory.
const MOST_KEPT = 500;
const kept = new Map<string, RegExp | typeof UNDEFINED>();

function regex(pattern: string): RegExp | typeof UNDEFINED {
  let found = kept.get(pattern);
  if (found === undefined) {
    if (kept.size >= MOST_KEPT) kept.clear();
    found = compile(pattern);
    kept.set(pattern, found);
  }
  return found;
}

/** `$1` of Java's replacement text; `$&` and its like mean nothing there. `match` is what replace() calls back with. */
function expand(replacement: string, match: readonly unknown[]): string {
  const groups = match.slice(
    0,
    match.findIndex((part) => typeof part === "number"),
  );
  return replacement.replace(/\$(\d)/g, (_, digit: string) => String(groups[Number(digit)] ?? ""));
}

export const regexFunctions: Functions = {
  /** Whether the pattern is found anywhere in the text. */
  regexp_matches: ofTexts(2, (text, pattern) => {
    const found = regex(pattern);
    return found === UNDEFINED ? UNDEFINED : found.test(text);
  }),
  regexp_substr: ofTexts(2, (text, pattern) => {
    const found = regex(pattern);
    return found === UNDEFINED ? UNDEFINED : (found.exec(text)?.[0] ?? UNDEFINED);
  }),
  regexp_replace: ofTexts(3, (text, pattern, replacement) => {
    const found = regex(pattern);
    if (found === UNDEFINED) return UNDEFINED;
    return text.replace(new RegExp(found, `g${found.flags}`), (...match) => expand(replacement, match));
  }),
};
