import { expect } from "chai";
import { makeContext } from "../../../sandbox/deploy/context";
import type { Properties } from "../../../sandbox/deploy/handler";
import { invoke } from "../../../sandbox/deploy/invokes";
import { defaultProviderInputs, providerContext } from "../../../sandbox/deploy/providerConfig";

// Nobody listens there: these data sources need no cloud.
const cloud = { endpoint: "http://127.0.0.1:9", region: "eu-central-1", accountId: "000000000000" };

describe("data sources", () => {
  const ctx = makeContext(cloud, { defaultTags: { project: "p" } });
  const cases: [token: string, args: Properties, expected: Properties][] = [
    ["aws:index/getRegion:getRegion", {}, { name: "eu-central-1", region: "eu-central-1" }],
    ["aws:index/getRegion:getRegion", { region: "us-east-1" }, { region: "us-east-1" }],
    ["aws:index/getPartition:getPartition", {}, { partition: "aws", dnsSuffix: "amazonaws.com" }],
    ["aws:index/getDefaultTags:getDefaultTags", {}, { tags: { project: "p" } }],
    ["aws:index/getServicePrincipal:getServicePrincipal", { serviceName: "s3" }, { name: "s3.amazonaws.com" }],
  ];
  for (const [token, args, expected] of cases) {
    it(`${token} ${JSON.stringify(args)}`, async () => {
      expect(await invoke(token, args, ctx)).to.include.keys(Object.keys(expected));
      expect(await invoke(token, args, ctx)).to.deep.include(expected);
    });
  }

  it("that are not known are refused, with those that are", async () => {
    const error = await invoke("aws:ec2/getAmi:getAmi", {}, ctx).catch((reason: Error) => reason);
    expect((error as Error).message).to.match(
      /does not answer aws:ec2\/getAmi:getAmi\. Add it to .*invokes\.ts.*getCallerIdentity/,
    );
  });
});

describe("aws.iam.getPolicyDocument", () => {
  const document = async (args: Properties) =>
    JSON.parse((await invoke("aws:iam/getPolicyDocument:getPolicyDocument", args, makeContext(cloud))).json as string);

  const cases: [what: string, args: Properties, statements: unknown[]][] = [
    [
      "allows by default",
      { statements: [{ actions: ["a:B"], resources: ["*"] }] },
      [{ Effect: "Allow", Action: "a:B", Resource: "*" }],
    ],
    [
      "keeps lists as lists",
      { statements: [{ sid: "S", effect: "Deny", actions: ["a:B", "a:C"], notResources: ["x", "y"] }] },
      [{ Sid: "S", Effect: "Deny", Action: ["a:B", "a:C"], NotResource: ["x", "y"] }],
    ],
    [
      "groups principals by type",
      {
        statements: [
          {
            actions: ["sts:AssumeRole"],
            principals: [
              { type: "Service", identifiers: ["lambda.amazonaws.com"] },
              { type: "AWS", identifiers: ["1", "2"] },
            ],
          },
        ],
      },
      [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com", AWS: ["1", "2"] }, Action: "sts:AssumeRole" }],
    ],
    [
      "knows everybody",
      { statements: [{ actions: ["s3:GetObject"], principals: [{ type: "*", identifiers: ["*"] }] }] },
      [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject" }],
    ],
    [
      "joins conditions of one test",
      {
        statements: [
          {
            actions: ["a:B"],
            conditions: [
              { test: "StringEquals", variable: "x", values: ["1"] },
              { test: "StringEquals", variable: "y", values: ["1", "2"] },
              { test: "Bool", variable: "aws:SecureTransport", values: ["false"] },
            ],
          },
        ],
      },
      [
        {
          Effect: "Allow",
          Action: "a:B",
          Condition: { StringEquals: { x: "1", y: ["1", "2"] }, Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    ],
    [
      "adds to source documents and is overridden by Sid",
      {
        sourcePolicyDocuments: [JSON.stringify({ Statement: [{ Sid: "A", Effect: "Allow" }] })],
        statements: [{ sid: "B", actions: ["b:B"] }],
        overridePolicyDocuments: [
          JSON.stringify({
            Statement: [
              { Sid: "A", Effect: "Deny" },
              { Sid: "C", Effect: "Deny" },
            ],
          }),
        ],
      },
      [
        { Sid: "A", Effect: "Deny" },
        { Sid: "B", Effect: "Allow", Action: "b:B" },
        { Sid: "C", Effect: "Deny" },
      ],
    ],
  ];
  for (const [what, args, statements] of cases) {
    it(what, async () => expect(await document(args)).to.deep.equal({ Version: "2012-10-17", Statement: statements }));
  }
});

describe("the configuration of a provider", () => {
  it("is the aws:* part of the stack's, where all but text is JSON", () => {
    const inputs = defaultProviderInputs({
      "aws:region": "eu-west-1",
      "aws:allowedAccountIds": '["000000000000"]',
      "aws:defaultTags": '{"tags":{"project":"p"}}',
      "fleet:interval": "1",
    });
    const ctx = providerContext(cloud, inputs);
    expect(ctx.region).to.equal("eu-west-1");
    expect(ctx.accountId).to.equal("000000000000");
    expect(ctx.defaultTags).to.deep.equal({ project: "p" });
    expect(ctx.arn("iot", "thing/a")).to.equal("arn:aws:iot:eu-west-1:000000000000:thing/a");
  });

  it("is the cloud's region and no tags when it says nothing", () => {
    const ctx = providerContext(cloud, { region: "", defaultTags: "" });
    expect([ctx.region, ctx.defaultTags]).to.deep.equal(["eu-central-1", {}]);
  });

  it("serves a resource that names another region, with the same tags", () => {
    const ctx = providerContext(cloud, { defaultTags: { tags: { project: "p" } } });
    const other = ctx.inRegion("us-east-1");
    expect([other.region, other.defaultTags, other.inRegion(undefined)]).to.deep.equal([
      "us-east-1",
      { project: "p" },
      other,
    ]);
    expect(ctx.inRegion("us-east-1")).to.equal(other);
    expect([ctx.inRegion("eu-central-1"), ctx.inRegion(undefined)]).to.deep.equal([ctx, ctx]);
  });

  const refused: [inputs: Properties, message: RegExp][] = [
    [
      { allowedAccountIds: '["111111111111","222222222222"]' },
      /is account 000000000000, .*allows 111111111111, 222222222222 only/,
    ],
    [{ forbiddenAccountIds: ["000000000000"] }, /aws:forbiddenAccountIds names account 000000000000/],
  ];
  for (const [inputs, message] of refused) {
    it(`refuses the wrong account: ${JSON.stringify(inputs)}`, () => {
      expect(() => providerContext(cloud, inputs)).to.throw(message);
    });
  }
});
