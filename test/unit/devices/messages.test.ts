import { expect } from "chai";
import fc from "fast-check";
import { fullJitter } from "../../../devices/core/backoff";
import { checkJson, isObject, type JsonObject, type JsonValue, sameJson } from "../../../devices/core/json";
import { checkReportedPatch, maximumStateBytes, mergePatches } from "../../../devices/core/reportedPatch";
import { checkFilter, checkPublish, maximumPayloadBytes, topicMatches } from "../../../devices/core/topics";
import { InvalidMessage, ShadowRejected } from "../../../devices/errors";

describe("devices: what can be reported", () => {
  const circular: Record<string, unknown> = {};
  circular.self = { circular };
  const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
  const refused: readonly [name: string, patch: unknown, message: RegExp][] = [
    ["nothing", undefined, /A report is an object/],
    ["a number", 5, /A report is an object/],
    ["a list", [1], /A report is an object/],
    ["null", null, /A report is an object/],
    ["NaN", { a: Number.NaN }, /reported\.a is NaN/],
    ["infinity, deep", { a: { b: [1, Number.POSITIVE_INFINITY] } }, /reported\.a\.b\[1\] is Infinity/],
    ["undefined", { a: undefined }, /reported\.a is undefined/],
    ["a date", { a: new Date(0) }, /reported\.a is a Date/],
    ["a map", { a: new Map() }, /reported\.a is a Map/],
    ["a function", { a: () => 1 }, /reported\.a is a function/],
    ["a bigint", { a: 1n }, /reported\.a is a bigint/],
    ["a list with a null", { a: [1, null] }, /reported\.a is a list with a null/],
    ["a list with a null, deep", { a: [{ b: [null] }] }, /reported\.a\[0\]\.b is a list with a null/],
    ["what contains itself", circular, /more than 100 levels/],
    ["101 levels", deep(101), /more than 100 levels/],
  ];
  for (const [name, patch, message] of refused) {
    it(`not ${name}`, () => expect(() => checkReportedPatch(patch)).to.throw(InvalidMessage, message));
  }

  for (const patch of [{}, { a: null }, { a: { b: null } }, { a: [], b: [[1], { c: "x" }], d: false, e: "" }]) {
    it(`${JSON.stringify(patch)}`, () => expect(() => checkReportedPatch(patch)).not.to.throw());
  }

  it("8,192 bytes, and not one more", () => {
    const padding = maximumStateBytes - JSON.stringify({ a: "" }).length;
    checkReportedPatch({ a: "x".repeat(padding) });
    expect(() => checkReportedPatch({ a: "x".repeat(padding + 1) }))
      .to.throw(ShadowRejected)
      .with.property("code", 413);
    // Bytes, not characters.
    expect(() => checkReportedPatch({ a: "ü".repeat(padding / 2 + 1) })).to.throw(ShadowRejected);
  });
});

/** What the shadow service does with a patch. */
function apply(state: JsonObject, patch: JsonObject): JsonObject {
  const result: Record<string, JsonValue> = { ...state };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (isObject(value)) result[key] = apply(isObject(result[key]) ? (result[key] as JsonObject) : {}, value);
    else result[key] = value;
  }
  return result;
}

describe("devices: two reports as one", () => {
  const cases: readonly [older: JsonObject, newer: JsonObject, merged: JsonObject | undefined][] = [
    [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    [{ a: 1 }, { a: 2 }, { a: 2 }],
    [{ a: 1 }, { a: null }, { a: null }],
    [{ a: null }, { a: 1 }, { a: 1 }],
    [{ a: { b: 1 } }, { a: { c: 2 } }, { a: { b: 1, c: 2 } }],
    [{ a: { b: 1 } }, { a: { b: null } }, { a: { b: null } }],
    [{ a: { b: 1 } }, { a: 5 }, { a: 5 }],
    [{ a: [1] }, { a: [2] }, { a: [2] }],
    [{ a: null }, { a: { b: 1 } }, undefined],
    [{ a: 5 }, { a: { b: 1 } }, undefined],
    [{ a: { b: [1] } }, { a: { b: { c: 1 } } }, undefined],
  ];
  for (const [older, newer, merged] of cases) {
    it(`${JSON.stringify(older)} and ${JSON.stringify(newer)}`, () =>
      expect(mergePatches(older, newer)).to.deep.equal(merged));
  }

  it("leave any shadow as the two would have", () => {
    const value: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<JsonValue>(null, 1, 2, "x", true),
        fc.array(fc.integer({ max: 2 }), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), {
          noNullPrototype: true,
        }) as fc.Arbitrary<JsonValue>,
      ),
    })).value;
    const patch = fc.dictionary(fc.constantFrom("a", "b", "c"), value, { noNullPrototype: true });
    let merges = 0;
    fc.assert(
      fc.property(patch, patch, patch, (state, older, newer) => {
        const merged = mergePatches(older, newer);
        if (merged === undefined) return;
        merges++;
        const stored = apply({}, state);
        expect(apply(stored, merged)).to.deep.equal(apply(apply(stored, older), newer));
      }),
      { numRuns: 500 },
    );
    expect(merges).to.be.greaterThan(100);
  });
});

describe("devices: equal JSON", () => {
  const same: readonly [JsonValue, JsonValue, boolean][] = [
    [1, 1, true],
    [1, "1", false],
    [null, {}, false],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ toString: 1 }, { valueOf: 1 }, false],
    [[1, 2], [2, 1], false],
    [[1, { a: [2] }], [1, { a: [2] }], true],
    [[], {}, false],
  ];
  for (const [left, right, equal] of same) {
    it(`${JSON.stringify(left)} and ${JSON.stringify(right)}: ${equal ? "same" : "not"}`, () => {
      expect(sameJson(left, right)).to.equal(equal);
      expect(sameJson(right, left)).to.equal(equal);
    });
  }
  it("takes objects without a prototype", () => checkJson(Object.create(null), "payload"));
});

describe("devices: topics", () => {
  const matches: readonly [filter: string, topic: string, boolean][] = [
    ["a/b", "a/b", true],
    ["a/b", "a/b/c", false],
    ["a/+", "a/b", true],
    ["a/+", "a", false],
    ["a/+/c", "a/b/c", true],
    ["+/+", "/", true],
    ["a/#", "a/b", true],
    ["a/#", "a/b/c/d", true],
    ["a/#", "a", false],
    ["#", "a/b", true],
    ["#", "$aws/things/x", false],
    ["+/things/x", "$aws/things/x", false],
    ["$aws/things/+/shadow/#", "$aws/things/x/shadow/update", true],
  ];
  for (const [filter, topic, expected] of matches) {
    it(`${filter} ${expected ? "covers" : "does not cover"} ${topic}`, () =>
      expect(topicMatches(filter, topic)).to.equal(expected));
  }

  const bytes = (count: number) => new Uint8Array(count);
  const unpublishable: readonly [name: string, topic: string, payload: Uint8Array, message: RegExp][] = [
    ["no topic", "", bytes(1), /not empty/],
    ["a wildcard", "a/+", bytes(1), /has a \+ or #/],
    ["NUL", "a\u0000", bytes(1), /no NUL/],
    ["257 bytes", `${"ä".repeat(128)}a`, bytes(1), /257 bytes/],
    ["8 slashes", "1/2/3/4/5/6/7/8/9", bytes(1), /8 slashes/],
    ["too large a payload", "a", bytes(maximumPayloadBytes + 1), /131073 bytes/],
  ];
  for (const [name, topic, payload, message] of unpublishable) {
    it(`does not publish with ${name}`, () =>
      expect(() => checkPublish(topic, payload)).to.throw(InvalidMessage, message));
  }
  it("publishes up to the limits", () => {
    checkPublish("1/2/3/4/5/6/7/8", bytes(maximumPayloadBytes));
    checkPublish("$aws/rules/mine/1/2/3/4/5/6/7/8", bytes(0));
    checkPublish("$aws/things/lamp/shadow/name/settings/update", bytes(0));
    checkPublish("a".repeat(256), bytes(0));
  });

  for (const filter of ["a/#/b", "a#", "a/b+", "+a/b", "#/"]) {
    it(`does not subscribe to ${filter}`, () =>
      expect(() => checkFilter(filter)).to.throw(InvalidMessage, /one whole level/));
  }
  for (const filter of ["#", "+", "a/+/b/#", "$aws/things/lamp/jobs/+/update/accepted"]) {
    it(`subscribes to ${filter}`, () => expect(() => checkFilter(filter)).not.to.throw());
  }
});

describe("devices: back-off", () => {
  const backoff = { base: 1000, maximum: 60_000 };
  const cases: readonly [failures: number, random: number, milliseconds: number][] = [
    [1, 0, 0],
    [1, 0.5, 500],
    [2, 0.5, 1000],
    [3, 0.999, 3996],
    [7, 0.5, 30_000],
    [5000, 0.5, 30_000],
    [5000, 0, 0],
  ];
  for (const [failures, random, milliseconds] of cases) {
    it(`after ${failures} failures, chance ${random}: ${milliseconds} ms`, () =>
      expect(fullJitter(failures, backoff, random)).to.equal(milliseconds));
  }
});
