import { expect } from "chai";
import { type Connection, evaluate } from "../../support/iotPolicy";

const attached: Connection = {
  clientId: "lamp",
  thingName: "lamp",
  attached: true,
  thingTypeName: "Lamp",
  attributes: { site: "hq", star: "*" },
  sourceIp: "10.1.2.3",
};

const decide = (condition: unknown, connection: Partial<Connection> = {}, effect = "Allow") =>
  evaluate(
    {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "iot:Subscribe", Resource: "*" },
        { Effect: effect, Action: "iot:Connect", Resource: "*", Condition: condition },
      ],
    },
    {
      action: "iot:Connect",
      resource: "arn:aws:iot:eu-west-1:123456789012:client/lamp",
      connection: { ...attached, ...connection },
    },
  );

const isAttached = "iot:Connection.Thing.IsAttached";
const type = "iot:Connection.Thing.ThingTypeName";
const site = "iot:Connection.Thing.Attributes[site]";
const flags = "iot:ConnectAttributes";
const will = "iot:LastWillTopic";
const ip = "aws:SourceIp";
const persistent = { connectAttributes: ["PersistentConnect"] };
const lastWill = { connectAttributes: ["LastWill"] };
const both = { connectAttributes: ["PersistentConnect", "LastWill"] };
const willArn = { lastWillTopic: "arn:aws:iot:eu-west-1:123456789012:topic/my/things/lamp/log" };

const cases: readonly [name: string, condition: unknown, connection: Partial<Connection>, allowed: boolean][] = [
  ["the certificate is attached", { Bool: { [isAttached]: "true" } }, {}, true],
  ["a real boolean", { Bool: { [isAttached]: true } }, {}, true],
  ["a list", { Bool: { [isAttached]: ["true"] } }, {}, true],
  ["not attached", { Bool: { [isAttached]: "true" } }, { attached: false }, false],
  ["attached, but another client id", { Bool: { [isAttached]: "true" } }, { clientId: "door" }, false],
  ["asked to be not attached", { Bool: { [isAttached]: "false" } }, { clientId: "door" }, true],
  ["type and attribute together", { StringEquals: { [type]: "Lamp", [site]: "hq" } }, {}, true],
  ["type right, attribute wrong", { StringEquals: { [type]: "Lamp", [site]: "field" } }, {}, false],
  ["two operators, one fails", { StringEquals: { [site]: "hq" }, Bool: { [isAttached]: "false" } }, {}, false],
  ["one of several values", { StringEquals: { [site]: ["field", "hq"] } }, {}, true],
  ["in other case", { StringEquals: { [site]: "HQ" } }, {}, false],
  ["in other case, ignored", { StringEqualsIgnoreCase: { [site]: "HQ" } }, {}, true],
  ["* is plain for StringEquals", { StringEquals: { [site]: "h*" } }, {}, false],
  ["* is a wildcard for StringLike", { StringLike: { [site]: "h*" } }, {}, true],
  ["a variable as value", { StringEquals: { "iot:ClientId": "${iot:Connection.Thing.ThingName}" } }, {}, true],
  [
    "a variable whose value is a star",
    { StringLike: { [site]: "${iot:Connection.Thing.Attributes[star]}" } },
    {},
    false,
  ],
  ["a variable without a value", { StringNotEquals: { [site]: "${iot:Connection.Thing.Attributes[x]}" } }, {}, false],
  ["a missing key", { StringEquals: { [type]: "Lamp" } }, { thingTypeName: undefined }, false],
  ["a missing key, with IfExists", { StringEqualsIfExists: { [type]: "Lamp" } }, { thingTypeName: undefined }, true],
  ["a key that is there, with IfExists", { StringEqualsIfExists: { [type]: "Door" } }, {}, false],
  ["a missing key is not equal", { StringNotEquals: { [type]: "Lamp" } }, { thingTypeName: undefined }, true],
  ["none of the values", { StringNotEquals: { [site]: ["field", "lab"] } }, {}, true],
  ["one of the values, refused", { StringNotEquals: { [site]: ["field", "hq"] } }, {}, false],
  ["not like", { StringNotLike: { [site]: "h*" } }, {}, false],
  ["Null on a missing key", { Null: { [type]: "true" } }, { thingTypeName: undefined }, true],
  ["Null on a key that is there", { Null: { [type]: "true" } }, {}, false],
  ["an address in the range", { IpAddress: { [ip]: "10.0.0.0/8" } }, {}, true],
  ["an address outside", { IpAddress: { [ip]: ["192.168.0.0/16", "10.1.2.4"] } }, {}, false],
  ["not in the range", { NotIpAddress: { [ip]: "10.0.0.0/8" } }, {}, false],
  ["version 6", { IpAddress: { [ip]: "2001:db8::/32" } }, { sourceIp: "2001:db8::1" }, true],
  // From AWS's page on persistent sessions: which features of CONNECT a policy may permit.
  ["only these features: clean", { "ForAllValues:StringEquals": { [flags]: ["PersistentConnect"] } }, {}, true],
  ["only these features: used", { "ForAllValues:StringEquals": { [flags]: ["PersistentConnect"] } }, persistent, true],
  [
    "only these features: another",
    { "ForAllValues:StringEquals": { [flags]: ["PersistentConnect"] } },
    lastWill,
    false,
  ],
  ["only these features: both", { "ForAllValues:StringEquals": { [flags]: ["PersistentConnect"] } }, both, false],
  ["both are permitted", { "ForAllValues:StringEquals": { [flags]: ["PersistentConnect", "LastWill"] } }, both, true],
  ["no feature at all: clean", { "ForAllValues:StringEquals": { [flags]: [] } }, {}, true],
  ["no feature at all: used", { "ForAllValues:StringEquals": { [flags]: [] } }, lastWill, false],
  ["all but this: clean", { "ForAllValues:StringNotEquals": { [flags]: ["PersistentConnect"] } }, {}, true],
  ["all but this: another", { "ForAllValues:StringNotEquals": { [flags]: ["PersistentConnect"] } }, lastWill, true],
  ["all but this: both", { "ForAllValues:StringNotEquals": { [flags]: ["PersistentConnect"] } }, both, false],
  ["must use it: clean", { "ForAnyValue:StringEquals": { [flags]: ["PersistentConnect"] } }, {}, false],
  ["must use it: with another", { "ForAnyValue:StringEquals": { [flags]: ["PersistentConnect"] } }, both, true],
  ["the topic of the will", { ArnEquals: { [will]: "arn:aws:iot:*:*:topic/my/things/lamp/log" } }, willArn, true],
  ["another topic of the will", { ArnEquals: { [will]: "arn:aws:iot:*:*:topic/my/things/door/log" } }, willArn, false],
  ["no will", { ArnEquals: { [will]: "arn:aws:iot:*:*:topic/*" } }, {}, false],
];

describe("iotPolicy: conditions", () => {
  for (const [name, condition, connection, allowed] of cases) {
    it(`${name}: ${allowed ? "allowed" : "denied"}`, () => {
      const decision = decide(condition, connection);
      expect(decision.allowed, decision.because).to.equal(allowed);
    });
  }

  it("looks at the features of CONNECT only for CONNECT", () => {
    const decision = evaluate(
      {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "iot:Publish",
            Resource: "*",
            Condition: { "ForAnyValue:StringEquals": { [flags]: ["PersistentConnect"] } },
          },
        ],
      },
      {
        action: "iot:Publish",
        resource: "arn:aws:iot:eu-west-1:123456789012:topic/a",
        connection: { ...attached, ...persistent },
      },
    );
    expect(decision.allowed).to.equal(false);
  });
});

describe("iotPolicy: refuses what it does not know", () => {
  const unknown: readonly [name: string, condition: unknown, message: RegExp][] = [
    ["an operator", { NumericEquals: { [site]: "1" } }, /Unknown condition operator NumericEquals/],
    ["an operator of every object", { constructor: { [site]: "1" } }, /Unknown condition operator constructor/],
    ["a quantifier", { "ForSomeValues:StringEquals": { [flags]: "x" } }, /Unknown condition operator ForSomeValues/],
    ["Null with IfExists", { NullIfExists: { [site]: "true" } }, /Unknown condition operator NullIfExists/],
    ["Null of something else", { Null: { [site]: "maybe" } }, /takes true or false/],
    [
      "a key",
      { StringEquals: { "iot:Connection.Thing.Color": "red" } },
      /Unknown condition key iot:Connection.Thing.Color/,
    ],
    ["several values without a quantifier", { StringEquals: { [flags]: "LastWill" } }, /ForAllValues: or ForAnyValue:/],
    ["an address that is none", { NotIpAddress: { [ip]: "10.0.0/8" } }, /10\.0\.0\/8 is not an IP address/],
    ["a value that is an object", { StringEquals: { [site]: { a: 1 } } }, /not a plain value/],
    ["a condition that is a list", [], /not an object/],
  ];
  for (const [name, condition, message] of unknown) {
    it(`${name}, in an Allow and in a Deny`, () => {
      expect(() => decide(condition, both)).to.throw(message);
      expect(() => decide(condition, both, "Deny")).to.throw(message);
    });
  }
});

describe("iotPolicy: refuses a malformed policy or question", () => {
  const statement = { Effect: "Allow", Action: "iot:Publish", Resource: "*" };
  const ask = (policy: unknown, action = "iot:Publish", resource = "topic/a") =>
    evaluate(policy as string, {
      action,
      resource: resource.startsWith("arn:") ? resource : `arn:aws:iot:eu-west-1:123456789012:${resource}`,
      connection: attached,
    });
  const wrap = (change: object) => ({ Version: "2012-10-17", Statement: { ...statement, ...change } });

  it("takes one statement without a list", () => {
    expect(ask(wrap({})).allowed).to.equal(true);
  });

  const malformed: readonly [name: string, policy: unknown, message: RegExp][] = [
    ["not JSON", "{", /policy 1 is not a JSON object/],
    ["no Version", { Statement: [statement] }, /has Version nothing/],
    ["the old Version", { Version: "2008-10-17", Statement: [statement] }, /has Version "2008-10-17"/],
    ["NotAction", wrap({ NotAction: "iot:Publish" }), /has NotAction/],
    ["NotResource", wrap({ NotResource: "*" }), /has NotResource/],
    ["Principal", wrap({ Principal: "*" }), /has Principal/],
    ["Effect", wrap({ Effect: "allow" }), /has Effect "allow"/],
    ["no Resource", wrap({ Resource: undefined }), /has Resource nothing/],
    ["an Output that nobody waited for", wrap({ Resource: {} }), /has Resource \{\}/],
    ["an empty Action", wrap({ Action: [] }), /has Action \[\]/],
    ["over 2,048 characters", wrap({ Resource: `*${"x".repeat(2048)}` }), /at most 2048/],
  ];
  for (const [name, policy, message] of malformed) {
    it(name, () => expect(() => ask(policy)).to.throw(message));
  }

  const questions: readonly [name: string, action: string, resource: string, message: RegExp][] = [
    ["an action that AWS IoT does not have", "iot:Send", "topic/a", /iot:Send is not a device action/],
    ["an action of every object", "constructor", "topic/a", /not a device action/],
    ["a resource of another type", "iot:Subscribe", "topic/a", /is asked of a topicfilter/],
    ["a resource that is no ARN", "iot:Publish", "arn:topic/a", /is asked of a topic/],
  ];
  for (const [name, action, resource, message] of questions) {
    it(name, () => expect(() => ask(wrap({}), action, resource)).to.throw(message));
  }
});
