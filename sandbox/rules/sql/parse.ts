import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as peggy from "peggy";
import { describeExpectation, listOf } from "../../expectations";
import type { Expression, Location, Statement } from "./ast";

/** A statement, expression or template that is not AWS IoT SQL, or uses a part of it that this engine lacks. */
export class SqlParseError extends Error {
  override readonly name = "SqlParseError";
  constructor(
    /** What is wrong, without the place. */
    readonly reason: string,
    /** Counted from 1. */
    readonly line: number,
    /** Counted from 1. */
    readonly column: number,
  ) {
    super(`${reason} (line ${line}, column ${column})`);
  }

  static at(location: Location, reason: string): SqlParseError {
    return new SqlParseError(reason, location.start.line, location.start.column);
  }
}

/** Text and expressions in turn, as in `things/${topic(2)}/alarm`. */
export type TemplatePart = string | Expression;

const parser = peggy.generate(readFileSync(join(__dirname, "..", "grammar.peggy"), "utf8"), {
  allowedStartRules: ["Statement", "Expression", "Template"],
  // Without it, deeply nested text takes exponential time.
  cache: true,
});

/** @throws SqlParseError and nothing else, whatever the text. */
export function parseStatement(sql: string): Statement {
  return parse("Statement", sql) as Statement;
}

/** @throws SqlParseError and nothing else, whatever the text. */
export function parseExpression(sql: string): Expression {
  return parse("Expression", sql) as Expression;
}

/** Takes apart a text with `${expression}` in it. @throws SqlParseError and nothing else, whatever the text. */
export function parseTemplate(text: string): TemplatePart[] {
  return parse("Template", text) as TemplatePart[];
}

function parse(startRule: string, text: string): unknown {
  try {
    return parser.parse(text, { startRule });
  } catch (error) {
    if (error instanceof RangeError) throw new SqlParseError("nested too deeply", 1, 1);
    throw isSyntaxError(error) ? explain(error, text) : error;
  }
}

function isSyntaxError(error: unknown): error is peggy.parser.SyntaxError {
  return error instanceof Error && error.name === "SyntaxError" && "location" in error;
}

/** What may start an expression, and what may join two: too long a list to help anybody, so each gets one name. */
const EXPRESSION = new Set([
  '"("',
  '"["',
  '"{"',
  '"cast"',
  "CASE",
  "EXISTS",
  "False",
  "NOT",
  "Null",
  "True",
  "name",
  "number",
  "string",
]);
const OPERATOR = new Set(["AND", "OR", "IN", "comparison", "arithmetic operator", '"."']);

function explain(error: peggy.parser.SyntaxError, text: string): SqlParseError {
  const { expected, location } = error;
  if (!expected) return SqlParseError.at(location, error.message);
  const names = new Set(expected.map(describeExpectation));
  names.delete("white space");
  if (names.has("number")) replace(names, EXPRESSION, "an expression");
  if (names.has("comparison")) replace(names, OPERATOR, "an operator");
  const found = /^(\w+|.)/s.exec(text.slice(location.start.offset))?.[0];
  return SqlParseError.at(
    location,
    `Expected ${listOf([...names].sort())} but found ${found ? `"${found}"` : "the end"}`,
  );
}

function replace(names: Set<string>, group: ReadonlySet<string>, by: string): void {
  for (const name of group) names.delete(name);
  names.add(by);
}
