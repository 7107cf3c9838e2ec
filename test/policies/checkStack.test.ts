import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { type CheckStackOptions, checkStack } from "../../policies/run/checkStack";
import { ConfigurationError } from "../../policies/run/configured";
import { packs } from "../../policies/run/packs";
import { badShop } from "./fixtures/badShop";

const tags = { project: "shop", environment: "dev", owner: "team" };
const config = { "aws:region": "eu-central-1", "aws:allowedAccountIds": '["123456789012"]' };
const run = (program: () => unknown, more: Partial<CheckStackOptions> = {}) =>
  checkStack({ program, project: "shop", stack: "dev", config, packs, ...more });

async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

describe("policies: a run without an engine", () => {
  it("finds exactly what is wrong in a program that does everything wrong", async () => {
    const { violations, notes } = await run(badShop, { stack: "prod" });
    expect(violations.map(({ policy, name }) => `${policy}: ${name}`).sort()).to.deep.equal([
      "account-singletons: indexing-again",
      "alarm-actions: silent",
      "alarm-topic-key: alarms",
      "api-authorization: open",
      "api-tls: domain",
      "asynchronous-destination: worker",
      "cloudfront-tls: site",
      "descriptions: anybody",
      "dynamodb-recovery: table",
      "environment-secrets: worker",
      "failure-queue-alarm: failures",
      "iam-managed-full-access: full-access",
      "iam-open-principals: anybody",
      "iam-wildcard-actions: everything",
      "iam-wildcard-resources: everything",
      "iot-confined-resources: any-device",
      "iot-wildcard-actions: any-device",
      "lambda-json-logs: worker",
      "lambda-log-group: worker",
      "lambda-permission-source: any-rule",
      "lambda-public-url: url",
      "lambda-runtime: worker",
      "log-retention: Logs_Of_Worker",
      "queue-redrive: orders-mapping",
      "required-tags: untagged",
      "reserved-concurrency: worker",
      "resource-names: Logs_Of_Worker",
      "rule-error-action: rule",
      "s3-encryption: photos",
      "s3-public-access-block: photos",
      "s3-public-access: photos",
      "s3-tls-only: photos",
      "sns-encryption: plain-topic",
      "sqs-encryption: orders",
      "state-machine-alarm: machine",
      "state-machine-logging: machine",
      "stateful-protection: stream",
      "stream-failure-path: stream-mapping",
      "streams-encryption: stream",
    ]);
    const found = new Set(violations.map(({ policy }) => policy));
    const all = packs.flatMap((pack) => pack.policies.map(({ name }) => name));
    expect(
      all.filter((name) => !found.has(name)),
      "policies that found nothing",
    ).to.deep.equal([]);
    expect(JSON.stringify(violations)).not.to.contain("hunter2");
    expect(notes).to.deep.equal([]);
  });

  it("finds in a first preview, where ids and ARNs are unknown, nothing but what is wrong", async () => {
    const complete = await run(badShop, { stack: "prod" });
    const preview = await run(badShop, { stack: "prod", preview: true });
    const names = ({ violations }: typeof complete) =>
      violations.map(({ policy, name }) => `${policy}: ${name}`).sort();
    expect(names(complete)).to.include.members(names(preview));
    // What depends on values that only AWS gives is still found by what it was made from.
    expect(names(preview)).to.include.members([
      "failure-queue-alarm: failures",
      "asynchronous-destination: worker",
      "queue-redrive: orders-mapping",
    ]);
  });

  it("sees the options of resources, their parents, and what components pass on", async () => {
    class Store extends pulumi.ComponentResource {
      constructor(opts: pulumi.ComponentResourceOptions) {
        super("shop:index:Store", "store", {}, opts);
        new aws.dynamodb.Table(
          "table",
          { tags, attributes: [], pointInTimeRecovery: { enabled: true } },
          { parent: this },
        );
        this.registerOutputs({});
      }
    }
    const violations = async (protect: boolean) =>
      (await run(() => void new Store({ protect }), { stack: "prod" })).violations;
    expect(await violations(true)).to.deep.equal([]);
    const [violation] = await violations(false);
    expect(violation?.policy).to.equal("stateful-protection");
    expect(violation?.urn).to.equal("urn:pulumi:prod::shop::shop:index:Store$aws:dynamodb/table:Table::table");
    expect(violation?.type).to.equal("aws:dynamodb/table:Table");
  });

  it("sees the default tags of the stack's configuration and of a provider", async () => {
    const queue = (opts?: pulumi.CustomResourceOptions) =>
      new aws.sqs.Queue("queue", { sqsManagedSseEnabled: true }, opts);
    const defaultTags = JSON.stringify({ tags });
    const configured = await run(() => void queue(), { config: { ...config, "aws:defaultTags": defaultTags } });
    expect(configured.violations).to.deep.equal([]);
    const provided = await run(() => void queue({ provider: new aws.Provider("p", { defaultTags: { tags } }) }));
    expect(provided.violations).to.deep.equal([]);
    expect((await run(() => void queue())).violations.map(({ policy }) => policy)).to.deep.equal(["required-tags"]);
  });

  it("mends before it checks, and says what it mended", async () => {
    const packConfig = {
      "thingstack-conventions": {
        "required-tags": { enforcementLevel: "remediate", values: { owner: "team" } },
        "log-retention": "remediate",
      },
    };
    const { violations, remediations } = await run(() => void new aws.cloudwatch.LogGroup("logs", {}), { packConfig });
    expect(violations).to.deep.equal([]);
    expect(remediations.map(({ policy, name }) => `${policy}: ${name}`)).to.deep.equal([
      "required-tags: logs",
      "log-retention: logs",
    ]);
  });

  it("applies levels and parameters of the configuration, `all` first", async () => {
    const program = () => void new aws.cloudwatch.LogGroup("logs", { tags, retentionInDays: 3 });
    const packConfig = {
      "thingstack-conventions": { all: "disabled", "log-retention": { enforcementLevel: "advisory", minimumDays: 7 } },
    };
    const { violations } = await run(program, { packConfig });
    expect(violations.map(({ policy, level }) => [policy, level])).to.deep.equal([["log-retention", "advisory"]]);
    const disabled = { "thingstack-conventions": { all: "disabled" } };
    expect(
      (await run(badShop, { packConfig: disabled })).violations.filter(({ pack }) => pack === "thingstack-conventions"),
    ).to.deep.equal([]);
  });

  it("says what it cannot see", async () => {
    const program = async () => {
      await aws.ec2.getVpc({ default: true });
    };
    expect((await run(program)).notes).to.deep.equal([
      "aws:ec2/getVpc:getVpc was answered with its arguments: only AWS knows more",
    ]);
  });

  it("fails as the program fails", async () => {
    const throws = () => {
      throw new Error("no region");
    };
    expect((await failure(run(throws))).message).to.equal("no region");
    expect((await failure(run(async () => throws()))).message).to.equal("no region");
  });

  it("refuses a configuration of policies that no pack has, before it runs the program", async () => {
    let ran = false;
    const packConfig = { "thingstack-security": { "s3-tls-onyl": "mandatory" } };
    const error = await failure(
      run(
        () => {
          ran = true;
        },
        { packConfig },
      ),
    );
    expect(error).to.be.instanceOf(ConfigurationError);
    expect(error.message).to.match(
      /there is no policy "s3-tls-onyl" in thingstack-security; did you mean "s3-tls-only"\?/,
    );
    expect(ran).to.equal(false);
  });
});
