import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { DevicePolicy, ShadowDevice, type ShadowDeviceArgs } from "../../components";
import { type Connection, evaluate } from "../support/iotPolicy";
import { record, settled } from "../support/record";
import { refusedProperties } from "../support/refusal";

const csr = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n";

describe("ShadowDevice", () => {
  it("makes a thing with its attributes, an active certificate, and attaches both and the policy", async () => {
    const { one } = await record(
      () => new ShadowDevice("cooler-1", { thingTypeName: "cooler", attributes: { model: "x2" } }),
    );
    expect(one("aws:iot/thing:Thing").inputs).to.deep.equal({
      name: "cooler-1",
      thingTypeName: "cooler",
      attributes: { model: "x2" },
    });
    expect(one("aws:iot/certificate:Certificate").inputs).to.deep.equal({ active: true });
    const certificate = "arn:aws:iot:eu-central-1:123456789012:cooler-1-certificate-0000000";
    expect(one("aws:iot/thingPrincipalAttachment:ThingPrincipalAttachment").inputs).to.deep.equal({
      thing: "cooler-1",
      principal: certificate,
    });
    expect(one("aws:iot/policyAttachment:PolicyAttachment").inputs).to.deep.equal({
      policy: "cooler-1-policy-0000000",
      target: certificate,
    });
  });

  it("hands a key that AWS made out as a secret", async () => {
    const { result } = await record(() => new ShadowDevice("cooler-1"));
    expect(await pulumi.isSecret(result.privateKey!)).to.equal(true);
    expect(await settled(result.privateKey!)).to.match(/PRIVATE KEY/);
  });

  it("makes the certificate from a CSR and then has no key to hand out", async () => {
    const { one, result } = await record(() => new ShadowDevice("cooler-1", { csr }));
    expect(one("aws:iot/certificate:Certificate").inputs).to.deep.equal({ active: true, csr });
    expect(result.privateKey).to.equal(undefined);
  });

  it("shares a policy with other devices", async () => {
    const { all } = await record(() => {
      const policy = new DevicePolicy("fleet");
      new ShadowDevice("cooler-1", { policy });
      new ShadowDevice("cooler-2", { policy });
    });
    expect(all("aws:iot/policy:Policy").map(({ name }) => name)).to.deep.equal(["fleet-policy"]);
  });

  const refusals: [string, ShadowDeviceArgs, string, RegExp][] = [
    ["a thing name with a space", { thingName: "cooler 1" }, "thingName", /has " " in it/],
    ["a thing name of 129 characters", { thingName: "a".repeat(129) }, "thingName", /129 characters.*128/],
    ["an empty thing name", { thingName: "" }, "thingName", /must not be empty/],
    ["a thing name with a slash", { thingName: "a/b" }, "thingName", /has "\/" in it/],
    ["a thing name with a wildcard", { thingName: "+" }, "thingName", /has "\+" in it/],
    ["a certificate where a CSR belongs", { csr: "-----BEGIN CERTIFICATE-----" }, "csr", /signing request in PEM/],
  ];
  for (const [what, args, path, reason] of refusals) {
    it(`refuses ${what}, before anything is made`, async () => {
      const refused = await refusedProperties(() => new ShadowDevice("cooler", args));
      expect(Object.keys(refused)).to.deep.equal([path]);
      expect(refused[path]).to.match(reason);
    });
  }
});

describe("DevicePolicy", () => {
  const self: Connection = { clientId: "cooler-1", thingName: "cooler-1", attached: true };
  const impostor: Connection = { clientId: "cooler-2", thingName: undefined, attached: true };
  const unattached: Connection = { ...self, attached: false };
  const shadow = "$aws/things/cooler-1/shadow";
  const others = "$aws/things/cooler-2";

  const cases: [allowed: boolean, what: string, action: string, resource: string, connection?: Connection][] = [
    [true, "connects as itself", "Connect", "client/cooler-1"],
    [false, "connects as another client id", "Connect", "client/cooler-2"],
    [false, "connects with a client id that is no thing", "Connect", "client/cooler-2", impostor],
    [false, "connects with a certificate that is not attached", "Connect", "client/cooler-1", unattached],
    [true, "updates its own shadow", "Publish", `topic/${shadow}/update`],
    [true, "gets its own shadow", "Publish", `topic/${shadow}/get`],
    [false, "deletes its own shadow", "Publish", `topic/${shadow}/delete`],
    [false, "pretends that an update was accepted", "Publish", `topic/${shadow}/update/accepted`],
    [true, "asks what is recorded of it", "Publish", `topic/${shadow}/name/apps/get`],
    [true, "listens to what is recorded of it", "Subscribe", `topicfilter/${shadow}/name/apps/update/documents`],
    [false, "writes what is recorded of it", "Publish", `topic/${shadow}/name/apps/update`],
    [false, "deletes what is recorded of it", "Publish", `topic/${shadow}/name/apps/delete`],
    [false, "asks what is recorded of another", "Publish", `topic/${others}/shadow/name/apps/get`],
    [false, "updates another named shadow", "Publish", `topic/${shadow}/name/secret/update`],
    [false, "updates another thing's shadow", "Publish", `topic/${others}/shadow/update`],
    [false, "updates a shadow as an impostor", "Publish", `topic/${shadow}/update`, impostor],
    [true, "listens for its deltas", "Subscribe", `topicfilter/${shadow}/update/delta`],
    [true, "hears its deltas", "Receive", `topic/${shadow}/update/delta`],
    [true, "listens to all answers to its updates", "Subscribe", `topicfilter/${shadow}/update/#`],
    [false, "listens to another thing's deltas", "Subscribe", `topicfilter/${others}/shadow/update/delta`],
    [false, "hears another thing's deltas", "Receive", `topic/${others}/shadow/update/delta`],
    [false, "listens to the shadows of all things", "Subscribe", "topicfilter/$aws/things/+/shadow/update/delta"],
    [true, "sends its telemetry", "Publish", "topic/my/things/cooler-1/state"],
    [false, "sends another's telemetry", "Publish", "topic/my/things/cooler-2/state"],
    [true, "writes its log", "Publish", "topic/my/things/cooler-1/log"],
    [false, "publishes reminders about itself", "Publish", "topic/my/things/cooler-1/reminders"],
    [true, "listens for its commands", "Subscribe", "topicfilter/my/things/cooler-1/commands/#"],
    [false, "listens to everybody's telemetry", "Subscribe", "topicfilter/my/things/+/state"],
    [false, "listens to everything", "Subscribe", "topicfilter/#"],
    [false, "publishes elsewhere", "Publish", "topic/anything"],
    [
      false,
      "publishes past the rules' topic filters",
      "Publish",
      "topic/$aws/rules/thingstack_dev_overheated_raised/x",
    ],
    [true, "asks for its next job", "Publish", "topic/$aws/things/cooler-1/jobs/start-next"],
    [true, "reports on a job", "Publish", "topic/$aws/things/cooler-1/jobs/j1/update"],
    [true, "hears of new jobs", "Receive", "topic/$aws/things/cooler-1/jobs/notify-next"],
    [false, "reports on another's job", "Publish", `topic/${others}/jobs/j1/update`],
    [false, "hears of another's jobs", "Subscribe", `topicfilter/${others}/jobs/notify-next`],
    [false, "updates its shadow over HTTPS with SigV4 actions", "UpdateThingShadow", "thing/cooler-1"],
    [false, "retains a message", "RetainPublish", "topic/my/things/cooler-1/state"],
  ];

  let document: string;
  before(async () => {
    const { one } = await record(() => new DevicePolicy("fleet", { readOnlyShadows: ["apps"] }));
    document = one("aws:iot/policy:Policy").inputs.policy;
  });

  for (const [allowed, what, action, resource, connection = self] of cases) {
    it(`${allowed ? "lets" : "does not let"} a device that ${what}`, () => {
      const arn = `arn:aws:iot:eu-central-1:123456789012:${resource}`;
      const decision = evaluate(document, { action: `iot:${action}`, resource: arn, connection });
      expect(decision.allowed, decision.because).to.equal(allowed);
    });
  }

  it("lets a device update a shadow that the policy names", async () => {
    const { one } = await record(() => new DevicePolicy("fleet", { namedShadows: ["settings"] }));
    const resource = `arn:aws:iot:eu-central-1:123456789012:topic/${shadow}/name/settings/update`;
    const { policy } = one("aws:iot/policy:Policy").inputs;
    expect(evaluate(policy, { action: "iot:Publish", resource, connection: self }).allowed).to.equal(true);
  });

  it("refuses a shadow that devices may write and only read", async () => {
    const refused = await refusedProperties(
      () => new DevicePolicy("fleet", { namedShadows: ["apps"], readOnlyShadows: ["apps"] }),
    );
    expect(refused["readOnlyShadows[0]"]).to.match(/is among namedShadows/);
  });

  it("refuses more named shadows than a policy of AWS IoT has room for", async () => {
    const refused = await refusedProperties(() => new DevicePolicy("fleet", { namedShadows: ["a", "b", "c"] }));
    expect(refused.namedShadows).to.match(/characters long; AWS IoT takes 2048/);
  });

  it("refuses a named shadow that AWS would not take", async () => {
    const refused = await refusedProperties(() => new DevicePolicy("fleet", { namedShadows: ["apps", "a b"] }));
    expect(refused["namedShadows[1]"]).to.match(/has " " in it/);
  });
});
