import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { GetDeploymentGroupCommand } from "@aws-sdk/client-codedeploy";
import { IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { expect } from "chai";
import { type Outcome, release } from "../../operations/deploy/release";
import { reportOf } from "../../operations/deploy/report";
import { type Greeter, LiveFunctionsLab } from "./liveFunctionsLab";

describe("releases of functions", () => {
  let lab: LiveFunctionsLab;
  const steps: string[] = [];

  before(async () => {
    lab = await LiveFunctionsLab.open();
  });
  after(() => lab?.close());

  async function releaseAll(): Promise<Outcome> {
    steps.length = 0;
    const onStep = (_: string, step: string) => void steps.push(step);
    const [outcome, ...others] = await release(lab.stack, {
      client: { codeDeploy: lab.codeDeploy, lambda: lab.lambda, logs: new CloudWatchLogsClient(lab.config) },
      pollMs: 50,
      onStep,
    });
    expect(others).to.deep.equal([]);
    return outcome!;
  }

  /**
   * MiniStack counts calls by the function's name alone, so calls of a version that fails before its release count against
   * the alias, too. On AWS they do not. These keep the failed ones below the share at which the function's alarm rings.
   */
  async function serve(): Promise<void> {
    for (let call = 0; call < 45; call += 1) await lab.greet();
  }

  it("have nothing to do after a first deployment: the alias points at version 1", async () => {
    await lab.up({});
    expect(await releaseAll()).to.deep.equal({ name: "greeter", result: "current", version: "1" });
    expect(await lab.greet()).to.equal('"hello Ada"');
    expect(reportOf("test", [await releaseAll()], undefined)).to.match(/^Nothing to release: all 1 functions of test/);
  });

  describe("have a service role which, of what CodeDeploy does to release a function,", () => {
    const resources = {
      "the function": () => lab.functionName,
      "its alias": () => `${lab.functionName}:live`,
      "its hook": () => lab.stack.functions[0]!.beforeTraffic.functionName,
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
        const { deploymentGroupInfo } = await lab.codeDeploy.send(
          new GetDeploymentGroupCommand({ applicationName: lab.stack.applicationName, deploymentGroupName: "greeter" }),
        );
        const lambdas = `arn:aws:lambda:${lab.cloud.region}:${lab.cloud.accountId}:function:`;
        const { EvaluationResults = [] } = await new IAMClient(lab.config).send(
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
    await lab.up({
      callbackFactory:
        () =>
        async ({ name }) =>
          `good day ${name}`,
    });
    expect(await lab.liveVersion()).to.equal("1");
    expect(await lab.greet()).to.equal('"hello Ada"');
  });

  it("bring a good version live", async () => {
    const outcome = await releaseAll();
    expect(outcome, outcome.reason).to.deep.include({ name: "greeter", result: "live", version: "2" });
    expect(await lab.greet()).to.equal('"good day Ada"');
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
    await lab.up({
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
      await lab.up(greeter);
      await serve();
      const seen = new Set<string>();
      let watching = true;
      const watch = (async () => {
        while (watching) seen.add(await lab.greet());
      })();
      const outcome = await releaseAll();
      watching = false;
      await watch;
      expect(outcome, outcome.reason).to.deep.include({ name: "greeter", result: "rolled back", version: "2" });
      expect(outcome.reason).to.match(reason);
      expect([...seen]).to.deep.equal(['"good day Ada"']);
    });
  }
});
