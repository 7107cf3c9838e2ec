import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as peggy from "peggy";
import { describeExpectation, listOf } from "../../expectations";
import { isAnything, type Location, leavesOf, type Query, type Range, type Term, textOf } from "./ast";
import { isNumber } from "./values";

/** A query that AWS IoT would not take, or that uses a part of the language which is not played here. */
export class QueryError extends Error {
  override readonly name = "QueryError";
  constructor(
    /** What is wrong and what to do, without the place. */
    readonly reason: string,
    /** Of the character at fault, counted from 1. */
    readonly position: number,
    readonly queryString: string,
  ) {
    super(`Unable to parse query, ${reason} (character ${position}), query string: ${queryString}`);
  }

  static at(location: Location, reason: string, queryString: string): QueryError {
    return new QueryError(reason, location.start.offset + 1, queryString);
  }
}

/** https://docs.aws.amazon.com/iot/latest/developerguide/query-syntax.html#query-syntax-limitations */
export const MOST_TERMS = 12;
const MOST_CHARACTERS = 1000;
const MOST_CHARACTERS_WITH_LEADING_WILDCARD = 100;

const parser = peggy.generate(readFileSync(join(__dirname, "grammar.peggy"), "utf8"), {
  // Without it, deeply nested text takes exponential time.
  cache: true,
});

/** @throws QueryError and nothing else, whatever the text. */
export function parseQuery(queryString: string): Query {
  if (queryString.length > MOST_CHARACTERS) {
    const reason = `a query has at most ${MOST_CHARACTERS} characters, this one ${queryString.length}`;
    throw new QueryError(reason, MOST_CHARACTERS + 1, `${queryString.slice(0, 50)}...`);
  }
  const query = syntax(queryString);
  checkLimits(query, queryString);
  return query;
}

function syntax(queryString: string): Query {
  try {
    return parser.parse(queryString) as Query;
  } catch (error) {
    if (error instanceof RangeError) throw new QueryError("nested too deeply", 1, queryString);
    throw isSyntaxError(error) ? explain(error, queryString) : error;
  }
}

function checkLimits(query: Query, queryString: string): void {
  const leaves = leavesOf(query);
  const refuse = (at: Location, reason: string): never => {
    throw QueryError.at(at, reason, queryString);
  };
  const excess = leaves[MOST_TERMS];
  if (excess) refuse(placeOf(excess), `a query has at most ${MOST_TERMS} terms, this one ${leaves.length}`);

  const [leading, another] = leaves.filter(beginsWithWildcard);
  if (another) refuse(placeOf(another), "a query has at most one term that begins with a wildcard");
  if (leading && queryString.length > MOST_CHARACTERS_WITH_LEADING_WILDCARD) {
    const limit = MOST_CHARACTERS_WITH_LEADING_WILDCARD;
    refuse(placeOf(leading), `a query with a term that begins with a wildcard has at most ${limit} characters`);
  }
  for (const leaf of leaves) if (leaf.type === "range") checkRange(leaf, refuse);
}

function checkRange({ low, high }: Range, refuse: (at: Location, reason: string) => never): void {
  const bounds = [low, high].flatMap((bound) => (bound ? [bound.value] : []));
  for (const value of bounds) {
    if (textOf(value) === undefined) {
      refuse(value.location, "what is compared has no wildcards; for a range with an open end use <, <=, > or >=");
    }
    if (!value.quoted && !isNumber(value)) {
      const text = textOf(value);
      refuse(
        value.location,
        `${text} is no number; to compare it as text, letter by letter, write "${text}" in quotes`,
      );
    }
  }
  const [first, second] = bounds;
  if (first && second && first.quoted !== second.quoted) {
    refuse(second.location, "both ends of a range are numbers, or both are text in quotes");
  }
}

function placeOf(leaf: Term | Range): Location {
  return leaf.field?.location ?? (leaf as Term).value.location;
}

function beginsWithWildcard(leaf: Term | Range): boolean {
  return leaf.type === "term" && typeof leaf.value.parts[0] === "object" && !isAnything(leaf.value);
}

function isSyntaxError(error: unknown): error is peggy.parser.SyntaxError {
  return error instanceof Error && error.name === "SyntaxError" && "location" in error;
}

/** Why a character that nothing expects may stand there all the same. */
const HINTS: Readonly<Record<string, string>> = {
  ":": "a colon in a name or value is escaped, as in a\\:b",
  "<": "a comparison stands between a field and a number, as in attributes.build<2000000",
  ">": "a comparison stands between a field and a number, as in attributes.build>2000000",
  '"': 'a quotation mark needs its partner; inside a text it is escaped, as in \\"',
};

function explain(error: peggy.parser.SyntaxError, queryString: string): QueryError {
  const { expected, location } = error;
  if (!expected) return QueryError.at(location, error.message, queryString);
  const names = new Set(expected.map(describeExpectation));
  names.delete("white space");
  // What may begin a term, by one name instead of six.
  if (names.has("value") && names.has("field")) {
    for (const name of ["value", "field", '"("', '"-"', "NOT"]) names.delete(name);
    names.add("a term like attributes.model:x2");
  }
  // What goes on with a name or a value that has begun.
  if (names.size > 1) names.delete("a character");
  const found = queryString.slice(location.start.offset).match(/^(\w+|.)/su)?.[0];
  const hint = found && HINTS[found] ? `; ${HINTS[found]}` : "";
  const reason = `expected ${listOf([...names].sort())} but found ${found ? `"${found}"` : "the end"}${hint}`;
  return QueryError.at(location, reason, queryString);
}
