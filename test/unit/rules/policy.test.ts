import { expect } from "chai";
import { allows } from "../../../sandbox/rules/policy";

const rule = { arn: "arn:aws:iot:eu-central-1:123456789012:rule/mine", accountId: "123456789012" };
const FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:fn";
const invoke = { service: "iot.amazonaws.com", action: "lambda:InvokeFunction", resource: FUNCTION, rule };
const good = {
  Effect: "Allow",
  Principal: { Service: "iot.amazonaws.com" },
  Action: "lambda:InvokeFunction",
  Resource: FUNCTION,
  Condition: { ArnLike: { "AWS:SourceArn": rule.arn }, StringEquals: { "aws:SourceAccount": "123456789012" } },
};

describe("letting AWS IoT in by a resource's policy", () => {
  const cases: [what: string, statements: object[], allowed: boolean][] = [
    ["for this rule and account", [good], true],
    ["without a condition", [{ ...good, Condition: undefined }], true],
    ["anybody", [{ ...good, Principal: "*" }], true],
    ["one service of several", [{ ...good, Principal: { Service: ["s3.amazonaws.com", "iot.amazonaws.com"] } }], true],
    ["by a wildcard for the action", [{ ...good, Action: ["s3:*", "lambda:*"] }], true],
    [
      "rules by a wildcard",
      [{ ...good, Condition: { ArnLike: { "aws:SourceArn": "arn:aws:iot:*:*:rule/m?ne" } } }],
      true,
    ],
    ["no statement", [], false],
    ["another service", [{ ...good, Principal: { Service: "s3.amazonaws.com" } }], false],
    ["an account", [{ ...good, Principal: { AWS: "arn:aws:iam::123456789012:root" } }], false],
    ["another action", [{ ...good, Action: "lambda:GetFunction" }], false],
    ["another function", [{ ...good, Resource: `${FUNCTION}x` }], false],
    ["another rule", [{ ...good, Condition: { ArnLike: { "aws:SourceArn": `${rule.arn}s` } } }], false],
    ["another account", [{ ...good, Condition: { StringEquals: { "aws:SourceAccount": "999999999999" } } }], false],
    ["an ARN with dots for any characters", [{ ...good, Resource: FUNCTION.replace("fn", "..") }], false],
    ["a condition nobody here knows", [{ ...good, Condition: { Bool: { "aws:SecureTransport": "true" } } }], false],
    ["a comparison nobody here knows", [{ ...good, Condition: { StringNotLike: { "aws:SourceArn": "x" } } }], false],
    [
      "denied for another rule",
      [good, { ...good, Effect: "Deny", Condition: { ArnLike: { "aws:SourceArn": "x" } } }],
      true,
    ],
    ["denied by an unknown condition", [good, { ...good, Effect: "Deny", Condition: { Null: { x: "true" } } }], false],
    ["an allowing and a denying statement", [good, { ...good, Effect: "Deny" }], false],
  ];
  for (const [what, Statement, allowed] of cases) {
    it(`${what}: ${allowed}`, () => expect(allows(JSON.stringify({ Statement }), invoke)).to.equal(allowed));
  }
  it("a single statement, not in a list", () => {
    expect(allows(JSON.stringify({ Statement: good }), invoke)).to.equal(true);
    expect(allows("", invoke)).to.equal(false);
  });
});
