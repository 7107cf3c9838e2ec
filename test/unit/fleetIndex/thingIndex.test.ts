import { expect } from "chai";
import type { HeardChange } from "../../../sandbox/fleetIndex/brokerFeed";
import { type Indexing, indexingOf } from "../../../sandbox/fleetIndex/indexing";
import type { Thing } from "../../../sandbox/fleetIndex/thing";
import { ThingIndex } from "../../../sandbox/fleetIndex/thingIndex";
import { thing } from "./queryHelp";

const EVERYTHING = indexingOf({
  thingIndexingMode: "REGISTRY_AND_SHADOW",
  thingConnectivityIndexingMode: "STATUS",
  namedShadowIndexingMode: "ON",
  filter: { namedShadowNames: ["apps"] },
});

/** The state of thing1 with a number in its classic shadow. */
const state = (n: number): Thing => thing({ shadow: { reported: { n } } }).thing;
const change = (heard: number, n = heard, thingName = "thing1"): HeardChange => ({
  thingName,
  heard,
  apply: (before) => ({ ...before, shadows: new Map([...before.shadows, ...state(n).shadows]) }),
});

describe("the index of things", () => {
  let index: ThingIndex;
  beforeEach(() => {
    index = new ThingIndex();
  });
  const n = () => index.get("thing1")?.field("shadow.reported.n")?.numbers[0];

  it("has what was read, and applies what is heard later", () => {
    index.replaceAll([state(1)], 1);
    expect(index.apply(change(2), EVERYTHING)).to.equal("applied");
    expect(n()).to.equal(2);
  });

  it("does not go back in time: what was heard before a thing was read is known", () => {
    index.replaceAll([state(0)], 0);
    index.replaceAll([state(3)], 3);
    expect([change(1), change(2), change(3)].map((old) => index.apply(old, EVERYTHING))).to.deep.equal([
      "known",
      "known",
      "known",
    ]);
    expect(n()).to.equal(3);
    expect(index.apply(change(4), EVERYTHING)).to.equal("applied");
    index.replace("thing1", state(6), 6);
    expect(index.apply(change(5), EVERYTHING)).to.equal("known");
    expect(n()).to.equal(6);
  });

  it("knows no thing that is not in the registry, nor one that has gone", () => {
    expect(index.apply(change(1, 1, "stranger"), EVERYTHING)).to.equal("no such thing");
    index.replaceAll([state(1)], 1);
    index.replace("thing1", undefined, 2);
    expect(index.apply(change(3), EVERYTHING)).to.equal("no such thing");
    index.replaceAll([state(1)], 3);
    index.replaceAll([], 4);
    expect(index.names).to.deep.equal([]);
  });

  describe("keeps only what is indexed", () => {
    const full: HeardChange = {
      thingName: "thing1",
      heard: 1,
      apply: (before) => ({
        ...before,
        shadows: new Map([
          ["", { reported: { a: 1 } }],
          ["apps", { reported: { a: 1 } }],
          ["other", { reported: { a: 1 } }],
        ]),
        connectivity: { connected: true },
      }),
    };
    const cases: [what: string, indexing: Indexing, fields: string[]][] = [
      ["everything", EVERYTHING, ["shadow.reported.a", "shadow.name.apps.reported.a", "connectivity.connected"]],
      ["named shadows", { ...EVERYTHING, shadows: false, connectivity: false }, ["shadow.name.apps.reported.a"]],
      ["the registry", indexingOf({ thingIndexingMode: "REGISTRY" }), []],
    ];
    const all = [
      "shadow.reported.a",
      "shadow.name.apps.reported.a",
      "shadow.name.other.reported.a",
      "connectivity.connected",
    ];
    for (const [what, indexing, fields] of cases) {
      it(what, () => {
        index.replaceAll([thing().thing], 0);
        index.apply(full, indexing);
        expect(all.filter((field) => index.get("thing1")?.field(field))).to.deep.equal(fields);
      });
    }
  });

  it("finds by name, in order", () => {
    const names = ["b", "c", "a"];
    index.replaceAll(
      names.map((thingName) => thing({ thingName }).thing),
      0,
    );
    expect(index.find(() => true).map((one) => one.thing.thingName)).to.deep.equal(["a", "b", "c"]);
  });
});
