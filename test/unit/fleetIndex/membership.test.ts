import { expect } from "chai";
import { DynamicGroup } from "../../../sandbox/fleetIndex/dynamicGroup";
import { decide } from "../../../sandbox/fleetIndex/membership";
import { compileQuery } from "../../../sandbox/fleetIndex/query/compile";
import { parseQuery } from "../../../sandbox/fleetIndex/query/parse";
import { thing } from "./queryHelp";

const predicate = (query: string) => compileQuery(parseQuery(query));

function groupOf(name: string, query: string): DynamicGroup {
  const group = new DynamicGroup(name, query, predicate(query));
  group.settle(group.waiting!);
  return group;
}

describe("membership of dynamic groups", () => {
  const statics = (count: number) => Array.from({ length: count }, (_, at) => `static-${at}`);
  const cases: {
    what: string;
    groups: DynamicGroup[];
    thingGroupNames?: string[];
    moves: string[];
    refused?: number;
  }[] = [
    { what: "joins what it matches", groups: [groupOf("a", "thing1"), groupOf("b", "thing2")], moves: ["+a"] },
    {
      what: "leaves what it no longer matches",
      groups: [groupOf("a", "thing2")],
      thingGroupNames: ["a"],
      moves: ["-a"],
    },
    {
      what: "stays where it is",
      groups: [groupOf("a", "thing1"), groupOf("b", "thing2")],
      thingGroupNames: ["a"],
      moves: [],
    },
    {
      what: "leaves before it joins",
      groups: [groupOf("a", "thing1"), groupOf("b", "thing2")],
      thingGroupNames: ["b"],
      moves: ["-b", "+a"],
    },
    {
      what: "finds no room beside ten static groups",
      groups: [groupOf("a", "thing1")],
      thingGroupNames: statics(10),
      moves: [],
      refused: 1,
    },
    {
      what: "joins the older group where there is room for one",
      groups: [groupOf("older", "thing1"), groupOf("newer", "thing1")],
      thingGroupNames: statics(9),
      moves: ["+older"],
      refused: 1,
    },
    {
      what: "leaves the newer group for an older one",
      groups: [groupOf("older", "thing1"), groupOf("newer", "thing1")],
      thingGroupNames: [...statics(9), "newer"],
      moves: ["-newer", "+older"],
      refused: 1,
    },
  ];
  for (const { what, groups, thingGroupNames = [], moves, refused = 0 } of cases) {
    it(`a thing ${what}`, () => {
      const decision = decide(thing({ thingGroupNames }), groups, (group) => group.predicate);
      expect(decision.moves.map(({ group, joins }) => `${joins ? "+" : "-"}${group}`)).to.deep.equal(moves);
      expect(decision.refused).to.have.length(refused);
    });
  }

  describe("a group", () => {
    it("is BUILDING until its first evaluation, and nobody joins before", () => {
      const group = new DynamicGroup("a", "thing1", predicate("thing1"));
      expect(group.status).to.equal("BUILDING");
      expect(decide(thing(), [group], () => group.predicate).moves).to.deep.equal([]);
      group.settle(group.waiting!);
      expect(group.status).to.equal("ACTIVE");
      expect(decide(thing(), [group], () => group.predicate).moves).to.have.length(1);
    });

    it("is REBUILDING with a new query, and keeps to the old one meanwhile", () => {
      const group = groupOf("a", "thing1");
      group.replaceQuery("thing2", predicate("thing2"));
      expect(group.status).to.equal("REBUILDING");
      expect(decide(thing({ thingGroupNames: ["a"] }), [group], () => group.predicate).moves).to.deep.equal([]);
    });

    it("stays REBUILDING when its query was replaced during the evaluation", () => {
      const group = groupOf("a", "thing1");
      group.replaceQuery("thing2", predicate("thing2"));
      const underWay = group.waiting!;
      group.replaceQuery("thing3", predicate("thing3"));
      group.settle(underWay);
      expect(group.status).to.equal("REBUILDING");
      group.settle(group.waiting!);
      expect(group.status).to.equal("ACTIVE");
    });
  });
});
