import { expect } from "chai";
import fc from "fast-check";
import { condition, selectList } from "../../../components/rules/topicRuleSql";
import { parseStatement } from "../../../sandbox/rules/sql/parse";

describe("the form of AWS IoT SQL", () => {
  const good = [
    "*",
    "*, topic(3) AS deviceId",
    "temperature, state.reported.*, 'C' AS unit",
    "VALUE readings",
    "VALUE - 5 + a",
    "value",
    "value, x",
    "value AS v",
    "a.from.end",
    "'it''s' AS a.b",
    "{\"a\": 1, 'b': [1, 2, []]} AS o",
    "cast(a AS int) AS n",
    "CASE a WHEN 1 THEN 'x' ELSE NOT b END AS c",
    "encode(*, 'base64') AS data",
    "get((SELECT v FROM e WHERE v > 1), 0).v",
    "a IN (1, 2), EXISTS (SELECT * FROM e) AS has",
    "-1.5e3 AS n",
    "true AS yes, null AS nothing",
  ];
  for (const list of good) it(`takes ${list}`, () => expect(selectList(list)).to.equal(undefined));

  const bad: [list: string, reason: RegExp][] = [
    ["", /must not be empty/],
    ["a,", /an expression is missing before the end/],
    ["a b", /the end is missing before "b"/],
    ["topic(3", /"\)" is missing before the end/],
    ["topic 3)", /the end is missing before "3"/],
    ["* FROM 'x'", /the end is missing before "FROM"/],
    ["a; DROP", /it has a ";" in it/],
    ["'open", /the text that begins with ' has no end/],
    ["a AS 5", /a name is missing before "5"/],
    ["a AS", /a name is missing before the end/],
    ["a[0]", /the end is missing before "\["/],
    ["cast(a, int)", /AS is missing before ","/],
    ["{a: 1}", /a key in quotes is missing before "a"/],
    ["CASE a THEN 1 END", /WHEN is missing before "THEN"/],
    ["(".repeat(59_000), /nested too deeply/],
    ["a".repeat(60_001), /60001 characters/],
  ];
  for (const [list, reason] of bad) {
    it(`refuses ${list.slice(0, 40) || "nothing"}`, () => expect(selectList(list)).to.match(reason));
  }

  const conditions: [where: string, reason: RegExp | undefined][] = [
    ["a > 80 AND NOT (b = 'x' OR isNull(c))", undefined],
    ["a != 1", /there is no != in it; write <>/],
    ["a == 1", /there is no == in it; write =/],
    ["a LIKE 'x%'", /there is no LIKE in it; write startswith/],
    ["a IS NULL", /there is no IS in it; write isNull/],
    ["a BETWEEN 1 AND 2", /there is no BETWEEN in it/],
    ["a = ", /an expression is missing before the end/],
    ["a = 1 WHERE b", /the end is missing before "WHERE"/],
  ];
  for (const [where, reason] of conditions) {
    it(`${reason ? "refuses" : "takes"} WHERE ${where}`, () => {
      if (reason) expect(condition(where)).to.match(reason);
      else expect(condition(where)).to.equal(undefined);
    });
  }

  it("takes whatever the rules engine of the local cloud takes", () => {
    const words =
      "* a b.c topic(1) 'x' 5 ( ) [ ] { } , . : + - = <> < AND OR NOT IN AS CASE WHEN THEN ELSE END VALUE SELECT FROM cast".split(
        " ",
      );
    let taken = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 6 }), (soup) => {
        const list = soup.join(" ");
        try {
          parseStatement(`SELECT ${list} FROM 'f'`);
        } catch {
          return;
        }
        taken += 1;
        expect(selectList(list), list).to.equal(undefined);
      }),
      { numRuns: 5000 },
    );
    expect(taken, "lists that both were asked about").to.be.greaterThan(100);
  });
});
