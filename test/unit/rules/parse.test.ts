import { expect } from "chai";
import fc from "fast-check";
import type { Expression, Statement } from "../../../sandbox/rules/sql/ast";
import { parseExpression, parseStatement, parseTemplate, SqlParseError } from "../../../sandbox/rules/sql/parse";
import { print, printStatement } from "./print";

describe("parsing AWS IoT SQL", () => {
  describe("says what is wrong, where, and what was expected", () => {
    const cases: [sql: string, line: number, column: number, reason: RegExp][] = [
      ["", 1, 1, /^Expected SELECT or SET but found the end$/],
      ["SELEKT * FROM 'a'", 1, 1, /^Expected SELECT or SET but found "SELEKT"$/],
      ["SELECT FROM 'a'", 1, 8, /^Expected "\*" or an expression but found "FROM"$/],
      ["SELECT a b FROM 'a'", 1, 10, /^Expected .*AS, FROM or an operator but found "b"$/],
      ["SELECT a, FROM 'a'", 1, 11, /an expression but found "FROM"$/],
      ["SELECT 5a FROM 'a'", 1, 8, /an expression but found "5a"$/],
      ["SELECT a[0] AS b FROM 'a'", 1, 9, /an operator but found "\["$/],
      ["SELECT topic( FROM 'a'", 1, 15, /"\)".* but found "FROM"$/],
      ["SELECT *", 1, 9, /^FROM 'topic filter' is missing/],
      ["SELECT * WHERE a = 1", 1, 10, /^FROM 'topic filter' is missing/],
      ['SELECT * FROM "a"', 1, 15, /^FROM takes the topic filter in single quotes$/],
      ["SELECT * FROM a/b", 1, 15, /^Expected topic filter in single quotes but found "a"$/],
      ["SELECT * FROM 'a' foo", 1, 19, /^Expected WHERE or end of the statement but found "foo"$/],
      ["SELECT * FROM 'a' -- why", 1, 19, /^Expected WHERE or end of the statement/],
      ["SELECT * FROM 'a' WHERE", 1, 24, /^Expected an expression but found the end$/],
      ["SELECT *\nFROM 'a'\nWHERE x = = 3", 3, 11, /^Expected an expression but found "="$/],
      ["SELECT * FROM 'a' WHERE x == 3", 1, 27, /no == in AWS IoT SQL; write =$/],
      ["SELECT * FROM 'a' WHERE x != 3", 1, 27, /no != in AWS IoT SQL; write <>$/],
      ["SELECT a || b AS c FROM 'a'", 1, 10, /no \|\| in AWS IoT SQL/],
      ["SELECT * FROM 'a' WHERE x LIKE 'y%'", 1, 27, /no LIKE in AWS IoT SQL; write startswith/],
      ["SELECT * FROM 'a' WHERE x NOT LIKE 'y%'", 1, 27, /no LIKE in AWS IoT SQL/],
      ["SELECT * FROM 'a' WHERE x BETWEEN 1 AND 2", 1, 27, /no BETWEEN in AWS IoT SQL/],
      ["SELECT * FROM 'a' WHERE x IS NULL", 1, 27, /no IS in AWS IoT SQL; write isNull/],
      ["SELECT * FROM 'a' WHERE x NOT IN [1]", 1, 27, /no NOT IN in AWS IoT SQL/],
      ["SELECT * FROM 'a' WHERE 'open", 1, 25, /^Expected an expression but found "'"$/],
      ["SET @x = 1 SELECT @x FROM 'a'", 1, 1, /^SET variables are not implemented/],
      [`SELECT * FROM 'a' WHERE ${"(".repeat(50_000)}`, 1, 1, /^nested too deeply$/],
    ];
    for (const [sql, line, column, reason] of cases) {
      it(JSON.stringify(sql.slice(0, 60)), () => {
        const error = thrownBy(() => parseStatement(sql));
        expect(error.reason).to.match(reason);
        expect([error.line, error.column]).to.deep.equal([line, column]);
        expect(error.message).to.contain(`(line ${line}, column ${column})`);
      });
    }
  });

  describe("reads", () => {
    const cases: [sql: string, printed: string][] = [
      ["select a from 'b' where c = true", "SELECT a FROM 'b' WHERE (c = true)"],
      ["SELECT value FROM 'a'", "SELECT value FROM 'a'"],
      ["SELECT VALUE value FROM 'a'", "SELECT VALUE value FROM 'a'"],
      ["SELECT value, x FROM 'a'", "SELECT value, x FROM 'a'"],
      ["SELECT a.from.end FROM 'a'", "SELECT a.from.end FROM 'a'"],
      ["SELECT 'it''s' AS a.b FROM 'a'", "SELECT 'it''s' AS a.b FROM 'a'"],
      ["SELECT *, state.reported.* FROM '+/#'", "SELECT *, state.reported.* FROM '+/#'"],
      ["SELECT a FROM 'x' WHERE a OR b AND NOT c = 1", "SELECT a FROM 'x' WHERE (a OR (b AND (NOT (c = 1))))"],
      ["SELECT a FROM 'x' WHERE 1 - 2 - 3 * -4 < b", "SELECT a FROM 'x' WHERE (((1 - 2) - (3 * -4)) < b)"],
      ["SELECT a FROM 'x' WHERE a IN ('b', 'c')", "SELECT a FROM 'x' WHERE (a IN ['b', 'c'])"],
      ["SELECT get((SELECT v FROM e), 0).v FROM 'x'", "SELECT (get((SELECT v FROM e), 0)).v FROM 'x'"],
    ];
    for (const [sql, printed] of cases) {
      it(sql, () => expect(printStatement(parseStatement(sql))).to.equal(printed));
    }
  });

  it("reads deep nesting in no time", () => {
    const deep = `${"(".repeat(100)}a IN (${"[".repeat(20)}b${"]".repeat(20)}, c)${")".repeat(100)}`;
    expect(print(parseExpression(deep))).to.match(/^\(a IN \[\[+b\]+, c\]\)$/);
  });

  it("takes templates apart, braces in strings and objects and all", () => {
    const parts = parseTemplate("a/${topic(2)}/${get({'}': '${'}, \"}\")}$}b");
    expect(parts.map((part) => (typeof part === "string" ? part : [print(part)]))).to.deep.equal([
      "a/",
      ["topic(2)"],
      "/",
      ["get({'}': '${'}, '}')"],
      "$}b",
    ]);
    for (const bad of ["${", "${}", "a${b", "${a b}"]) expect(() => parseTemplate(bad), bad).to.throw(SqlParseError);
  });

  it("throws nothing but SqlParseError, whatever the text", () => {
    const words = "SELECT,FROM,WHERE,VALUE,AS,CASE,WHEN,THEN,END,IN,NOT,EXISTS,(,),[,],{,},',\",*,+,<,>,=,.,:,a,1,${, ";
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.array(fc.constantFrom(...words.split(","), ",")).map(join));
    fc.assert(
      fc.property(text, (sql) => {
        for (const parse of [parseStatement, parseExpression, parseTemplate]) {
          try {
            parse(sql);
          } catch (error) {
            expect(error).to.be.instanceOf(SqlParseError);
          }
        }
      }),
    );
  });

  it("reads again what is printed from any tree", () => {
    fc.assert(
      fc.property(statements, (statement) => {
        const sql = printStatement(statement);
        expect(withoutLocations(parseStatement(sql)), sql).to.deep.equal(withoutLocations(statement));
      }),
    );
  });
});

function thrownBy(work: () => unknown): SqlParseError {
  try {
    work();
  } catch (error) {
    expect(error).to.be.instanceOf(SqlParseError);
    return error as SqlParseError;
  }
  throw new Error("nothing was thrown");
}

function join(words: string[]): string {
  return words.join(" ");
}

function withoutLocations<T>(tree: T): T {
  return JSON.parse(JSON.stringify(tree, (key, value) => (key === "location" ? undefined : value)));
}

const nowhere = { start: { line: 1, column: 1 } };
const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}$/).filter((word) => !RESERVED.includes(word));
const RESERVED =
  "set select from where as and or not in exists case when then else end true false null cast value".split(" ");
const field = fc.array(name, { minLength: 1, maxLength: 3 }).map((path) => ({ type: "field" as const, path }));

const { expression, select } = fc.letrec<{
  expression: Expression;
  query: Extract<Expression, { type: "query" }>["query"];
  select: { kind: "value"; value: Expression } | { kind: "items"; items: object[] };
}>((tie) => {
  const sub = tie("expression");
  const several = fc.array(sub, { maxLength: 3 });
  const operator = fc.constantFrom("AND", "OR", "=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "IN");
  return {
    expression: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.record({
        type: fc.constant("literal"),
        value: fc.oneof(
          fc.string(),
          fc.double({ noNaN: true, noDefaultInfinity: true }).map(plus),
          fc.boolean(),
          fc.constant(null),
        ),
      }),
      field,
      fc.record({ type: fc.constant("call"), name, args: several, location: fc.constant(nowhere) }),
      fc.record({ type: fc.constant("cast"), value: sub, to: name, location: fc.constant(nowhere) }),
      fc.record({ type: fc.constant("array"), items: several }),
      fc.record({
        type: fc.constant("object"),
        entries: fc.array(fc.record({ key: fc.string(), value: sub }), { maxLength: 3 }),
      }),
      fc.record({ type: fc.constant("not"), operand: sub }),
      fc.record({ type: fc.constant("binary"), operator, left: sub, right: sub }),
      fc.record({ type: fc.constant("query"), query: tie("query") }),
      fc.record({ type: fc.constant("exists"), query: tie("query"), location: fc.constant(nowhere) }),
      fc.record(
        {
          type: fc.constant("case"),
          subject: sub,
          whens: fc.array(fc.record({ test: sub, result: sub }), { minLength: 1, maxLength: 2 }),
          otherwise: sub,
        },
        { requiredKeys: ["type", "subject", "whens"] },
      ),
    ) as fc.Arbitrary<Expression>,
    query: fc
      .tuple(tie("select"), fc.record({ from: field, alias: name, where: sub }, { requiredKeys: ["from"] }))
      .map(([selection, rest]) => ({ ...selection, ...rest }) as never),
    select: fc.oneof(
      fc.record({ kind: fc.constant("value" as const), value: sub }),
      fc.record({
        kind: fc.constant("items" as const),
        items: fc.array(
          fc.oneof(
            fc.record({
              type: fc.constant("item"),
              expression: sub,
              alias: fc.array(name, { minLength: 1, maxLength: 2 }),
            }),
            fc.record({ type: fc.constant("star"), of: field }, { requiredKeys: ["type"] }),
          ),
          { minLength: 1, maxLength: 3 },
        ),
      }),
    ),
  };
});

const statements = fc
  .tuple(select, fc.string(), fc.option(expression, { nil: undefined }))
  .map(([selection, filter, where]) => ({ ...selection, from: { filter, location: nowhere }, where }) as Statement);

/** -0 is printed as 0. */
function plus(number: number): number {
  return number + 0;
}
