import { expect } from "chai";
import {
  configurationError,
  fieldError,
  indexingOf,
  type ThingIndexingConfiguration,
} from "../../../sandbox/fleetIndex/indexing";

const REGISTRY = { thingIndexingMode: "REGISTRY" };
const EVERYTHING = {
  thingIndexingMode: "REGISTRY_AND_SHADOW",
  thingConnectivityIndexingMode: "STATUS",
  namedShadowIndexingMode: "ON",
  filter: { namedShadowNames: ["apps"] },
};

describe("what is indexed", () => {
  describe("fields", () => {
    const cases: [field: string, configuration: ThingIndexingConfiguration, problem: RegExp | undefined][] = [
      ["thingName", REGISTRY, undefined],
      ["thingId", REGISTRY, undefined],
      ["thingTypeName", REGISTRY, undefined],
      ["thingGroupNames", REGISTRY, undefined],
      ["attributes.a", REGISTRY, undefined],
      ["attributes.a.b-c", REGISTRY, undefined],
      ["shadow.reported.a.b", EVERYTHING, undefined],
      ["shadow.desired.a", EVERYTHING, undefined],
      ["shadow.delta.a", EVERYTHING, undefined],
      ["shadow.hasDelta", EVERYTHING, undefined],
      ["shadow.name.apps.reported.a", EVERYTHING, undefined],
      ["shadow.name.apps.hasDelta", EVERYTHING, undefined],
      ["connectivity.connected", EVERYTHING, undefined],
      ["connectivity.timestamp", EVERYTHING, undefined],
      ["connectivity.disconnectReason", EVERYTHING, undefined],
      ["thingGroupName", REGISTRY, /did you mean thingGroupNames\?/],
      ["ThingName", REGISTRY, /did you mean thingName\?/],
      ["attributes", REGISTRY, /there is no such field/],
      ["attributes.", REGISTRY, /empty/],
      ["colour.red", REGISTRY, /there is no such field/],
      ["shadow.reported.a", REGISTRY, /set thingIndexingMode to REGISTRY_AND_SHADOW/],
      ["shadow.reported", EVERYTHING, /shadow\.reported\.<path>/],
      ["shadow.state.reported.a", EVERYTHING, /of a shadow there are/],
      ["shadow.hasDelta.a", EVERYTHING, /of a shadow there are/],
      ["shadow.metadata.reported.a", EVERYTHING, /metadata is not indexed/],
      ["shadow.name.other.reported.a", EVERYTHING, /other is not indexed; .*namedShadowNames/],
      ["shadow.name.apps", EVERYTHING, /shadow\.name\.apps\.reported\.<path>/],
      ["shadow.name", EVERYTHING, /shadow\.name\.<shadow>\.reported/],
      ["connectivity.connected", REGISTRY, /set thingConnectivityIndexingMode to STATUS/],
      ["connectivity.since", EVERYTHING, /connected, timestamp and disconnectReason/],
      ["deviceDefender.violationCount", EVERYTHING, /no Device Defender/],
    ];
    for (const [field, configuration, problem] of cases) {
      it(`${field} with ${configuration.thingIndexingMode}: ${problem ?? "yes"}`, () => {
        const found = fieldError(field, indexingOf(configuration));
        if (problem) expect(found).to.match(problem);
        else expect(found).to.equal(undefined);
      });
    }
  });

  describe("configurations", () => {
    const named = (namedShadowNames: string[], more: object = {}) => ({
      ...EVERYTHING,
      filter: { namedShadowNames },
      ...more,
    });
    const cases: [what: string, configuration: ThingIndexingConfiguration, problem: RegExp | undefined][] = [
      ["nothing", { thingIndexingMode: "OFF" }, undefined],
      ["everything", EVERYTHING, undefined],
      ["ten shadows", named([..."0123456789"]), undefined],
      ["eleven shadows", named([..."0123456789a"]), /at most 10 names/],
      ["no shadows", named([]), /NamedShadowNames Filter must not be empty/],
      ["shadows of nothing", named(["apps"], { thingIndexingMode: "OFF" }), /thingIndexingMode must not be OFF/],
      ["another mode", named(["apps"], { namedShadowIndexingMode: "MAYBE" }), /must be ON or OFF/],
    ];
    for (const [what, configuration, problem] of cases) {
      it(`${what}: ${problem ?? "yes"}`, () => {
        const found = configurationError(configuration);
        if (problem) expect(found).to.match(problem);
        else expect(found).to.equal(undefined);
      });
    }

    it("names in a filter count only while named shadows are indexed", () => {
      expect(indexingOf({ ...EVERYTHING, namedShadowIndexingMode: "OFF" }).namedShadows).to.deep.equal([]);
      expect(indexingOf(undefined).registry).to.equal(false);
    });
  });
});
