import { expect } from "chai";
import { type Connection, evaluate, type PolicyDocument } from "../../support/iotPolicy";

const arn = (resource: string) => `arn:aws:iot:eu-west-1:123456789012:${resource}`;
const lamp: Connection = { clientId: "lamp", thingName: "lamp", attached: true };

interface Part {
  readonly Effect?: string;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}
const policy = (...parts: Part[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: parts.map((part) => ({ Effect: "Allow", ...part })),
});

interface Case {
  readonly name: string;
  readonly policies: PolicyDocument | PolicyDocument[];
  readonly action: string;
  readonly resource: string;
  readonly connection?: Partial<Connection>;
  readonly allowed: boolean;
}

function table(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    for (const { name, policies, action, resource, connection, allowed } of cases) {
      it(`${name}: ${allowed ? "allowed" : "denied"}`, () => {
        const request = { action, resource: arn(resource), connection: { ...lamp, ...connection } };
        const decision = evaluate(policies, request);
        expect(decision.allowed, decision.because).to.equal(allowed);
      });
    }
  });
}

const publish = { action: "iot:Publish" };
const subscribe = { action: "iot:Subscribe" };
const connect = { action: "iot:Connect" };

const allow = (Action: string, resource: string, Condition?: unknown): Part => ({
  Action,
  Resource: arn(resource),
  ...(Condition === undefined ? {} : { Condition }),
});
const deny = (Action: string, resource: string): Part => ({ ...allow(Action, resource), Effect: "Deny" });

const rooms = policy(allow("iot:Subscribe", "topicfilter/home/room*"), allow("iot:Publish", "topic/home/room?/state"));
const barred = [policy(allow("iot:Publish", "topic/a/*")), policy(deny("iot:Publish", "topic/a/secret"))];

table("iotPolicy: who decides", [
  { name: "no policy at all", policies: [], ...publish, resource: "topic/a", allowed: false },
  {
    name: "another action",
    policies: policy(allow("iot:Receive", "topic/a")),
    ...publish,
    resource: "topic/a",
    allowed: false,
  },
  {
    name: "another topic",
    policies: policy(allow("iot:Publish", "topic/b")),
    ...publish,
    resource: "topic/a",
    allowed: false,
  },
  {
    name: "the same",
    policies: policy(allow("iot:Publish", "topic/a")),
    ...publish,
    resource: "topic/a",
    allowed: true,
  },
  { name: "two policies, one allows", policies: barred, ...publish, resource: "topic/a/b", allowed: true },
  { name: "two policies, one denies", policies: barred, ...publish, resource: "topic/a/secret", allowed: false },
  {
    name: "a Deny before the Allow",
    policies: [...barred].reverse(),
    ...publish,
    resource: "topic/a/secret",
    allowed: false,
  },
  {
    name: "a list of actions and of resources",
    policies: policy({ Action: ["iot:Publish", "iot:Receive"], Resource: [arn("topic/a"), arn("topic/b")] }),
    action: "iot:Receive",
    resource: "topic/b",
    allowed: true,
  },
  {
    name: "every action of iot",
    policies: policy(allow("iot:*", "topic/a")),
    ...publish,
    resource: "topic/a",
    allowed: true,
  },
  {
    name: "actions in other case",
    policies: policy(allow("IoT:publish", "topic/a")),
    ...publish,
    resource: "topic/a",
    allowed: true,
  },
  {
    name: "topics in other case",
    policies: policy(allow("iot:Publish", "topic/A")),
    ...publish,
    resource: "topic/a",
    allowed: false,
  },
  {
    name: "every resource",
    policies: policy({ Action: "iot:*", Resource: "*" }),
    ...connect,
    resource: "client/lamp",
    allowed: true,
  },
  {
    name: "the policy as JSON text",
    policies: JSON.stringify(policy(allow("iot:Publish", "topic/a"))),
    ...publish,
    resource: "topic/a",
    allowed: true,
  },
  {
    name: "the topic of another account",
    policies: policy({ Action: "iot:Publish", Resource: "arn:aws:iot:eu-west-1:999999999999:topic/*" }),
    ...publish,
    resource: "topic/a",
    allowed: false,
  },
]);

table("iotPolicy: wildcards", [
  {
    name: "* over slashes",
    policies: rooms,
    ...subscribe,
    resource: "topicfilter/home/room1/window/left",
    allowed: true,
  },
  { name: "* for nothing", policies: rooms, ...subscribe, resource: "topicfilter/home/room", allowed: true },
  {
    name: "* covers a filter with MQTT wildcards",
    policies: rooms,
    ...subscribe,
    resource: "topicfilter/home/room/#",
    allowed: true,
  },
  {
    name: "* anchored at the start",
    policies: rooms,
    ...subscribe,
    resource: "topicfilter/my/home/room1",
    allowed: false,
  },
  { name: "? for one character", policies: rooms, ...publish, resource: "topic/home/room1/state", allowed: true },
  { name: "? for a slash", policies: rooms, ...publish, resource: "topic/home/room//state", allowed: true },
  { name: "? for two characters", policies: rooms, ...publish, resource: "topic/home/room12/state", allowed: false },
  {
    name: "+ of the policy is not a wildcard",
    policies: policy(allow("iot:Subscribe", "topicfilter/home/+/state")),
    ...subscribe,
    resource: "topicfilter/home/kitchen/state",
    allowed: false,
  },
  {
    name: "+ of the policy is a +",
    policies: policy(allow("iot:Subscribe", "topicfilter/home/+/state")),
    ...subscribe,
    resource: "topicfilter/home/+/state",
    allowed: true,
  },
  {
    name: "# of the policy is not a wildcard",
    policies: policy(allow("iot:Subscribe", "topicfilter/home/#")),
    ...subscribe,
    resource: "topicfilter/home/kitchen",
    allowed: false,
  },
  {
    name: "a dot is a dot",
    policies: policy(allow("iot:Publish", "topic/a.b")),
    ...publish,
    resource: "topic/axb",
    allowed: false,
  },
  {
    name: "${*} is a plain star",
    policies: policy(allow("iot:Publish", "topic/a${*}b")),
    ...publish,
    resource: "topic/axxb",
    allowed: false,
  },
  {
    name: "${*} matches a star",
    policies: policy(allow("iot:Publish", "topic/a${*}b")),
    ...publish,
    resource: "topic/a*b",
    allowed: true,
  },
]);

const own = policy(allow("iot:Publish", "topic/my/things/${iot:Connection.Thing.ThingName}/state"));
const byClient = policy(allow("iot:Subscribe", "topicfilter/my/${iot:ClientId}/topic"));
const bySite = policy(allow("iot:Publish", "topic/${iot:Connection.Thing.Attributes[site]}/*"));
const allButBar = policy(
  allow("iot:Publish", "topic/${iot:ClientId}/*"),
  deny("iot:Publish", "topic/${iot:Connection.Thing.ThingName}/bar"),
);
const shadowOverHttps = policy(allow("iot:GetThingShadow", "thing/${iot:Connection.Thing.ThingName}"));

table("iotPolicy: variables", [
  { name: "own topic", policies: own, ...publish, resource: "topic/my/things/lamp/state", allowed: true },
  { name: "another thing's topic", policies: own, ...publish, resource: "topic/my/things/door/state", allowed: false },
  {
    name: "another client id has no thing",
    policies: own,
    ...publish,
    resource: "topic/my/things/lamp/state",
    connection: { clientId: "lamp-2" },
    allowed: false,
  },
  {
    name: "a device that is not registered has no thing",
    policies: own,
    ...publish,
    resource: "topic/my/things/lamp/state",
    connection: { thingName: undefined },
    allowed: false,
  },
  {
    name: "the thing name needs no attached certificate",
    policies: own,
    ...publish,
    resource: "topic/my/things/lamp/state",
    connection: { attached: false },
    allowed: true,
  },
  { name: "the client id", policies: byClient, ...subscribe, resource: "topicfilter/my/lamp/topic", allowed: true },
  {
    name: "a client that calls itself + reaches the filter with +",
    policies: byClient,
    ...subscribe,
    resource: "topicfilter/my/+/topic",
    connection: { clientId: "+" },
    allowed: true,
  },
  {
    name: "a client that calls itself * reaches only *",
    policies: byClient,
    ...subscribe,
    resource: "topicfilter/my/door/topic",
    connection: { clientId: "*" },
    allowed: false,
  },
  {
    name: "an attribute",
    policies: bySite,
    ...publish,
    resource: "topic/hq/lamp",
    connection: { attributes: { site: "hq" } },
    allowed: true,
  },
  {
    name: "an attribute of a thing that the certificate is not attached to",
    policies: bySite,
    ...publish,
    resource: "topic/hq/lamp",
    connection: { attributes: { site: "hq" }, attached: false },
    allowed: false,
  },
  { name: "a missing attribute", policies: bySite, ...publish, resource: "topic//lamp", allowed: false },
  {
    name: "an attribute that every object has",
    policies: policy(allow("iot:Publish", "topic/${iot:Connection.Thing.Attributes[constructor]}*")),
    ...publish,
    resource: "topic/function",
    connection: { attributes: {} },
    allowed: false,
  },
  { name: "a Deny by variable", policies: allButBar, ...publish, resource: "topic/lamp/bar", allowed: false },
  {
    name: "a Deny whose variable has no value does not deny",
    policies: allButBar,
    ...publish,
    resource: "topic/lamp/bar",
    connection: { thingName: undefined },
    allowed: true,
  },
  {
    name: "a misspelled variable",
    policies: policy(allow("iot:Publish", "topic/${iot:Thing.ThingName}/*")),
    ...publish,
    resource: "topic/lamp/state",
    allowed: false,
  },
  {
    name: "one resource without its variable leaves the others",
    policies: policy({ Action: "iot:Publish", Resource: [arn("topic/${iot:Nothing}"), arn("topic/a")] }),
    ...publish,
    resource: "topic/a",
    allowed: true,
  },
  {
    name: "thing variables over HTTPS have no value",
    policies: shadowOverHttps,
    action: "iot:GetThingShadow",
    resource: "thing/lamp",
    allowed: false,
  },
  {
    name: "publishing over HTTPS has no thing either",
    policies: own,
    ...publish,
    resource: "topic/my/things/lamp/state",
    connection: { protocol: "https" },
    allowed: false,
  },
  {
    name: "a thing named in the policy, over HTTPS",
    policies: policy(allow("iot:DescribeJobExecution", "thing/lamp")),
    action: "iot:DescribeJobExecution",
    resource: "thing/lamp",
    allowed: true,
  },
]);

describe("iotPolicy: what it says", () => {
  const ask = (policies: PolicyDocument, resource: string) =>
    evaluate(policies, { action: "iot:Publish", resource: arn(resource), connection: { ...lamp, clientId: "x" } });

  it("names the statement that decides", () => {
    const sid = policy({ ...allow("iot:Publish", "topic/a"), ...{ Sid: "Telemetry" } });
    expect(ask(sid, "topic/a").because).to.equal("policy 1, statement 1 (Telemetry) allows it");
  });
  it("says which variable had no value", () => {
    expect(ask(own, "topic/my/things/x/state").because)
      .to.include("no statement allows iot:Publish on arn:aws:iot:eu-west-1:123456789012:topic/my/things/x/state")
      .and.to.include("${iot:Connection.Thing.ThingName} has no value");
  });
});
