import { expect } from "chai";
import fc from "fast-check";
import type { JsonObject } from "../../../console/src/api/types";
import { applyPatch, changesOf, conflicts, mergePatch } from "../../../console/src/logic/mergePatch";

/** Objects as a shadow has them: without null, which removes, and so is never there. */
const document = fc.letrec<{ value: unknown; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.integer(),
    fc.string(),
    fc.array(fc.integer(), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("value"), {
    noNullPrototype: true,
  }) as fc.Arbitrary<JsonObject>,
})).object;

describe("console: a change of desired state", () => {
  const cases: [what: string, before: JsonObject, after: JsonObject, patch: JsonObject][] = [
    ["nothing", { a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 }, {}],
    ["a value", { a: 1, b: 2 }, { a: 3, b: 2 }, { a: 3 }],
    ["a value deep inside", { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, { a: { c: 3 } }],
    ["a property that is new", {}, { a: { b: 1 } }, { a: { b: 1 } }],
    ["a property that is gone", { a: 1, b: 2 }, { b: 2 }, { a: null }],
    ["a list, as a whole", { a: [1, 2] }, { a: [1, 3] }, { a: [1, 3] }],
    ["an object that becomes a value", { a: { b: 1 } }, { a: 1 }, { a: 1 }],
    ["names of Object's own", {}, { constructor: 1, toString: 2 }, { constructor: 1, toString: 2 }],
  ];
  for (const [what, before, after, patch] of cases) {
    it(`sends ${what}`, () => expect(mergePatch(before, after)).to.deep.equal(patch));
  }

  it("makes one document of the other, whatever they are", () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        expect(applyPatch(before, mergePatch(before, after))).to.deep.equal(after);
      }),
    );
  });

  it("tells what it changes, from what to what", () => {
    const before = { setpoint: 3, fan: { speed: 1, mode: "auto" } };
    const patch = mergePatch(before, { setpoint: 4, fan: { speed: 1 }, light: true });
    expect(changesOf(before, patch)).to.have.deep.members([
      { path: "setpoint", before: 3, after: 4 },
      { path: "fan.mode", before: "auto", after: undefined },
      { path: "light", before: undefined, after: true },
    ]);
  });

  const clashes: [what: string, base: JsonObject, mine: JsonObject, theirs: JsonObject, found: string[]][] = [
    ["both changed it", { a: 1 }, { a: 2 }, { a: 3 }, ["a"]],
    ["both changed it alike", { a: 1 }, { a: 2 }, { a: 2 }, []],
    ["each changed another", { a: 1, b: 1 }, { a: 2, b: 1 }, { a: 1, b: 2 }, []],
    ["one changed what the other removed", { a: { b: 1 } }, { a: { b: 2 } }, {}, ["a.b"]],
    ["one removed what the other changed", { a: { b: 1 } }, {}, { a: { b: 2 } }, ["a"]],
  ];
  for (const [what, base, mine, theirs, found] of clashes) {
    it(`${found.length > 0 ? "is" : "is no"} conflict when ${what}`, () => {
      expect(conflicts(base, mine, theirs)).to.deep.equal(found);
    });
  }
});
