import * as iotApi from "@aws-sdk/client-iot";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import { Device } from "../../devices";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { failure, register } from "./devicesHelp";
import { FleetAccount, LAG } from "./fleetIndexHelp";
import { Account, allow } from "./rulesHelp";

describe("the fleet index on the local cloud", () => {
  let cloud: LocalCloud;
  let fleet: FleetAccount;
  const devices: Device[] = [];

  before("start the local cloud and its index", async function () {
    if (process.env.THINGSTACK_E2E_STACK) this.skip();
    cloud = await startLocalCloud({ fleetIndexLagSeconds: LAG });
    fleet = new FleetAccount(cloud);
    await fleet.index();
  });

  after(async () => {
    await Promise.all(devices.map((device) => device.close()));
    await cloud?.stop();
  });

  /** @param registered whose certificate it shows */
  async function join(thingName: string, registered = register(cloud, thingName)): Promise<Device> {
    const device = await Device.connect({ ...(await registered), thingName, ...cloud.mqtt });
    devices.push(device);
    return device;
  }

  describe("a dynamic group", () => {
    it("is BUILDING, then ACTIVE, and says its query", async () => {
      await fleet.createThing("plain");
      const group = { thingGroupName: "described", queryString: "thingName:plain" };
      const thingGroupProperties = { thingGroupDescription: "all that is plain" };
      const made = await fleet.iot.send(new iotApi.CreateDynamicThingGroupCommand({ ...group, thingGroupProperties }));
      const describe = new iotApi.DescribeThingGroupCommand({ thingGroupName: "described" });
      const building = await fleet.iot.send(describe);
      expect(building).to.deep.include({ status: "BUILDING", version: 1, ...group });
      expect(await fleet.members("described"), "nobody is in it yet").to.deep.equal([]);
      await fleet.groupActive("described");
      expect(await fleet.members("described")).to.deep.equal(["plain"]);
      const { indexName, queryVersion, thingGroupArn, thingGroupId } = await fleet.iot.send(describe);
      expect({ indexName, queryVersion }).to.deep.equal({ indexName: "AWS_Things", queryVersion: "2017-09-30" });
      expect(made).to.include({ indexName, queryVersion, thingGroupArn, thingGroupId });
    });

    it("follows the registry: attributes, new things, and things that are deleted", async () => {
      await fleet.createThing("old", { build: "1009000" });
      await fleet.createThing("new", { build: "2000000" });
      await fleet.createGroup("below-two", "attributes.build<2000000");
      expect(await fleet.members("below-two")).to.deep.equal(["old"]);
      await fleet.setAttributes("new", { build: "1010000" });
      await fleet.createThing("newcomer", { build: "1" });
      await fleet.membersBecome("below-two", "new", "newcomer", "old");
      await fleet.setAttributes("old", { build: "2000000" });
      await fleet.iot.send(new iotApi.DeleteThingCommand({ thingName: "newcomer" }));
      await fleet.membersBecome("below-two", "new");
    });

    it("follows what a device reports over mTLS, and shadows that are deleted", async () => {
      const device = await join("reporter");
      await fleet.createGroup("hot", "shadow.reported.temperature>30");
      await device.report({ temperature: 31 });
      await fleet.membersBecome("hot", "reporter");
      await device.report({ temperature: 29 });
      await fleet.membersBecome("hot");
      await device.report({ temperature: 40 });
      await fleet.membersBecome("hot", "reporter");
      await fleet.deleteShadow("reporter");
      await fleet.membersBecome("hot");
    });

    it("follows a named shadow that the cloud writes", async () => {
      await fleet.createThing("app-old");
      await fleet.createThing("app-new");
      await fleet.updateShadow("app-old", "apps", { reported: { cooler: { version: "1.10", build: 1_010_000 } } });
      await fleet.updateShadow("app-new", "apps", { reported: { cooler: { version: "2.0", build: 2_000_000 } } });
      await fleet.createGroup("app-below-two", "shadow.name.apps.reported.cooler.build<2000000");
      expect(await fleet.members("app-below-two")).to.deep.equal(["app-old"]);
      await fleet.updateShadow("app-old", "apps", { reported: { cooler: { version: "2.0", build: 2_000_000 } } });
      await fleet.membersBecome("app-below-two");
    });

    it("follows connectivity", async () => {
      await fleet.createGroup("online", "connectivity.connected:true AND thingName:roamer");
      const device = await join("roamer");
      await fleet.membersBecome("online", "roamer");
      await device.close();
      await fleet.membersBecome("online");
      const query = "connectivity.disconnectReason:CLIENT_INITIATED_DISCONNECT AND thingName:roamer";
      const { things } = await fleet.iot.send(new iotApi.SearchIndexCommand({ queryString: query }));
      expect(things?.[0]?.connectivity).to.include({ connected: false });
      expect(things?.[0]?.connectivity?.timestamp).to.be.closeTo(Date.now(), 60_000);
    });

    it("follows a thing that came into the registry unseen, when its device connects", async () => {
      await fleet.createGroup("unseen", "attributes.origin:factory");
      await FleetAccount.behind(cloud).createThing("stranger", { origin: "factory" });
      const anything = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "iot:*", Resource: "*" }] };
      await join("stranger", register(cloud, "claimant", anything));
      await fleet.membersBecome("unseen", "stranger");
    });

    it("has a thing again that was deleted and made anew at once", async () => {
      await fleet.createThing("phoenix", { bird: "yes" });
      const arn = await fleet.createGroup("birds", "attributes.bird:yes");
      await fleet.iot.send(new iotApi.DeleteThingCommand({ thingName: "phoenix" }));
      await fleet.createThing("phoenix", { bird: "yes" });
      expect(await fleet.members("birds"), "MiniStack took it out").to.deep.equal([]);
      await fleet.membersBecome("birds", "phoenix");
      await fleet.createJob("reborn", arn, "SNAPSHOT");
      expect(await fleet.thingsOfJob("reborn")).to.deep.equal(["phoenix"]);
    });

    it("takes a new query: REBUILDING, and then its members", async () => {
      await fleet.createThing("red", { colour: "red" });
      await fleet.createThing("blue", { colour: "blue" });
      await fleet.createGroup("coloured", "attributes.colour:red");
      const change = { thingGroupName: "coloured", thingGroupProperties: {}, expectedVersion: 1 };
      const update = new iotApi.UpdateDynamicThingGroupCommand({ ...change, queryString: "attributes.colour:blue" });
      expect(await fleet.iot.send(update)).to.include({ version: 2 });
      const { status } = await fleet.iot.send(new iotApi.DescribeThingGroupCommand({ thingGroupName: "coloured" }));
      expect(status).to.equal("REBUILDING");
      await fleet.groupActive("coloured");
      expect(await fleet.members("coloured")).to.deep.equal(["blue"]);
      expect((await failure(fleet.iot.send(update))).name).to.equal("VersionConflictException");
    });
  });

  describe("jobs", () => {
    it("a SNAPSHOT job on a dynamic group reaches exactly its members", async () => {
      for (const [thingName, floor] of [
        ["s-1", "1"],
        ["s-2", "2"],
        ["s-3", "3"],
      ] as const) {
        await fleet.createThing(thingName, { floor });
      }
      const arn = await fleet.createGroup("upstairs", "attributes.floor>=2");
      await fleet.createJob("snapshot", arn, "SNAPSHOT");
      expect(await fleet.thingsOfJob("snapshot")).to.deep.equal(["s-2", "s-3"]);
      await fleet.setAttributes("s-1", { floor: "2" });
      await fleet.membersBecome("upstairs", "s-1", "s-2", "s-3");
      expect(await fleet.thingsOfJob("snapshot")).to.deep.equal(["s-2", "s-3"]);
    });

    it("a CONTINUOUS job reaches a device that comes into the group later", async () => {
      const device = await join("latecomer");
      const arn = await fleet.createGroup("needs-update", "shadow.reported.firmware:old");
      await fleet.createJob("continuous", arn, "CONTINUOUS");
      const told: unknown[] = [];
      await device.subscribe("$aws/things/latecomer/jobs/notify-next", (payload) =>
        told.push(JSON.parse(String(payload))),
      );
      await device.report({ firmware: "old" });
      await waitFor("the device to be told of its job", () => told.length > 0);
      expect(told[0]).to.have.nested.property("execution.jobId", "continuous");
      expect(await fleet.thingsOfJob("continuous")).to.deep.equal(["latecomer"]);
    });
  });

  describe("SearchIndex", () => {
    it("gives pages, and each thing with all that is indexed of it", async () => {
      for (const thingName of ["page-1", "page-2", "page-3"]) await fleet.createThing(thingName, { shelf: "p" });
      await fleet.updateShadow("page-2", "apps", { desired: { a: 1 }, reported: { a: 2 } });
      const queryString = "thingName:page-*";
      const delta = `${queryString} shadow.name.apps.hasDelta:true`;
      await waitFor("three things", async () => (await fleet.search(queryString)).length === 3);
      await waitFor("the shadow", async () => (await fleet.search(delta)).length === 1);
      const first = await fleet.iot.send(new iotApi.SearchIndexCommand({ queryString, maxResults: 2 }));
      expect(first.things?.map(({ thingName }) => thingName)).to.deep.equal(["page-1", "page-2"]);
      expect(first.things?.[1]).to.deep.include({ attributes: { shelf: "p" }, thingGroupNames: [] });
      const named = { desired: { a: 1 }, reported: { a: 2 }, delta: { a: 1 }, hasDelta: true };
      expect(JSON.parse(first.things?.[1]?.shadow ?? "")).to.deep.equal({ name: { apps: named } });
      const { nextToken } = first;
      const second = await fleet.iot.send(new iotApi.SearchIndexCommand({ queryString, maxResults: 2, nextToken }));
      expect(second.things?.map(({ thingName }) => thingName)).to.deep.equal(["page-3"]);
      expect(second.nextToken).to.equal(undefined);
    });

    it("sees a change only after the index's lag, as on AWS", async () => {
      await fleet.createThing("slow");
      expect(await fleet.search("thingName:slow")).to.deep.equal([]);
      await waitFor("the thing", async () => (await fleet.search("thingName:slow")).length === 1);
    });

    it("counts what it finds, and the values of a field", async () => {
      const floors = { "c-1": "1", "c-2": "4", "c-3": "4", "c-4": "basement" };
      for (const [thingName, floor] of Object.entries(floors)) await fleet.createThing(thingName, { floor });
      const queryString = "thingName:c-?";
      await waitFor("four things", async () => (await fleet.search(queryString)).length === 4);
      const all = await fleet.iot.send(new iotApi.GetStatisticsCommand({ queryString }));
      expect(all.statistics).to.deep.equal({ count: 4 });
      const field = { queryString, aggregationField: "attributes.floor" };
      const { statistics } = await fleet.iot.send(new iotApi.GetStatisticsCommand(field));
      expect(statistics).to.include({
        count: 3,
        sum: 9,
        average: 3,
        minimum: 1,
        maximum: 4,
        sumOfSquares: 33,
        variance: 2,
      });
      expect((await fleet.iot.send(new iotApi.GetCardinalityCommand(field))).cardinality).to.equal(2);
      const bucketsAggregationType = { termsAggregation: { maxBuckets: 1 } };
      const buckets = await fleet.iot.send(
        new iotApi.GetBucketsAggregationCommand({ ...field, bucketsAggregationType }),
      );
      expect(buckets).to.deep.include({ totalCount: 3, buckets: [{ keyValue: "4", count: 2 }] });
      const other = new iotApi.GetStatisticsCommand({ queryString, aggregationField: "attributes.colour" });
      expect((await failure(fleet.iot.send(other))).name).to.equal("InvalidAggregationException");
    });

    it("is there for a function at its ordinary endpoint, with a role for just this index and one group", async () => {
      const account = new Account(cloud);
      const resources = [account.arn("iot", "index/AWS_Things"), account.arn("iot", "thinggroup/allowed")];
      await account.createFunction(
        "searcher",
        allow("iot:*", resources),
        `const iot = require("@aws-sdk/client-iot");
        const client = new iot.IoTClient({});
        exports.handler = async () => {
          const { things } = await client.send(new iot.SearchIndexCommand({ queryString: "thingName:plain" }));
          const create = (thingGroupName) =>
            client.send(new iot.CreateDynamicThingGroupCommand({ thingGroupName, queryString: "thingName:plain" }))
              .then(() => "created", ({ name, message }) => name + ": " + message);
          return { found: things.map(({ thingName }) => thingName), allowed: await create("allowed"), other: await create("other") };
        };`,
      );
      const { Payload } = await account.lambda.send(new InvokeCommand({ FunctionName: "searcher" }));
      const answer = JSON.parse(Buffer.from(Payload as Uint8Array).toString());
      expect(answer).to.deep.include({ found: ["plain"], allowed: "created" });
      expect(answer.other).to.match(
        /^AccessDeniedException: .*iot:CreateDynamicThingGroup on resource: arn:\S+:thinggroup\/other /,
      );
    });
  });

  describe("refuses", () => {
    const group = { thingGroupName: "refusing", queryString: "thingName:nobody" };
    const thingGroupName = group.thingGroupName;
    before(() => fleet.createGroup(group.thingGroupName, group.queryString));

    const create = (queryString: string, more: object = {}) =>
      fleet.iot.send(new iotApi.CreateDynamicThingGroupCommand({ thingGroupName: "never", queryString, ...more }));
    const cases: [what: string, call: () => Promise<unknown>, name: string, message: RegExp][] = [
      [
        "a malformed query, with its place",
        () => create("attributes.build<2 OR"),
        "InvalidQueryException",
        /expected a term .*\(character 22\)/,
      ],
      [
        "a version that is no number",
        () => create("attributes.v<1.2.3"),
        "InvalidQueryException",
        /1\.2\.3 is no number.*\(character 14\)/,
      ],
      [
        "a field that there is not",
        () => create("thingname:a"),
        "InvalidQueryException",
        /invalid field name, field name: thingname: did you mean thingName\?/,
      ],
      [
        "a shadow that is not indexed",
        () => create("shadow.name.other.reported.a:1"),
        "InvalidQueryException",
        /shadow other is not indexed/,
      ],
      ["an empty query", () => create(" "), "InvalidRequestException", /queryString must not be empty/],
      ["a tag without a key", () => create("a", { tags: [{ Value: "x" }] }), "InvalidRequestException", /[Tt]ag/],
      [
        "another query version",
        () => create("a", { queryVersion: "2020-01-01" }),
        "InvalidRequestException",
        /queryVersion must be 2017-09-30/,
      ],
      [
        "another index",
        () => create("a", { indexName: "AWS_Other" }),
        "ResourceNotFoundException",
        /Index 'AWS_Other' does not exist/,
      ],
      [
        "a name with a space",
        () => fleet.iot.send(new iotApi.CreateDynamicThingGroupCommand({ thingGroupName: "a b", queryString: "a" })),
        "InvalidRequestException",
        /'a b' at 'thingGroupName'/,
      ],
      [
        "the same group twice",
        () => fleet.iot.send(new iotApi.CreateDynamicThingGroupCommand(group)),
        "ResourceAlreadyExistsException",
        /refusing already exists/,
      ],
      [
        "a static group of its name",
        () => fleet.iot.send(new iotApi.CreateThingGroupCommand({ thingGroupName })),
        "ResourceAlreadyExistsException",
        /already exists/,
      ],
      [
        "a child",
        () =>
          fleet.iot.send(
            new iotApi.CreateThingGroupCommand({ thingGroupName: "child", parentGroupName: thingGroupName }),
          ),
        "InvalidRequestException",
        /cannot be part of a hierarchy/,
      ],
      [
        "members from elsewhere",
        () => fleet.iot.send(new iotApi.AddThingToThingGroupCommand({ thingGroupName, thingName: "plain" })),
        "InvalidRequestException",
        /is dynamic: its query decides/,
      ],
      [
        "that members are taken out",
        () => fleet.iot.send(new iotApi.RemoveThingFromThingGroupCommand({ thingGroupName, thingName: "plain" })),
        "InvalidRequestException",
        /is dynamic/,
      ],
      [
        "UpdateThingGroup",
        () => fleet.iot.send(new iotApi.UpdateThingGroupCommand({ thingGroupName, thingGroupProperties: {} })),
        "InvalidRequestException",
        /use UpdateDynamicThingGroup/,
      ],
      [
        "DeleteThingGroup",
        () => fleet.iot.send(new iotApi.DeleteThingGroupCommand({ thingGroupName })),
        "InvalidRequestException",
        /use DeleteDynamicThingGroup/,
      ],
      [
        "an unknown group's update",
        () =>
          fleet.iot.send(
            new iotApi.UpdateDynamicThingGroupCommand({ thingGroupName: "unknown", thingGroupProperties: {} }),
          ),
        "ResourceNotFoundException",
        /unknown does not exist/,
      ],
      [
        "to be turned off while there are groups",
        () =>
          fleet.iot.send(
            new iotApi.UpdateIndexingConfigurationCommand({ thingIndexingConfiguration: { thingIndexingMode: "OFF" } }),
          ),
        "InvalidRequestException",
        /cannot be turned off .*refusing/,
      ],
      [
        "named shadows without names",
        () =>
          fleet.iot.send(
            new iotApi.UpdateIndexingConfigurationCommand({
              thingIndexingConfiguration: { thingIndexingMode: "REGISTRY", namedShadowIndexingMode: "ON" },
            }),
          ),
        "InvalidRequestException",
        /NamedShadowNames Filter must not be empty/,
      ],
      [
        "a page of 101",
        () => fleet.iot.send(new iotApi.SearchIndexCommand({ queryString: "*", maxResults: 101 })),
        "InvalidRequestException",
        /maxResults must be a whole number from 1 to 100/,
      ],
      [
        "a made-up token",
        () => fleet.iot.send(new iotApi.SearchIndexCommand({ queryString: "*", nextToken: "AAAA" })),
        "InvalidRequestException",
        /nextToken is none/,
      ],
    ];
    for (const [what, call, name, message] of cases) {
      it(what, async () => {
        const error = await failure(call());
        expect(error.name).to.equal(name);
        expect(error.message).to.match(message);
      });
    }

    it("everything while another account's index is off", async () => {
      const other = new FleetAccount(cloud, "111122223333");
      for (const work of [other.search("*"), other.createGroup("a", "*")]) {
        const error = await failure(work);
        expect(error.name).to.equal("ResourceNotFoundException");
        expect(error.message).to.contain("UpdateIndexingConfiguration");
      }
    });
  });

  it("a group that is deleted is gone, with its memberships, and deleting it again does no harm", async () => {
    await fleet.createThing("bereft", { mood: "sad" });
    await fleet.createGroup("short-lived", "attributes.mood:sad");
    expect(await fleet.members("short-lived")).to.deep.equal(["bereft"]);
    const remove = new iotApi.DeleteDynamicThingGroupCommand({ thingGroupName: "short-lived" });
    await fleet.iot.send(remove);
    await fleet.iot.send(remove);
    expect((await failure(fleet.members("short-lived"))).name).to.equal("ResourceNotFoundException");
    await waitFor(
      "the index to forget it",
      async () => (await fleet.search("thingGroupNames:short-lived")).length === 0,
    );
  });

  it("lets one of several writers through that expect the same version of a thing", async () => {
    const thingName = "contested";
    await fleet.iot.send(new iotApi.CreateThingCommand({ thingName }));
    const write = (client: iotApi.IoTClient, n: number, expectedVersion = 1) => {
      const attributes = { writer: String(n) };
      const change = { thingName, expectedVersion, attributePayload: { attributes, merge: true } };
      return client.send(new iotApi.UpdateThingCommand(change)).then(
        () => n,
        (error: Error) => error.name,
      );
    };
    const outcomes = await Promise.all([1, 2, 3, 4, 5].map((n) => write(fleet.iot, n)));
    const [winner, ...others] = outcomes.filter((outcome) => typeof outcome === "number");
    expect(others).to.deep.equal([]);
    expect(outcomes.filter((outcome) => outcome === "VersionConflictException")).to.have.length(4);
    const { version, attributes } = await fleet.iot.send(new iotApi.DescribeThingCommand({ thingName }));
    expect({ version, attributes }).to.deep.equal({ version: 2, attributes: { writer: String(winner) } });
    const direct = FleetAccount.behind(cloud);
    expect(await write(direct.iot, 6), "a gap of MiniStack's; the day this fails, updateThing may go").to.equal(6);
  });

  it("MiniStack itself knows neither dynamic groups nor comparisons: the day this fails, sandbox/fleetIndex may go", async () => {
    const direct = FleetAccount.behind(cloud);
    const group = { thingGroupName: "theirs", queryString: "thingName:plain" };
    const create = await failure(direct.iot.send(new iotApi.CreateDynamicThingGroupCommand(group)));
    expect(create.message).to.contain("Unsupported IoT path");
    expect((await failure(direct.search("attributes.build<2"))).name).to.equal("InvalidQueryException");
  });
});

describe("the fleet index, of what nobody told it", () => {
  let cloud: LocalCloud;
  let fleet: FleetAccount;
  before("start a local cloud whose index looks at everything each second", async function () {
    if (process.env.THINGSTACK_E2E_STACK) this.skip();
    cloud = await startLocalCloud({ fleetIndexLagSeconds: 0, fleetIndexSweepSeconds: 1 });
    fleet = new FleetAccount(cloud);
    await fleet.index();
  });
  after(() => cloud?.stop());

  it("hears at its next look, and puts members back that somebody took out", async () => {
    await fleet.createGroup("swept", "attributes.a:1");
    const behind = FleetAccount.behind(cloud);
    await behind.createThing("silent", { a: "1" });
    await fleet.membersBecome("swept", "silent");
    const member = { thingGroupName: "swept", thingName: "silent" };
    await behind.iot.send(new iotApi.RemoveThingFromThingGroupCommand(member));
    await fleet.membersBecome("swept", "silent");
    await behind.iot.send(new iotApi.DeleteThingCommand({ thingName: "silent" }));
    await waitFor("the index to forget it", async () => (await fleet.search("thingName:silent")).length === 0);
  });

  it("is off when it is turned off, and comes back with everything", async () => {
    await fleet.iot.send(new iotApi.DeleteDynamicThingGroupCommand({ thingGroupName: "swept" }));
    const off = { thingIndexingConfiguration: { thingIndexingMode: "OFF" as const } };
    await fleet.iot.send(new iotApi.UpdateIndexingConfigurationCommand(off));
    expect((await failure(fleet.search("*"))).name).to.equal("ResourceNotFoundException");
    await fleet.createThing("meanwhile");
    await fleet.index();
    expect(await fleet.search("thingName:meanwhile")).to.deep.equal(["meanwhile"]);
  });
});
