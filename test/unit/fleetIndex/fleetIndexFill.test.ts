import { expect } from "chai";
import type { AwsRequest } from "../../../sandbox/fill";
import { fleetIndexFill } from "../../../sandbox/fleetIndex";

describe("the fleet index's fill", () => {
  const nowhere = "http://127.0.0.1:1";
  const mqtt = { host: "127.0.0.1", port: 1, caPath: "/nonexistent" };
  const account = { region: "us-east-1", accountId: "000000000000" };
  const fill = fleetIndexFill({ endpoint: nowhere, ministackUrl: nowhere, mqtt, ...account });
  after(() => fill.close());

  const cases: [method: string, path: string, taken: boolean, more?: Partial<AwsRequest>][] = [
    ["POST", "/dynamic-thing-groups/a", true],
    ["PATCH", "/dynamic-thing-groups/a", true],
    ["DELETE", "/dynamic-thing-groups/a", true],
    ["GET", "/thing-groups/a", true],
    ["POST", "/thing-groups/a", true],
    ["PATCH", "/thing-groups/a", true],
    ["DELETE", "/thing-groups/a", true],
    ["PUT", "/thing-groups/addThingToThingGroup", true],
    ["PUT", "/thing-groups/removeThingFromThingGroup", true],
    ["PUT", "/target-policies/a", true],
    ["POST", "/indexing/config", true],
    ["POST", "/indices/search", true],
    ["POST", "/indices/statistics", true],
    ["POST", "/indices/cardinality", true],
    ["POST", "/indices/buckets", true],
    ["POST", "/indices/percentiles", false],
    ["GET", "/indices/AWS_Things", true],
    ["GET", "/indexing/config", false],
    ["GET", "/thing-groups", false],
    ["GET", "/thing-groups/a/things", false],
    ["GET", "/things/a", false],
    ["GET", "/indices", false],
    ["POST", "/rules/a", false],
    ["POST", "/dynamic-thing-groups/a", false, { service: "events" }],
    ["POST", "/dynamic-thing-groups/a", false, { headers: { "x-thingstack-passed-on": "1" } }],
    // Nobody has asked for an index yet, so nobody has to hear of things.
    ["POST", "/things/a", false],
    ["DELETE", "/things/a", false],
  ];
  for (const [method, path, taken, more] of cases) {
    it(`${taken ? "takes" : "leaves"} ${method} ${path} ${more ? JSON.stringify(more) : ""}`, () => {
      const request: AwsRequest = {
        service: "iot",
        accessKeyId: account.accountId,
        region: account.region,
        method,
        path,
        query: new URLSearchParams(),
        headers: {},
        body: Buffer.alloc(0),
        ...more,
      };
      expect(fill.takes(request)).to.equal(taken);
    });
  }
});
