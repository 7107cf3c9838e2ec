import { expect } from "chai";
import { compilePattern, PatternError } from "../../../common/streams";

const record = { partitionKey: "my/things/a", data: { t: 4, mode: "Cool", tags: ["x", "y"], deep: { on: true } } };

describe("filter criteria", () => {
  const cases: [pattern: object, passes: boolean][] = [
    [{}, true],
    [{ data: { t: [4] } }, true],
    [{ data: { t: ["4"] } }, false],
    [{ data: { t: [3, 5] } }, false],
    [{ data: { tags: ["y"] } }, true],
    [{ data: { deep: { on: [true] } } }, true],
    [{ data: { t: [4], mode: ["Heat"] } }, false],
    [{ partitionKey: [{ prefix: "my/" }] }, true],
    [{ partitionKey: [{ suffix: "/b" }] }, false],
    [{ data: { mode: [{ "equals-ignore-case": "cOOL" }] } }, true],
    [{ data: { gone: [{ exists: false }] } }, true],
    [{ data: { t: [{ exists: false }] } }, false],
    [{ data: { t: [{ exists: true }] } }, true],
    [{ data: { mode: [{ "anything-but": ["Heat", { prefix: "X" }] }] } }, true],
    [{ data: { mode: [{ "anything-but": "Cool" }] } }, false],
    [{ data: { gone: [{ "anything-but": "Cool" }] } }, false],
    [{ data: { t: [{ numeric: [">", 3, "<=", 4] }] } }, true],
    [{ data: { t: [{ numeric: ["=", 5] }] } }, false],
    [{ data: { mode: [{ numeric: [">", 0] }] } }, false],
    [{ data: { t: { on: [true] } } }, false],
    [{ $or: [{ partitionKey: ["x"] }, { data: { t: [4] } }] }, true],
    [{ data: { $or: [{ t: [3] }, { mode: ["Heat"] }] } }, false],
    [{ partitionKey: ["x"], data: { $or: [{ t: [4] }] } }, false],
  ];
  for (const [pattern, passes] of cases) {
    it(`${JSON.stringify(pattern)} ${passes ? "lets it pass" : "holds it back"}`, () => {
      expect(compilePattern(JSON.stringify(pattern))(record)).to.equal(passes);
    });
  }

  const bad: [pattern: string, reason: RegExp][] = [
    ["{", /is not JSON/],
    ["[]", /is a JSON object/],
    ['{"a":1}', /"a" must be a list/],
    ['{"a":[{"wildcard":"x*"}]}', /"wildcard".*none of those known here: exists, prefix/],
    ['{"a":[{"numeric":["~",1]}]}', /signs and numbers/],
    ['{"a":[{"prefix":"a","suffix":"b"}]}', /none of those known/],
    ['{"$or":{"a":[1]}}', /"\$or" takes a list of objects/],
  ];
  for (const [pattern, reason] of bad) {
    it(`refuses ${pattern}`, () => expect(() => compilePattern(pattern)).to.throw(PatternError, reason));
  }
});
