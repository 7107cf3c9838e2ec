import { expect } from "chai";
import { type SinonFakeTimers, stub, useFakeTimers } from "sinon";
import { RoleCredentials } from "../../../sandbox/rules/roleCredentials";

const ROLE = "arn:aws:iam::123456789012:role/service/rules";
const RULE = { arn: "arn:aws:iot:eu-central-1:123456789012:rule/mine", accountId: "123456789012" };

function trust(Service: string, Condition?: object): string {
  const statement = { Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole", Condition };
  return encodeURIComponent(JSON.stringify({ Version: "2012-10-17", Statement: [statement] }));
}

describe("credentials of a rule's role", () => {
  let clock: SinonFakeTimers;
  beforeEach(() => {
    clock = useFakeTimers({ now: 0 });
  });
  afterEach(() => clock.restore());

  function create(trustPolicy = trust("iot.amazonaws.com")) {
    const iam = { send: stub().resolves({ Role: { AssumeRolePolicyDocument: trustPolicy } }) };
    const sts = {
      send: stub().callsFake(async () => ({
        Credentials: {
          AccessKeyId: `ASIA${sts.send.callCount}`,
          SecretAccessKey: "secret",
          SessionToken: "token",
          Expiration: new Date(Date.now() + 3_600_000),
        },
      })),
    };
    return { credentials: new RoleCredentials(iam as never, sts as never), iam, sts };
  }

  it("are kept until five minutes before they end", async () => {
    const { credentials, iam, sts } = create();
    expect((await credentials.of(ROLE, RULE)).accessKeyId).to.equal("ASIA1");
    clock.tick(54 * 60_000);
    expect((await credentials.of(ROLE, RULE)).accessKeyId).to.equal("ASIA1");
    clock.tick(2 * 60_000);
    expect((await credentials.of(ROLE, RULE)).accessKeyId).to.equal("ASIA2");
    expect(iam.send.firstCall.args[0].input).to.deep.equal({ RoleName: "rules" });
    expect(sts.send.firstCall.args[0].input).to.include({ RoleArn: ROLE });
  });

  it("are fetched once for two messages at a time", async () => {
    const { credentials, sts } = create();
    await Promise.all([credentials.of(ROLE, RULE), credentials.of(ROLE, RULE)]);
    expect(sts.send.callCount).to.equal(1);
  });

  it("are tried for again after a failure", async () => {
    const { credentials, sts } = create();
    sts.send.onFirstCall().rejects(new Error("AccessDenied"));
    const error = await credentials.of(ROLE, RULE).catch((reason: Error) => reason);
    expect((error as Error).message).to.equal(`Unable to assume role ${ROLE}: AccessDenied`);
    expect((await credentials.of(ROLE, RULE)).accessKeyId).to.equal("ASIA2");
  });

  const trusts: [what: string, policy: string, ok: boolean][] = [
    ["AWS IoT", trust("iot.amazonaws.com"), true],
    [
      "AWS IoT for rules of this account",
      trust("iot.amazonaws.com", { StringEquals: { "aws:SourceAccount": "123456789012" } }),
      true,
    ],
    ["AWS IoT for another account", trust("iot.amazonaws.com", { StringEquals: { "aws:SourceAccount": "1" } }), false],
    ["AWS IoT for this rule", trust("iot.amazonaws.com", { ArnEquals: { "aws:SourceArn": RULE.arn } }), true],
    ["AWS IoT for another rule", trust("iot.amazonaws.com", { ArnEquals: { "aws:SourceArn": `${RULE.arn}s` } }), false],
    ["another service", trust("lambda.amazonaws.com"), false],
  ];
  for (const [what, policy, ok] of trusts) {
    it(`${ok ? "are given" : "are refused"} for a role that trusts ${what}`, async () => {
      const { credentials, sts } = create(policy);
      const result = await credentials.of(ROLE, RULE).catch((reason: Error) => reason.message);
      if (ok) expect(result).to.have.property("sessionToken", "token");
      else expect(result).to.contain("its trust policy does not let iot.amazonaws.com call sts:AssumeRole");
      expect(sts.send.callCount).to.equal(ok ? 1 : 0);
    });
  }
});
