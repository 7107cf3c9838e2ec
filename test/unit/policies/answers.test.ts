import { expect } from "chai";
import { answerCall } from "../../../policies/run/calls";
import { policyDocument } from "../../../policies/run/policyDocument";
import { syntheticOutputs } from "../../../policies/run/synthetic";

const place = { account: "123456789012", region: "eu-central-1" };
const parsed = (inputs: object) => JSON.parse(policyDocument(inputs as never).json);

describe("policies: aws.iam.getPolicyDocument without AWS", () => {
  it("says every part of a statement as IAM does", () => {
    const document = parsed({
      statements: [
        {
          sid: "Read",
          actions: ["s3:GetObject"],
          resources: ["arn:aws:s3:::b/*"],
          principals: [
            { type: "AWS", identifiers: ["1"] },
            { type: "AWS", identifiers: ["2"] },
          ],
          conditions: [
            { test: "Bool", variable: "aws:SecureTransport", values: ["false"] },
            { test: "StringLike", variable: "s3:prefix", values: ["a", "b"] },
          ],
        },
        {
          effect: "Deny",
          notActions: ["iam:*"],
          notResources: ["x"],
          notPrincipals: [{ type: "*", identifiers: ["*"] }],
        },
      ],
    });
    expect(document).to.deep.equal({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Read",
          Effect: "Allow",
          Action: ["s3:GetObject"],
          Resource: ["arn:aws:s3:::b/*"],
          Principal: { AWS: ["1", "2"] },
          Condition: { Bool: { "aws:SecureTransport": "false" }, StringLike: { "s3:prefix": ["a", "b"] } },
        },
        { Effect: "Deny", NotAction: ["iam:*"], NotResource: ["x"], NotPrincipal: "*" },
      ],
    });
  });

  it("puts source documents in front, and lets later statements of the same Sid win", () => {
    const source = JSON.stringify({ Statement: [{ Sid: "A", Effect: "Allow", Action: "old" }, { Effect: "Deny" }] });
    const override = JSON.stringify({ Statement: [{ Sid: "B", Effect: "Deny" }] });
    const document = parsed({
      sourcePolicyDocuments: [source],
      overridePolicyDocuments: [override],
      statements: [
        { sid: "A", actions: ["new"] },
        { sid: "B", actions: ["b"] },
      ],
    });
    expect(document.Statement).to.deep.equal([
      { Sid: "A", Effect: "Allow", Action: ["new"] },
      { Effect: "Deny" },
      { Sid: "B", Effect: "Deny" },
    ]);
  });
});

describe("policies: answers without AWS", () => {
  it("know the account and region of the stack's configuration", () => {
    expect(answerCall("aws:index/getCallerIdentity:getCallerIdentity", {}, place)).to.include({
      accountId: "123456789012",
    });
    expect(answerCall("aws:index/getRegion:getRegion", {}, place)).to.include({
      region: "eu-central-1",
      name: "eu-central-1",
    });
    expect(answerCall("aws:ec2/getVpc:getVpc", {}, place)).to.equal(undefined);
  });

  const outputs: [type: string, inputs: object, expected: object][] = [
    [
      "aws:sqs/queue:Queue",
      { name: "q" },
      { arn: "arn:aws:sqs:eu-central-1:123456789012:q", url: "https://sqs.eu-central-1.amazonaws.com/123456789012/q" },
    ],
    ["aws:s3/bucket:Bucket", { bucket: "b" }, { arn: "arn:aws:s3:::b", bucket: "b", id: "b" }],
    ["aws:iam/role:Role", { name: "r" }, { arn: "arn:aws:iam::123456789012:role/r" }],
    [
      "aws:lambda/alias:Alias",
      { name: "live", functionName: "f" },
      { arn: "arn:aws:lambda:eu-central-1:123456789012:function:f:live" },
    ],
    ["aws:sns/topic:Topic", { name: "t" }, { id: "arn:aws:sns:eu-central-1:123456789012:t" }],
    ["aws:glue/crawler:Crawler", { name: "c" }, { arn: "arn:aws:glue:eu-central-1:123456789012:crawler/c", id: "c" }],
  ];
  for (const [type, inputs, expected] of outputs) {
    it(`make up what AWS would say of ${type}`, () => {
      const made = syntheticOutputs(type, "logical", inputs as never, place);
      expect({ ...made.outputs, id: made.id }).to.deep.include(expected);
    });
  }

  it("name what has no name as Pulumi does, always alike", () => {
    const name = () => syntheticOutputs("aws:sqs/queue:Queue", "orders", {}, place).outputs.name;
    expect(name())
      .to.match(/^orders-[0-9a-f]{7}$/)
      .and.to.equal(name());
  });
});
