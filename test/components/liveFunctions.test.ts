import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { type CustomRollout, Handler, type HandlerArgs, LiveFunctions, type Rollout } from "../../components";
import { record, settled, statementsOf } from "../support/record";
import { refusedProperties } from "../support/refusal";

const args: HandlerArgs<unknown, void> = { description: "Does nothing", callbackFactory: () => async () => {} };
const group = "aws:codedeploy/deploymentGroup:DeploymentGroup";
const config = "aws:codedeploy/deploymentConfig:DeploymentConfig";
const alias = "aws:lambda/alias:Alias";

/** A function `greeter`, released with some preference of the stack and of its own. */
const greeter = (more: Partial<HandlerArgs<unknown, void>> = {}, rollout?: Rollout) =>
  record(() => {
    const liveFunctions = new LiveFunctions("live", { rollout });
    new Handler("greeter", { ...args, liveFunctions, ...more });
    return liveFunctions;
  });

/** What a Handler refuses that is released; nothing of it may have been registered by then. */
async function refusedByHandler(bad: Partial<HandlerArgs<unknown, void>>): Promise<Record<string, string>> {
  let refused: pulumi.InputPropertiesError | undefined;
  const { resources } = await record(() => {
    const liveFunctions = new LiveFunctions("live");
    try {
      new Handler("greeter", { ...args, liveFunctions, ...bad });
    } catch (error) {
      if (!pulumi.InputPropertiesError.isInstance(error)) throw error;
      refused = error;
    }
  });
  expect(resources.filter(({ type, name }) => type.startsWith("aws:") && name.startsWith("greeter"))).to.deep.equal([]);
  return Object.fromEntries((refused?.errors ?? []).map(({ propertyPath, reason }) => [propertyPath, reason]));
}

describe("LiveFunctions", () => {
  const presets: [Rollout | undefined, string][] = [
    [undefined, "AllAtOnce"],
    ["AllAtOnce", "AllAtOnce"],
    ["Canary10Percent5Minutes", "Canary10Percent5Minutes"],
    ["Canary10Percent30Minutes", "Canary10Percent30Minutes"],
    ["Linear10PercentEvery1Minute", "Linear10PercentEvery1Minute"],
    ["Linear10PercentEvery10Minutes", "Linear10PercentEvery10Minutes"],
  ];
  for (const [preference, preset] of presets) {
    it(`releases by CodeDeploy's ${preset}, for ${preference ?? "no preference"}`, async () => {
      const { one, all } = await greeter({}, preference);
      expect(one(group).inputs.deploymentConfigName).to.equal(`CodeDeployDefault.Lambda${preset}`);
      expect(all(config)).to.deep.equal([]);
    });
  }

  const custom: [CustomRollout, object][] = [
    [
      { type: "canary", percentage: 5, interval: 120 },
      { type: "TimeBasedCanary", timeBasedCanary: { percentage: 5, interval: 120 } },
    ],
    [
      { type: "linear", percentage: 25, interval: 20 },
      { type: "TimeBasedLinear", timeBasedLinear: { percentage: 25, interval: 20 } },
    ],
  ];
  for (const [preference, trafficRoutingConfig] of custom) {
    it(`makes a custom rollout ${JSON.stringify(preference)} once, for all functions that have it`, async () => {
      const { one, all } = await record(() => {
        const liveFunctions = new LiveFunctions("live", { rollout: preference });
        new Handler("a", { ...args, liveFunctions });
        new Handler("b", { ...args, liveFunctions, rollout: { ...preference } });
      });
      expect(one(config).inputs).to.deep.include({ computePlatform: "Lambda", trafficRoutingConfig });
      const name = `${one(config).name}-0000000`;
      expect(all(group).map(({ inputs }) => inputs.deploymentConfigName)).to.deep.equal([name, name]);
    });
  }

  it("lets a function have another rollout than the stack's", async () => {
    const { one } = await greeter({ rollout: "AllAtOnce" }, "Canary10Percent30Minutes");
    expect(one(group).inputs.deploymentConfigName).to.equal("CodeDeployDefault.LambdaAllAtOnce");
  });

  it("rolls back by itself: on failure, on the function's own alarms, on request", async () => {
    const { one } = await greeter();
    expect(one(group).inputs).to.deep.include({
      deploymentGroupName: "greeter",
      deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
      autoRollbackConfiguration: {
        enabled: true,
        events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
      },
    });
    const { enabled, alarms } = one(group).inputs.alarmConfiguration;
    expect(enabled).to.equal(true);
    expect(alarms).to.include("greeter-errors-0000000");
    for (const alarm of alarms) expect(alarm).to.match(/^greeter-/);
  });

  it("lets CodeDeploy move this alias, see alarms, call these hooks, and nothing else", async () => {
    const { one } = await greeter({ afterTraffic: async () => {} });
    const functions = "arn:aws:lambda:eu-central-1:123456789012:";
    const statements = statementsOf(one("aws:iam/rolePolicy:RolePolicy", "greeter-release-grants"));
    const rights = statements.flatMap(({ Action, Resource }) =>
      Action.flatMap((action) => Resource.map((resource) => [action, resource])),
    );
    // Each right of AWSCodeDeployRoleForLambdaLimited but those to read revisions from S3, on what AWS judges it by:
    // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambdaLimited.html
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
    expect(rights).to.have.deep.members([
      ["lambda:GetAlias", `${functions}greeter-function-0000000`],
      ["lambda:UpdateAlias", `${functions}greeter-function-0000000`],
      ["lambda:GetProvisionedConcurrencyConfig", `${functions}greeter-function-0000000:live`],
      ["lambda:InvokeFunction", `${functions}live-dry-run-function-0000000`],
      ["lambda:InvokeFunction", `${functions}greeter-after-traffic-function-0000000`],
      ["cloudwatch:DescribeAlarms", "*"],
    ]);
    const role = one("aws:iam/role:Role", "greeter-release-role").inputs;
    expect(role.managedPolicyArns).to.equal(undefined);
    expect(role.assumeRolePolicy.Statement.map(({ Principal }: { Principal: object }) => Principal)).to.deep.equal([
      { Service: "codedeploy.amazonaws.com" },
    ]);
  });

  it("has one dry run for all functions, which may call just those that have no hook of their own", async () => {
    const { one, all, result } = await record(() => {
      const liveFunctions = new LiveFunctions("live");
      new Handler("a", { ...args, liveFunctions });
      new Handler("b", { ...args, liveFunctions, beforeTraffic: async ({ invoke }) => void (await invoke({})) });
      return liveFunctions.functions;
    });
    const policies = all("aws:iam/rolePolicy:RolePolicy", /-dry-run$/);
    expect(policies.map(({ name }) => name)).to.deep.equal(["a-dry-run"]);
    const own = statementsOf(one("aws:iam/rolePolicy:RolePolicy", "b-before-traffic-grants"));
    expect(own.map(({ Sid, Resource }) => [Sid, Resource])).to.deep.include([
      "InvokeVersions",
      ["arn:aws:lambda:eu-central-1:123456789012:b-function-0000000:*"],
    ]);
    expect((await settled(result)).map(({ name, beforeTraffic }) => [name, beforeTraffic.functionName])).to.deep.equal([
      ["a", "live-dry-run-function-0000000"],
      ["b", "b-before-traffic-function-0000000"],
    ]);
  });

  it("lets hooks answer for deployments of this application only", async () => {
    const { one } = await greeter();
    const statements = statementsOf(one("aws:iam/rolePolicy:RolePolicy", "live-dry-run-grants"));
    const [answer] = statements.filter(({ Sid }) => Sid === "AnswerCodeDeploy");
    expect(answer?.Resource).to.deep.equal([
      "arn:aws:codedeploy:eu-central-1:123456789012:deploymentgroup:live-application-0000000/*",
    ]);
  });

  it("tells the command that releases what there is", async () => {
    const { result } = await greeter({ afterTraffic: { callback: async () => {}, timeout: 600 } });
    expect(await settled(result.functions)).to.deep.equal([
      {
        name: "greeter",
        functionName: "greeter-function-0000000",
        alias: "live",
        deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
        beforeTraffic: {
          functionName: "live-dry-run-function-0000000",
          logGroupName: "live-dry-run-logs-0000000",
        },
        afterTraffic: {
          functionName: "greeter-after-traffic-function-0000000",
          logGroupName: "greeter-after-traffic-logs-0000000",
        },
      },
    ]);
  });

  it("publishes a version per change", async () => {
    const { one } = await greeter();
    expect(one("aws:lambda/function:Function", "greeter-function").inputs.publish).to.equal(true);
    expect(one(alias, "greeter-live").inputs).to.include({ name: "live", functionName: "greeter-function-0000000" });
  });

  const minutes = 'must be one of AllAtOnce, .*\\{ type, percentage, interval \\}, not "Canary1Percent"';
  const rollouts: [string, unknown, RegExp][] = [
    ["a preference that CodeDeploy does not have", "Canary1Percent", new RegExp(minutes)],
    ["a number", 10, /must be a preset .* not 10/],
    ["a type that there is not", { type: "bluegreen", percentage: 1, interval: 1 }, /"bluegreen"; it is "canary" or/],
    ["all of it as a canary", { type: "canary", percentage: 100, interval: 1 }, /from 1 to 99/],
    ["half a percent", { type: "canary", percentage: 0.5, interval: 1 }, /from 1 to 99/],
    ["an interval of 0", { type: "linear", percentage: 10, interval: 0 }, /minutes from 1/],
    ["a canary over two days", { type: "canary", percentage: 10, interval: 2_881 }, /2881 minutes.*allows 2880/],
    ["a linear one over two days", { type: "linear", percentage: 10, interval: 321 }, /2889 minutes.*allows 2880/],
    ["a property that there is not", { type: "canary", percentage: 10, interval: 1, bake: 3 }, /"bake"/],
  ];
  for (const [what, rollout, reason] of rollouts) {
    it(`refuses ${what} as a rollout, of the stack and of a function`, async () => {
      const ofStack = await refusedProperties(() => new LiveFunctions("live", { rollout: rollout as Rollout }));
      const ofFunction = await refusedByHandler({ rollout: rollout as Rollout });
      expect(ofStack.rollout).to.match(reason);
      expect(ofFunction.rollout).to.match(reason);
    });
  }

  it("takes the longest rollouts that CodeDeploy allows", async () => {
    await greeter({}, { type: "canary", percentage: 99, interval: 2_880 });
    await greeter({}, { type: "linear", percentage: 10, interval: 320 });
  });

  const callback = async () => {};
  const hooks: [string, Partial<HandlerArgs<unknown, void>>, string, RegExp][] = [
    ["longer than its hour", { beforeTraffic: { callback, timeout: 3_601 } }, "beforeTraffic.timeout", /after an hour/],
    ["without time to answer", { afterTraffic: { callback, timeout: 4 } }, "afterTraffic.timeout", /from 5 to 900/],
    ["that is none", { beforeTraffic: {} as never }, "beforeTraffic", /must be a function/],
  ];
  for (const [what, bad, path, reason] of hooks) {
    it(`refuses a hook ${what}`, async () => {
      const refused = await refusedByHandler(bad);
      expect(refused[path]).to.match(reason);
    });
  }

  it("refuses what only goes with it, where there is none", async () => {
    const refused = await refusedProperties(
      () =>
        new Handler("greeter", { ...args, rollout: presets[3]![0], beforeTraffic: callback, afterTraffic: callback }),
    );
    expect(Object.keys(refused)).to.deep.equal(["rollout", "beforeTraffic", "afterTraffic"]);
  });
});
