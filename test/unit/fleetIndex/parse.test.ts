import { expect } from "chai";
import { parseQuery, QueryError } from "../../../sandbox/fleetIndex/query/parse";
import { print } from "./print";

describe("parsing fleet queries", () => {
  describe("reads", () => {
    const cases: [query: string, printed: string][] = [
      ["thingName:tv", "thingName:tv"],
      ["  thingName : tv  ", "thingName:tv"],
      ["abc", "abc"],
      ["*", "*"],
      ["thingName:my* thingTypeName:a?c", "(thingName:my* AND thingTypeName:a?c)"],
      ["a b OR c AND d", "((a AND b) OR (c AND d))"],
      ["a OR b NOT c", "(a OR (b AND NOT c))"],
      ["a (b OR c)", "(a AND (b OR c))"],
      ["((a))", "a"],
      ["NOT NOT a", "NOT NOT a"],
      ["-a -thingName:b", "(NOT a AND NOT thingName:b)"],
      ["thingName:(tv* AND -plasma)", "(thingName:tv* AND NOT thingName:plasma)"],
      [
        "attributes.v:(1 OR 2 OR NOT (3 4))",
        "(attributes.v:1 OR attributes.v:2 OR NOT (attributes.v:3 AND attributes.v:4))",
      ],
      [
        "attributes.a:abc AND attributes.b<5 NOT attributes.c>10",
        "(attributes.a:abc AND attributes.b<5 AND NOT attributes.c>10)",
      ],
      [
        "connectivity.timestamp : [1557651600000 TO 1557867600000]",
        "connectivity.timestamp:[1557651600000 TO 1557867600000]",
      ],
      ["a.b:{70 TO 80] a.b:[70 TO 80} a.b:{7 TO 8}", "(a.b:{70 TO 80] AND a.b:[70 TO 80} AND a.b:{7 TO 8})"],
      ['a.b:["abcd" TO "abcf"]', 'a.b:["abcd" TO "abcf"]'],
      ["a.b <= -1.5e3", "a.b<=\\-1.5e3"],
      ["a.b >= 5", "a.b>=5"],
      ['a.b<"1.2.3"', 'a.b<"1.2.3"'],
      ["attributes.cool-app:a-b", "attributes.cool\\-app:a\\-b"],
      ["a\\:b:c\\*d", "a\\:b:c\\*d"],
      ['a:"two words * \\" \\\\"', 'a:"two words * \\" \\\\"'],
      ["ANDY:ORACLE NOTE TOTAL and or", "(ANDY:ORACLE AND NOTE AND TOTAL AND and AND or)"],
      ["größe:übergröße", "gr\\ö\\ße:\\übergr\\ö\\ße"],
    ];
    for (const [query, printed] of cases) {
      it(query, () => expect(print(parseQuery(query))).to.equal(printed));
    }
  });

  describe("says what is wrong, where, and what to do", () => {
    const cases: [query: string, position: number, reason: RegExp][] = [
      ["", 1, /expected a term like attributes\.model:x2.* but found the end/],
      ["a AND", 6, /expected a term like .* but found the end/],
      ["AND a", 1, /but found "AND"/],
      ["a OR OR b", 6, /expected a term like .* but found "OR"/],
      ["NOT", 4, /but found the end/],
      ["()", 2, /but found "\)"/],
      ["(a OR b", 8, /expected .*\).* but found the end/],
      ["a:b)", 4, /but found "\)"/],
      ["a:", 3, /expected "\(", range or value but found the end/],
      ["a:b:c", 4, /a colon in a name or value is escaped, as in a\\:b/],
      ["attributes.v=1", 13, /equality is written with a colon, as in attributes\.model:x2/],
      ["attributes.v:>1", 14, /a comparison stands between a field and a number/],
      ["<5", 1, /a comparison stands between a field and a number/],
      ["attributes.v<1.2.3", 14, /1\.2\.3 is no number; .*write "1\.2\.3" in quotes/],
      ["attributes.v<v2", 14, /v2 is no number/],
      ["attributes.v<007", 14, /007 is no number/],
      ["attributes.v:[1 TO a]", 20, /a is no number/],
      ['attributes.v:[1 TO "a"]', 20, /both ends of a range are numbers, or both are text in quotes/],
      ["attributes.v:[* TO 5]", 15, /no wildcards; for a range with an open end use <, <=, > or >=/],
      ["attributes.v:[1 TO 2", 21, /^expected \] or } but found the end$/],
      ["attributes.v:[1 2]", 17, /expected TO but found "2"/],
      ["[1 TO 2]", 1, /a range needs a field before it/],
      ["a:(b:c)", 4, /"b" is a field inside the parentheses of another field/],
      ['a:"', 3, /a quotation mark needs its partner/],
      ['a:" "', 3, /an empty value matches nothing/],
      ['a:""', 3, /an empty value matches nothing.*field:\*/],
      ["a:b@c", 4, /@ must be escaped with a backslash/],
      ["a:b,c", 4, /, must be escaped/],
      ["a:b~2", 4, /no boosting and no fuzzy search/],
      ["a && b", 3, /write AND, OR and NOT in words/],
      ["a\\", 2, /a backslash escapes the character after it/],
      ["thingName:*a OR thingGroupNames:?b", 17, /at most one term that begins with a wildcard/],
      [`thingName:*a OR thingName:${"b".repeat(80)}`, 1, /begins with a wildcard has at most 100 characters/],
      ["a b c d e f g h i j k l m", 25, /at most 12 terms, this one 13/],
      ["a ".repeat(600), 1001, /at most 1000 characters, this one 1200/],
      ["(".repeat(900), 901, /but found the end/],
    ];
    for (const [query, position, reason] of cases) {
      it(JSON.stringify(query.slice(0, 60)), () => {
        const error = thrownBy(() => parseQuery(query));
        expect(error.reason).to.match(reason);
        expect(error.position).to.equal(position);
        expect(error.message)
          .to.match(/^Unable to parse query, /)
          .and.to.contain(`(character ${position})`);
      });
    }
  });

  it("takes twelve terms, and a leading wildcard beside `*` alone", () => {
    expect(() => parseQuery("a b c d e f g h i j k l")).not.to.throw();
    expect(() => parseQuery("thingName:* AND thingTypeName:* AND thingName:*my*")).not.to.throw();
  });
});

function thrownBy(work: () => unknown): QueryError {
  try {
    work();
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  return expect.fail("it should have been refused");
}
