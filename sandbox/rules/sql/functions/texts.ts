import { createHash } from "node:crypto";
import { type Json, toNumber, toText, UNDEFINED } from "../values";
import { type Functions, ofTexts, type SqlFunction } from "./function";

function hash(algorithm: string): SqlFunction {
  return ofTexts(1, (text) => createHash(algorithm).update(text, "utf8").digest("hex"));
}

/** `count` spaces before or behind; outside of 0 to 1000 the nearest of the two counts. */
function pad(join: (text: string, spaces: string) => string): SqlFunction {
  return {
    arity: [2, 2],
    call: ([value, count]) => {
      const text = toText(value!);
      const spaces = Math.floor(toNumber(count!));
      if (text === UNDEFINED || Number.isNaN(spaces)) return UNDEFINED;
      return join(text, " ".repeat(Math.min(1000, Math.max(0, spaces))));
    },
  };
}

const substring: SqlFunction = {
  arity: [2, 3],
  call: ([value, from, to]) => {
    const text = toText(value!);
    const start = Math.trunc(toNumber(from!));
    const end = to === undefined ? Number.POSITIVE_INFINITY : Math.trunc(toNumber(to));
    if (text === UNDEFINED || Number.isNaN(start) || Number.isNaN(end)) return UNDEFINED;
    // slice(), for substring() would swap a start behind the end.
    return text.slice(Math.max(0, start), Math.max(0, end));
  },
};

const concat: SqlFunction = {
  arity: [1, Number.POSITIVE_INFINITY],
  call: (args) => {
    if (args.length === 1) return args[0]!;
    if (args.includes(UNDEFINED)) return UNDEFINED;
    if (args.some((arg) => Array.isArray(arg))) return (args as Json[]).flat() as Json[];
    if (!args.some((arg) => typeof arg === "string")) return UNDEFINED;
    const texts = args.map(toText);
    return texts.includes(UNDEFINED) ? UNDEFINED : texts.join("");
  },
};

const chr: SqlFunction = {
  arity: [1, 1],
  call: ([code]) => {
    const ascii = Math.floor(toNumber(code!));
    return ascii >= 0 && ascii < 128 ? String.fromCharCode(ascii) : UNDEFINED;
  },
};

export const textFunctions: Functions = {
  lower: ofTexts(1, (text) => text.toLowerCase()),
  upper: ofTexts(1, (text) => text.toUpperCase()),
  trim: ofTexts(1, (text) => text.replace(/^[ \t]+|[ \t]+$/g, "")),
  ltrim: ofTexts(1, (text) => text.replace(/^[ \t]+/, "")),
  rtrim: ofTexts(1, (text) => text.replace(/[ \t]+$/, "")),
  length: ofTexts(1, (text) => text.length),
  numbytes: ofTexts(1, (text) => Buffer.byteLength(text, "utf8")),
  startswith: ofTexts(2, (text, start) => text.startsWith(start)),
  endswith: ofTexts(2, (text, end) => text.endsWith(end)),
  indexof: ofTexts(2, (text, part) => text.indexOf(part)),
  replace: ofTexts(3, (text, part, by) => (part === "" ? text : text.replaceAll(part, () => by))),
  lpad: pad((text, spaces) => spaces + text),
  rpad: pad((text, spaces) => text + spaces),
  substring,
  concat,
  chr,
  md5: hash("md5"),
  sha1: hash("sha1"),
  sha224: hash("sha224"),
  sha256: hash("sha256"),
  sha384: hash("sha384"),
  sha512: hash("sha512"),
};
