import { expect } from "chai";
import type { Value } from "../../../sandbox/rules/sql/values";
import { evaluate, UNDEFINED } from "./sqlHelp";

const PAYLOAD = {
  n: 5,
  d: 2.5,
  s: "text",
  ten: "10",
  yes: true,
  no: false,
  nothing: null,
  list: [1, 2, "three", 5.7, null],
  object: { a: 1, b: { c: "deep" } },
};

type Cases = [sql: string, value: Value][];

describe("expressions of AWS IoT SQL", () => {
  const tables: Record<string, Cases> = {
    "literals and fields": [
      ["n", 5],
      ["object.b.c", "deep"],
      ["nothing", null],
      ["missing", UNDEFINED],
      ["missing.too", UNDEFINED],
      ["s.length", UNDEFINED],
      ["list.length", UNDEFINED],
      ["constructor", UNDEFINED],
      ["object.__proto__", UNDEFINED],
      ["True", true],
      ["false", false],
      ["NULL", null],
      ["-2.5E2", -250],
      ['"it\'s"', "it's"],
      ["'a\\d'", "a\\d"],
      ["[n, missing, 'x']", [5, "x"]],
      ["{'k': n, 'gone': missing, '__proto__': 1}", JSON.parse('{"k": 5, "__proto__": 1}')],
      ["({'a': {'b': 3}}).a.b", 3],
    ],
    "equality, which converts nothing": [
      ["n = 5", true],
      ["n = 5.0", true],
      ["n = '5'", false],
      ["n <> '5'", true],
      ["yes = True", true],
      ["no = True", false],
      ["yes = 'true'", false],
      ["s = 'text'", true],
      ["s = 'Text'", false],
      ["nothing = Null", true],
      ["nothing <> Null", false],
      ["nothing = 0", false],
      ["missing = 1", UNDEFINED],
      ["missing <> 1", UNDEFINED],
      ["missing = missing", UNDEFINED],
      ["[1, 2] = [1, 2]", true],
      ["[1, 2] = [2, 1]", false],
      ["{'a': 1, 'b': 2} = {'b': 2, 'a': 1}", true],
      ["{'a': 1} = {'a': 1, 'b': 2}", false],
      ["[1] = {'0': 1}", false],
    ],
    "order, of numbers only": [
      ["n > 4", true],
      ["n >= 5", true],
      ["n < 5", false],
      ["n <= 4.9", false],
      ["ten > 9", true],
      ["ten > '9'", true],
      ["s > 'sext'", UNDEFINED],
      ["'b' > 'a'", UNDEFINED],
      ["yes > 0", UNDEFINED],
      ["nothing < 1", UNDEFINED],
      ["missing < 1", UNDEFINED],
      ["' 10' > 9", UNDEFINED],
      ["'1e2' = 100", false],
      ["'1e2' >= 100", true],
      ["'+1' > 0", UNDEFINED],
    ],
    "AND, OR, NOT of booleans and their words": [
      ["yes AND no", false],
      ["yes OR no", true],
      ["NOT yes", false],
      ["yes AND 'TRUE'", true],
      ["'false' OR no", false],
      ["NOT 'False'", true],
      ["NOT 'maybe'", UNDEFINED],
      ["NOT n", UNDEFINED],
      ["yes AND n", UNDEFINED],
      ["yes OR missing", UNDEFINED],
      ["no AND missing", UNDEFINED],
      ["NOT missing", UNDEFINED],
    ],
    arithmetic: [
      ["(50 - 32) * 5 / 9", 10],
      ["5 / 2", 2],
      ["-5 / 2", -2],
      ["5.0 / 2", 2],
      ["d / 2", 1.25],
      ["'5' / 2", 2.5],
      ["5 % 3", 2],
      ["-5 % 3", -2],
      ["n - ten", -5],
      ["n * '2'", 10],
      ["n - s", UNDEFINED],
      ["n - yes", UNDEFINED],
      ["n / 0", UNDEFINED],
      ["n % 0", UNDEFINED],
      ["n * missing", UNDEFINED],
      ["1e308 * 10", UNDEFINED],
    ],
    "+, which adds or joins": [
      ["n + d", 7.5],
      ["n + s", "5text"],
      ["s + yes", "texttrue"],
      ["ten + 1", "101"],
      ["s + list", 'text[1,2,"three",5.7,null]'],
      ["s + object", 'text{"a":1,"b":{"c":"deep"}}'],
      ["s + nothing", UNDEFINED],
      ["s + missing", UNDEFINED],
      ["n + yes", UNDEFINED],
      ["'' + 1e21", "1000000000000000000000"],
      ["'' + 0.0000001", "1E-7"],
    ],
    "IN an array": [
      ["3 IN [1, 2, 3]", true],
      ["4 IN [1, 2, 3]", false],
      ["'three' IN list", true],
      ["null IN list", true],
      ["'a' IN ('a', 'b')", true],
      ["NOT n IN [5]", false],
      ["n IN s", UNDEFINED],
      ["missing IN list", UNDEFINED],
      ["[1] IN [[1], 2]", true],
    ],
    CASE: [
      ["CASE n WHEN 5 THEN 'five' ELSE 'other' END", "five"],
      ["CASE n WHEN '5' THEN 'five' ELSE 'other' END", "other"],
      ["CASE n WHEN 4 THEN 'four' WHEN 5 THEN 'a' WHEN 5 THEN 'b' END", "a"],
      ["CASE n WHEN 4 THEN 'four' END", UNDEFINED],
      ["CASE missing WHEN 4 THEN 'four' ELSE 'other' END", UNDEFINED],
    ],
    cast: [
      ["cast(yes AS Int)", 1],
      ["cast('2.9' AS int)", 2],
      ["cast(-2.1 AS Integer)", -3],
      ["cast('2.5' AS DECIMAL)", 2.5],
      ["cast(d AS Double)", 2.5],
      ["cast(0 AS Bool)", false],
      ["cast(-1 AS Boolean)", true],
      ["cast('TRUE' AS boolean)", true],
      ["cast('yes' AS boolean)", UNDEFINED],
      ["cast(n AS String)", "5"],
      ["cast(list AS varchar)", '[1,2,"three",5.7,null]'],
      ["cast(nothing AS text)", UNDEFINED],
      ["cast(nothing AS Int)", UNDEFINED],
      ["cast(object AS Decimal)", UNDEFINED],
    ],
    "SELECT in an array": [
      ["(SELECT VALUE n FROM e)", ["temperature", "light"]],
      ["(SELECT v FROM e WHERE n = 'temperature')", [{ v: 22.5 }]],
      ["get((SELECT v FROM e WHERE n = 'temperature'), 0).v", 22.5],
      ["(SELECT * FROM arr AS a WHERE a > 1)", [2, 3]],
      ["(SELECT x.v AS value FROM e AS x WHERE x.n = 'light')", [{ value: 135 }]],
      ["EXISTS (SELECT * FROM arr AS a WHERE a = 3)", true],
      ["EXISTS (SELECT * FROM e AS x WHERE v = 7)", false],
      ["EXISTS (SELECT * FROM gone)", UNDEFINED],
      ["(SELECT * FROM n)", UNDEFINED],
      ["(SELECT VALUE gone FROM e)", []],
    ],
  };
  const nested = {
    e: [
      { n: "temperature", v: 22.5 },
      { n: "light", v: 135 },
    ],
    arr: [1, 2, 3],
    n: 1,
  };
  for (const [title, cases] of Object.entries(tables)) {
    describe(title, () => {
      for (const [sql, value] of cases) {
        it(`${sql} is ${String(value === UNDEFINED ? "Undefined" : JSON.stringify(value))}`, () => {
          expect(evaluate(sql, title === "SELECT in an array" ? nested : PAYLOAD)).to.deep.equal(value);
        });
      }
    });
  }

  it("finds fields in no payload that is not a JSON object", () => {
    for (const payload of [Buffer.from("no json"), Buffer.from([0xff, 0x22]), [1], "text", 5, null]) {
      expect(evaluate("n", payload)).to.equal(UNDEFINED);
    }
  });
});
