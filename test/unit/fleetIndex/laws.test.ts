import { expect } from "chai";
import fc from "fast-check";
import type { Query, Value } from "../../../sandbox/fleetIndex/query/ast";
import { compileQuery } from "../../../sandbox/fleetIndex/query/compile";
import { parseQuery, QueryError } from "../../../sandbox/fleetIndex/query/parse";
import { print } from "./print";
import { matches, thing } from "./queryHelp";

const location = { start: { offset: 0 } };
const FIELDS = ["attributes.a", "attributes.b", "shadow.reported.x"];

const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0.5, 1e21, -1.5)).map(String);
const text = fc.oneof(
  number,
  fc.constantFrom("a", "ab", "B", "NOT", "1.2.3", "x:y", "a b", "*", "\\", '"', "ö"),
  fc.string({ minLength: 1 }),
);
const word = text.filter((one) => one.trim() === one && one.length > 0);

const field = fc.constantFrom(...FIELDS).map((name) => ({ name, location }));
const plain = word.map((one): Value => ({ parts: [one], quoted: false, location }));
const phrase = text.filter((one) => one.trim() !== "").map((one): Value => ({ parts: [one], quoted: true, location }));
const numeric = number.map((one): Value => ({ parts: [one], quoted: false, location }));
const pattern = word.map((one): Value => ({ parts: [one, { wildcard: "*" }], quoted: false, location }));
const value = fc.oneof(plain, phrase, numeric, pattern);

const range = fc.oneof(fc.tuple(numeric, numeric), fc.tuple(phrase, phrase)).chain(([low, high]) =>
  fc.record({ field, lowInclusive: fc.boolean(), highInclusive: fc.boolean() }).map(
    (more): Query => ({
      type: "range",
      field: more.field,
      low: { value: low, inclusive: more.lowInclusive },
      high: { value: high, inclusive: more.highInclusive },
    }),
  ),
);

const { query } = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ type: fc.constant("term" as const), field: fc.option(field, { nil: undefined }), value }),
    range,
    fc.record({ type: fc.constant("not" as const), operand: tie("query") }),
    fc.record({
      type: fc.constantFrom("and" as const, "or" as const),
      operands: fc.array(tie("query"), { minLength: 2, maxLength: 3 }),
    }),
  ),
}));

const plainValue = fc.oneof(number, number.map(Number), fc.boolean(), text, fc.array(fc.oneof(number, text)));
const things = fc.record({ a: fc.option(text), b: fc.option(text), x: fc.option(plainValue) }).map(({ a, b, x }) =>
  thing({
    attributes: { ...(a !== null && { a }), ...(b !== null && { b }) },
    shadow: { reported: { ...(x !== null && { x }) } },
  }),
);

/** Without what only says where something stands. */
const shape = (tree: Query) => JSON.parse(JSON.stringify(tree, (key, one) => (key === "location" ? undefined : one)));

/** What no query keeps: more than twelve terms, groups within groups of the same kind. */
const printable = query.filter((tree) => {
  try {
    return parseQuery(print(tree)) !== undefined;
  } catch (error) {
    if (error instanceof QueryError && /at most/.test(error.reason)) return false;
    throw error;
  }
});

describe("laws of fleet queries", () => {
  const not = (operand: Query): Query => ({ type: "not", operand });

  it("a tree that is printed and parsed is the same tree", () => {
    fc.assert(
      fc.property(printable, (tree) => {
        expect(shape(parseQuery(print(tree)))).to.deep.equal(shape(tree));
      }),
    );
  });

  it("NOT NOT x is x", () => {
    fc.assert(
      fc.property(query, things, (tree, one) => {
        expect(compileQuery(not(not(tree)))(one)).to.equal(compileQuery(tree)(one));
      }),
    );
  });

  it("De Morgan: NOT (a AND b) is NOT a OR NOT b, and the other way round", () => {
    fc.assert(
      fc.property(query, query, things, (a, b, one) => {
        for (const [type, other] of [["and", "or"] as const, ["or", "and"] as const]) {
          const left = compileQuery(not({ type, operands: [a, b] }));
          const right = compileQuery({ type: other, operands: [not(a), not(b)] });
          expect(left(one)).to.equal(right(one));
        }
      }),
    );
  });

  it("a range is its two comparisons, where a field has one value", () => {
    const single = fc.oneof(text, number).map((a) => thing({ attributes: { a } }));
    const ends = fc.oneof(
      fc.tuple(number, number),
      fc.tuple(word, word).map(([low, high]) => [JSON.stringify(low), JSON.stringify(high)] as [string, string]),
    );
    fc.assert(
      fc.property(ends, fc.boolean(), fc.boolean(), single, ([low, high], lowIn, highIn, one) => {
        const asRange = `attributes.a:${lowIn ? "[" : "{"}${low} TO ${high}${highIn ? "]" : "}"}`;
        const asComparisons = `attributes.a>${lowIn ? "=" : ""}${low} attributes.a<${highIn ? "=" : ""}${high}`;
        expect(matches(asRange, one)).to.equal(matches(asComparisons, one));
      }),
    );
  });

  it("a number is below, at or above another, and exactly one of them", () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const one = thing({ attributes: { a } });
        const found = ["<", ":", ">"].filter((operator) => matches(`attributes.a${operator}${b}`, one));
        expect(found).to.have.length(1);
      }),
    );
  });

  it("case of values makes no difference", () => {
    const letters = fc.stringMatching(/^[a-zA-Z]{1,5}$/).filter((one) => !/^(AND|OR|NOT|TO)$/i.test(one));
    fc.assert(
      fc.property(letters, letters, (a, b) => {
        const [one, other] = [thing({ attributes: { a } }), thing({ attributes: { a: a.toUpperCase() } })];
        expect(matches(`attributes.a:${b.toLowerCase()}`, one)).to.equal(matches(`attributes.a:${b}`, other));
      }),
    );
  });

  it("whatever the text, it is a query or a QueryError with a place in it", () => {
    const pieces = fc.constantFrom(
      "a",
      ":",
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      " TO ",
      " AND ",
      " OR ",
      "NOT ",
      "-",
      "<",
      ">=",
      '"',
      "\\",
      "*",
      "?",
      "1",
      " ",
      "@",
      "=",
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 25 }).map((list) => list.join("")),
    );
    fc.assert(
      fc.property(texts, (queryString) => {
        try {
          parseQuery(queryString);
        } catch (error) {
          expect(error).to.be.instanceOf(QueryError);
          expect((error as QueryError).position).to.be.within(1, queryString.length + 1);
        }
      }),
      { numRuns: 500 },
    );
  });
});
