import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import {
  CodeDeployClient,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
} from "@aws-sdk/client-codedeploy";
import { IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { GetAliasCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import { Handler, type HandlerArgs, LiveFunctions, type Rollout } from "../../components";
import { type LiveFunctionsOutput, type Outcome, release } from "../../operations/deploy/release";
import { reportOf } from "../../operations/deploy/report";
import { type AwsConfig, awsConfig } from "../../sandbox/aws";
import { type Deployment, deploy } from "../../sandbox/deploy/inProcess";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";

type Greeter = HandlerArgs<{ name: string }, string>;

/** A minute of a rollout takes 50 ms: a bake time of 30 minutes one and a half seconds. */
const releaseSpeed = 1_200;

describe("releases of functions", function () {
  this.timeout(60_000);
  let cloud: LocalCloud;
  let config: AwsConfig;
  let lambda: LambdaClient;
  let codeDeploy: CodeDeployClient;
  let deployment: Deployment | undefined;
  let stack: LiveFunctionsOutput;
  let functionName: string;
  const steps: string[] = [];

  before(async () => {
    cloud = await startLocalCloud({ releaseSpeed });
    config = awsConfig(cloud);
    lambda = new LambdaClient(config);
    codeDeploy = new CodeDeployClient(config);
  });
  after(() => cloud?.stop());

  /** What `pulumi up` does: publishes a version of what changed. */
  async function up(greeter: Partial<Greeter>, rollout: Rollout = "AllAtOnce"): Promise<void> {
    deployment = await deploy({
      program: () => {
        const liveFunctions = new LiveFunctions("live", { rollout });
        const handler = new Handler<{ name: string }, string>("greeter", {
          description: "Greets",
          callbackFactory:
            () =>
            async ({ name }) =>
              `hello ${name}`,
          liveFunctions,
          ...greeter,
        });
        const { functions, application } = liveFunctions;
        return { functionName: handler.name, stack: { applicationName: application.name, functions } };
      },
      project: "thingstack",
      stack: "test",
      config: { "aws:region": cloud.region },
      cloud,
      previous: deployment?.state,
    });
    stack = deployment.outputs.stack?.value as LiveFunctionsOutput;
    functionName = deployment.outputs.functionName?.value as string;
  }

  async function releaseAll(): Promise<Outcome> {
    steps.length = 0;
    const onStep = (_: string, step: string) => void steps.push(step);
    const [outcome, ...others] = await release(stack, {
      client: { codeDeploy, lambda, logs: new CloudWatchLogsClient(config) },
      pollMs: 50,
      onStep,
    });
    expect(others).to.deep.equal([]);
    return outcome!;
  }

  async function greet(): Promise<string> {
    const Payload = Buffer.from(JSON.stringify({ name: "Ada" }));
    const answer = await lambda.send(new InvokeCommand({ FunctionName: functionName, Qualifier: "live", Payload }));
    return answer.Payload!.transformToString();
  }
  /**
   * MiniStack counts calls by the function's name alone, so calls of a version that fails before its release count against
   * the alias, too. On AWS they do not. These keep the failed ones below the share at which the function's alarm rings.
   */
  async function serve(): Promise<void> {
    for (let call = 0; call < 45; call += 1) await greet();
  }
  const liveVersion = async () =>
    (await lambda.send(new GetAliasCommand({ FunctionName: functionName, Name: "live" }))).FunctionVersion;

  it("have nothing to do after a first deployment: the alias points at version 1", async () => {
    await up({});
    expect(await releaseAll()).to.deep.equal({ name: "greeter", result: "current", version: "1" });
    expect(await greet()).to.equal('"hello Ada"');
    expect(reportOf("test", [await releaseAll()], undefined)).to.match(/^Nothing to release: all 1 functions of test/);
  });

  describe("have a service role which, of what CodeDeploy does to release a function,", () => {
    const resources = {
      "the function": () => functionName,
      "its alias": () => `${functionName}:live`,
      "its hook": () => stack.functions[0]!.beforeTraffic.functionName,
      "another function": () => "another",
    };
    const cases: [may: boolean, action: string, of: keyof typeof resources | "*"][] = [
      [true, "lambda:GetAlias", "the function"],
      [true, "lambda:UpdateAlias", "the function"],
      [true, "lambda:GetProvisionedConcurrencyConfig", "its alias"],
      [true, "lambda:InvokeFunction", "its hook"],
      [true, "cloudwatch:DescribeAlarms", "*"],
      [false, "lambda:UpdateAlias", "its hook"],
      [false, "lambda:UpdateAlias", "another function"],
      [false, "lambda:InvokeFunction", "the function"],
      [false, "lambda:InvokeFunction", "its alias"],
      [false, "lambda:UpdateFunctionCode", "the function"],
      [false, "lambda:CreateAlias", "the function"],
      [false, "lambda:DeleteAlias", "the function"],
      [false, "lambda:PublishVersion", "the function"],
      [false, "lambda:PutProvisionedConcurrencyConfig", "its alias"],
      [false, "cloudwatch:SetAlarmState", "*"],
    ];
    for (const [may, action, of] of cases) {
      it(`${may ? "may" : "may not"} ${action} on ${of}`, async () => {
        const { deploymentGroupInfo } = await codeDeploy.send(
          new GetDeploymentGroupCommand({ applicationName: stack.applicationName, deploymentGroupName: "greeter" }),
        );
        const lambdas = `arn:aws:lambda:${cloud.region}:${cloud.accountId}:function:`;
        const { EvaluationResults = [] } = await new IAMClient(config).send(
          new SimulatePrincipalPolicyCommand({
            PolicySourceArn: deploymentGroupInfo?.serviceRoleArn,
            ActionNames: [action],
            ResourceArns: [of === "*" ? of : `${lambdas}${resources[of]()}`],
          }),
        );
        expect(EvaluationResults.map(({ EvalDecision }) => EvalDecision)).to.deep.equal([
          may ? "allowed" : "implicitDeny",
        ]);
      });
    }
  });

  it("publish a version with a change, which has no calls before it is released", async () => {
    await up({
      callbackFactory:
        () =>
        async ({ name }) =>
          `good day ${name}`,
    });
    expect(await liveVersion()).to.equal("1");
    expect(await greet()).to.equal('"hello Ada"');
  });

  it("bring a good version live", async () => {
    const outcome = await releaseAll();
    expect(outcome, outcome.reason).to.deep.include({ name: "greeter", result: "live", version: "2" });
    expect(await greet()).to.equal('"good day Ada"');
    expect(steps).to.deep.equal(
      [
        "version 1 → 2, by AllAtOnce",
        ...steps.slice(1).filter((step) => step.endsWith("begins")),
        "BeforeAllowTraffic succeeded",
        "AllowTraffic succeeded",
        "100 % of the calls to version 2",
      ].sort((a, b) => steps.indexOf(a) - steps.indexOf(b)),
    );
  });

  it("publish nothing when nothing changed", async () => {
    await up({
      callbackFactory:
        () =>
        async ({ name }) =>
          `good day ${name}`,
    });
    expect(await releaseAll()).to.deep.include({ result: "current", version: "2" });
  });

  const refused: [string, Partial<Greeter>, RegExp][] = [
    [
      "whose own hook throws",
      {
        callbackFactory:
          () =>
          async ({ name }) =>
            `goodbye ${name}`,
        beforeTraffic: async ({ invoke }) => {
          const answer = await invoke({ name: "Ada" });
          if (answer !== "hello Ada") throw new Error(`greets with ${answer}`);
        },
      },
      /BeforeAllowTraffic hook greeter-before-traffic.* answered Failed/,
    ],
    [
      "that can't even start",
      {
        callbackFactory: () => {
          throw new Error("no configuration");
        },
      },
      /BeforeAllowTraffic hook live-dry-run.* answered Failed/,
    ],
    [
      "that fails on an event of its trigger",
      {
        callbackFactory:
          () =>
          async ({ name }) =>
            (name as unknown as { first: string }).first.toUpperCase(),
        dryRunEvent: () => ({ name: "generated" }),
      },
      /BeforeAllowTraffic hook live-dry-run.* answered Failed/,
    ],
    [
      "whose hook does not come to an end",
      {
        callbackFactory:
          () =>
          async ({ name }) =>
            `farewell ${name}`,
        beforeTraffic: { callback: () => new Promise(() => setInterval(() => {}, 1_000)), timeout: 5 },
      },
      /BeforeAllowTraffic hook greeter-before-traffic.* answered Failed/,
    ],
  ];
  for (const [what, greeter, reason] of refused) {
    it(`never give traffic to a version ${what}, and say so`, async () => {
      await up(greeter);
      await serve();
      const seen = new Set<string>();
      let watching = true;
      const watch = (async () => {
        while (watching) seen.add(await greet());
      })();
      const outcome = await releaseAll();
      watching = false;
      await watch;
      expect(outcome, outcome.reason).to.deep.include({ name: "greeter", result: "rolled back", version: "2" });
      expect(outcome.reason).to.match(reason);
      expect([...seen]).to.deep.equal(['"good day Ada"']);
    });
  }

  it("go on where they were interrupted", async () => {
    await up(
      {
        callbackFactory:
          () =>
          async ({ name }) =>
            `welcome ${name}`,
      },
      "Canary10Percent30Minutes",
    );
    await serve();
    const first = releaseAll();
    const [id] = await waitFor("a deployment under way", async () => {
      const { deployments = [] } = await codeDeploy.send(
        new ListDeploymentsCommand({ applicationName: stack.applicationName, includeOnlyStatuses: ["InProgress"] }),
      );
      return deployments.length > 0 && deployments;
    });
    // A second run, as after a first that was killed: CodeDeploy goes on without it.
    const second = await release(stack, {
      client: { codeDeploy, lambda, logs: new CloudWatchLogsClient(config) },
      pollMs: 50,
      onStep: (_, step) => void steps.push(step),
    });
    expect(second[0]).to.deep.include({ result: "live", deploymentId: id });
    expect(steps.join("\n")).to.include(`picked up: deployment ${id} is under way`);
    await first;
    expect(await greet()).to.equal('"welcome Ada"');
    const { deploymentInfo } = await codeDeploy.send(new GetDeploymentCommand({ deploymentId: id }));
    expect(deploymentInfo?.status).to.equal("Succeeded");
  });

  // The last: an alarm stays for the minute that it looks at.
  it("take a version back that fails within its bake time, and name the alarm with a link", async () => {
    const callbackFactory =
      () =>
      async ({ name }: { name: string }) => {
        throw new Error(`does not know ${name}`);
      };
    await up({ callbackFactory }, { type: "canary", percentage: 10, interval: 400 });
    let over = false;
    const releasing = releaseAll().finally(() => {
      over = true;
    });
    while (!over) await greet();
    const outcome = await releasing;
    expect(outcome, outcome.reason).to.deep.include({ name: "greeter", result: "rolled back" });
    expect(outcome.alarms?.join()).to.match(/greeter-errors/);
    expect(await greet()).to.equal('"welcome Ada"');
    const report = reportOf("prod", [outcome], "eu-central-1");
    expect(report).to.include(`alarm ${outcome.alarms![0]}`);
    expect(report).to.match(/https:\/\/eu-central-1\.console\.aws\.amazon\.com\/cloudwatch\/home.*#alarmsV2:alarm\//);
  });
});
