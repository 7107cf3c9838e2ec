import { expect } from "chai";
import fc from "fast-check";
import { maximumBytes, maximumDepth, parseObject } from "../../../console/src/logic/parseJson";

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

describe("console: what a person types as desired state", () => {
  const wrong: [what: string, text: string, line: number, column: number, message: RegExp][] = [
    ["nothing", "", 1, 1, /begins with \{/],
    ["a list", "[1]", 1, 1, /begins with \{/],
    ["a number", "3", 1, 1, /begins with \{/],
    ["an end that is missing", '{"a": 1', 1, 8, /closing \} is missing/],
    ["a list without an end", '{"a": [1', 1, 9, /closing \] is missing/],
    ["text without an end", '{"a": "b}', 1, 7, /closing " is missing/],
    ["text over two lines", '{"a": "b\nc"}', 1, 7, /closing " is missing/],
    ["a name without quotes", "{a: 1}", 1, 2, /double quotes/],
    ["a name in single quotes", "{'a': 1}", 1, 2, /double quotes/],
    ["a colon that is missing", '{"a" 1}', 1, 6, /colon is missing after "a"/],
    ["a comma that is missing", '{\n  "a": 1\n  "b": 2\n}', 3, 3, /comma is missing before the next property/],
    ["a comma too many", '{\n  "a": 1,\n}', 2, 9, /comma after the last property/],
    ["a comma too many in a list", '{"a": [1, 2,]}', 1, 12, /comma after the last item/],
    ["a value that is missing", '{"a": }', 1, 7, /value is missing/],
    ["a word", '{"mode": cool}', 1, 10, /cool is no value/],
    ["a number with a leading zero", '{"a": 007}', 1, 7, /007 is no value/],
    ["a number beyond double", '{"a": 1e999}', 1, 7, /too large/],
    ["a wrong escape", '{"a": "\\x"}', 1, 7, /wrong escape/],
    ["a property twice", '{"a": 1, "a": 2}', 1, 10, /"a" is there twice/],
    ["__proto__", '{"__proto__": {"x": 1}}', 1, 2, /must not be called __proto__/],
    ["something behind it", '{"a": 1} x', 1, 10, /something after/],
    ["one level too many", nested(maximumDepth + 1), 1, maximumDepth * 5 + 1, new RegExp(`more than ${maximumDepth}`)],
    ["one byte too many", `{"a": "${"x".repeat(maximumBytes - 8)}"}`, 1, 1, /8193 bytes.*8192/],
  ];
  for (const [what, text, line, column, message] of wrong) {
    it(`says where and what is wrong with ${what}`, () => {
      const read = parseObject(text);
      if (!("problem" in read)) throw new Error(`it was read as ${JSON.stringify(read.value)}`);
      expect(read.problem.message).to.match(message);
      expect([read.problem.line, read.problem.column]).to.deep.equal([line, column]);
    });
  }

  it("takes as many levels and bytes as a shadow", () => {
    expect(parseObject(nested(maximumDepth))).to.have.property("value");
    expect(parseObject(`{"a": "${"x".repeat(maximumBytes - 9)}"}`)).to.have.property("value");
  });

  it("reads every object as JSON.parse does, however it is written", () => {
    const key = fc.string().filter((name) => name !== "__proto__");
    const leaf = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    );
    const value = fc.oneof(leaf, fc.array(leaf, { maxLength: 4 }), fc.dictionary(key, leaf, { maxKeys: 4 }));
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 5 }), fc.constantFrom(0, 2, "\t"), (object, space) => {
        const text = JSON.stringify(object, null, space);
        expect(parseObject(text)).to.deep.equal({ value: JSON.parse(text) });
      }),
    );
  });
});
