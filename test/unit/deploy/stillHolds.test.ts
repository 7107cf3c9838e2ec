import { expect } from "chai";
import { stillHolds } from "../../../sandbox/deploy/stillHolds";

describe("whether what a program said still holds in what AWS says", () => {
  const holds: [what: string, said: unknown, found: unknown, property?: string][] = [
    ["the same", { a: [1, "b"] }, { a: [1, "b"] }],
    ["JSON with other spaces and order", '{"a":1,"b":[2]}', '{ "b": [2], "a": 1 }'],
    ["a document as an object", { Version: "1" }, '{"Version":"1"}'],
    ["a list in another order", ["b", "a"], ["a", "b"]],
    ["objects in a list in another order", [{ id: 1 }, { id: 2 }], [{ id: 2 }, { id: 1 }]],
    ["a default that AWS filled in", { enabled: true }, { enabled: true, recoveryPeriodInDays: 35 }],
    ["an id that AWS made up", [{ events: ["a"] }], [{ id: "x", events: ["a"] }]],
    ["nothing, said in many words", "", undefined],
    ["an empty list that AWS leaves out", [], undefined],
    ["false that AWS leaves out", false, undefined],
    ["an object of nothing", { variables: undefined }, undefined],
  ];
  for (const [what, said, found, property] of holds) {
    it(`holds: ${what}`, () => expect(stillHolds(said, found, property)).to.equal(true));
  }

  const changed: [what: string, said: unknown, found: unknown, property?: string][] = [
    ["another value", 30, 99],
    ["a value that is gone", "x", undefined],
    ["another value deep inside", { a: { b: 1 } }, { a: { b: 2 } }],
    ["one more in a list", ["a"], ["a", "b"]],
    ["one twice instead of two", ["a", "b"], ["a", "a"]],
    ["one more environment variable", { A: "1" }, { A: "1", B: "2" }, "variables"],
    [
      "one more environment variable, deeper",
      { variables: { A: "1" } },
      { variables: { A: "1", B: "2" } },
      "environment",
    ],
    ["one more tag", { a: "1" }, { a: "1", b: "2" }, "tags"],
    ["other JSON", '{"a":1}', '{"a":2}'],
    ["text that looks like JSON", "{not json", "{nor this"],
    ["another kind", ["a"], { a: 1 }],
  ];
  for (const [what, said, found, property] of changed) {
    it(`changed: ${what}`, () => expect(stillHolds(said, found, property)).to.equal(false));
  }
});
