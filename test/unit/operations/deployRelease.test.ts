import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { CodeDeployClient, type DeploymentInfo } from "@aws-sdk/client-codedeploy";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { createSandbox } from "sinon";
import { type Outcome, release } from "../../../operations/deploy/release";

const hook = { functionName: "judge", logGroupName: "/aws/lambda/judge" };
const live = {
  name: "greeter",
  functionName: "greeter-1",
  alias: "live",
  deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
  beforeTraffic: hook,
};
const alarm = "greeter-errors-1";
const autoRollbackConfiguration: DeploymentInfo["autoRollbackConfiguration"] = {
  enabled: true,
  events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
};
const message = `One or more alarms have been activated. Activated alarms: <${alarm}>`;
const errorInformation = { code: "ALARM_ACTIVE", message } as const;
const stopped: DeploymentInfo = { status: "Stopped", autoRollbackConfiguration, errorInformation };
const named: DeploymentInfo = { ...stopped, rollbackInfo: { rollbackDeploymentId: "d-back" } };
const back: DeploymentInfo = {
  creator: "codeDeployRollback",
  rollbackInfo: { rollbackTriggeringDeploymentId: "d-new", rollbackMessage: "d-new is rolled back" },
};

/** By its id, what GetDeployment tells of a deployment, look by look; the last stays. */
type Script = Record<string, readonly DeploymentInfo[]>;

interface Seen {
  readonly outcome: Outcome;
  readonly steps: readonly string[];
  /** How often each deployment was looked at. */
  readonly looks: ReadonlyMap<string, number>;
  readonly started: number;
}

describe("npm run deploy, of one function", () => {
  const sandbox = createSandbox();
  afterEach(() => sandbox.restore());

  /**
   * Releases version 2 over version 1. The alias is where AWS would have it: back at version 1 when `d-back` has succeeded.
   * A deployment that the command starts is `d-new`.
   * @param refusal why CodeDeploy refuses to start it, once it is there
   */
  async function run(script: Script, underWay?: string, refusal?: () => Error): Promise<Seen> {
    const looks = new Map<string, number>();
    const steps: string[] = [];
    let version = underWay ? "2" : "1";
    let started = 0;
    const answers: Record<string, (input: { deploymentId: string }) => object> = {
      ListDeploymentsCommand: () => ({ deployments: underWay ? [underWay] : [] }),
      ListDeploymentTargetsCommand: () => ({ targetIds: [] }),
      CreateDeploymentCommand: () => {
        started += 1;
        version = "2";
        if (refusal) {
          underWay = "d-new";
          throw refusal();
        }
        return { deploymentId: "d-new" };
      },
      GetDeploymentGroupCommand: () => ({
        deploymentGroupInfo: { alarmConfiguration: { alarms: [{ name: "greeter-slow-1" }, { name: alarm }] } },
      }),
      GetDeploymentCommand: ({ deploymentId }) => {
        const look = looks.get(deploymentId) ?? 0;
        looks.set(deploymentId, look + 1);
        const infos = script[deploymentId]!;
        const info = infos[Math.min(look, infos.length - 1)]!;
        if (deploymentId === "d-back" && info.status === "Succeeded") version = "1";
        return { deploymentInfo: info };
      },
      GetAliasCommand: () => ({ FunctionVersion: version }),
      ListVersionsByFunctionCommand: () => ({ Versions: [{ Version: "$LATEST" }, { Version: "1" }, { Version: "2" }] }),
    };
    const region = "eu-central-1";
    const client = {
      codeDeploy: new CodeDeployClient({ region }),
      lambda: new LambdaClient({ region }),
      logs: new CloudWatchLogsClient({ region }),
    };
    for (const one of Object.values(client)) {
      sandbox
        .stub(one as { send: unknown }, "send")
        .callsFake(async (command: { input: { deploymentId: string } }) =>
          answers[command.constructor.name]!(command.input),
        );
    }
    const [outcome] = await release(
      { applicationName: "app", functions: [live] },
      { client, pollMs: 0, onStep: (_, step) => steps.push(step) },
    );
    return { outcome: outcome!, steps, looks, started };
  }

  const rolledBack = { name: "greeter", result: "rolled back", version: "1", deploymentId: "d-new" };

  it("waits until the rollback has ended, too, which goes on by itself", async () => {
    const { outcome, looks } = await run({
      "d-new": [{ status: "InProgress" }, named],
      "d-back": [
        { ...back, status: "InProgress" },
        { ...back, status: "InProgress" },
        { ...back, status: "Succeeded" },
      ],
    });
    expect(outcome).to.deep.equal({ ...rolledBack, reason: message, alarms: [alarm] });
    expect(looks.get("d-back")).to.equal(3);
  });

  it("looks again for a rollback that CodeDeploy has not named yet", async () => {
    const { outcome } = await run({
      "d-new": [stopped, stopped, stopped, named],
      "d-back": [{ ...back, status: "Succeeded" }],
    });
    expect(outcome).to.deep.include(rolledBack);
  });

  const unnamed: [what: string, info: DeploymentInfo, looks: number][] = [
    ["for some seconds only", stopped, 11],
    ["not where nothing rolls back", { ...stopped, autoRollbackConfiguration: undefined }, 1],
    [
      "not where rolling back is switched off",
      { ...stopped, autoRollbackConfiguration: { ...autoRollbackConfiguration, enabled: false } },
      1,
    ],
    [
      "not where it rolls back on others than this",
      { ...stopped, errorInformation: { code: "MANUAL_STOP", message } },
      1,
    ],
    ["after any other failure", { ...stopped, status: "Failed", errorInformation: { code: "TIMEOUT", message } }, 11],
  ];
  for (const [what, info, expected] of unnamed) {
    it(`looks for a rollback ${what}, and says which version has the calls`, async () => {
      const { outcome, looks } = await run({ "d-new": [info] });
      expect(outcome).to.deep.include({ result: "failed", version: "2", reason: message });
      expect(looks.get("d-new")).to.equal(expected);
    });
  }

  it("says that it failed when the rollback did", async () => {
    const { outcome } = await run({ "d-new": [named], "d-back": [{ ...back, status: "Failed" }] });
    expect(outcome).to.deep.include({ result: "failed", version: "2", reason: message });
  });

  it("picks up a deployment under way, and starts none", async () => {
    const { outcome, steps, started } = await run(
      { "d-new": [{ status: "InProgress" }, { status: "Succeeded" }] },
      "d-new",
    );
    expect(outcome).to.deep.equal({ name: "greeter", result: "live", version: "2", deploymentId: "d-new" });
    expect(steps).to.deep.equal(["picked up: deployment d-new is under way"]);
    expect(started).to.equal(0);
  });

  const refusedWith = (name: string) => () => Object.assign(new Error("no"), { name });

  it("picks up a deployment that is there when it starts one: another's, or its own, whose answer was lost", async () => {
    const { outcome, started } = await run(
      { "d-new": [{ status: "InProgress" }, { status: "Succeeded" }] },
      undefined,
      refusedWith("DeploymentLimitExceededException"),
    );
    expect(outcome).to.deep.equal({ name: "greeter", result: "live", version: "2", deploymentId: "d-new" });
    expect(started).to.equal(1);
  });

  it("says why CodeDeploy starts none", async () => {
    const { outcome } = await run({}, undefined, refusedWith("DeploymentGroupDoesNotExistException"));
    expect(outcome).to.deep.equal({ name: "greeter", result: "failed", version: "?", reason: "no" });
  });

  it("picks up a rollback under way as one: what was taken back, and why; the version is not tried again", async () => {
    const { outcome, steps, started } = await run(
      {
        "d-new": [named],
        "d-back": [
          { ...back, status: "InProgress" },
          { ...back, status: "Succeeded" },
        ],
      },
      "d-back",
    );
    expect(outcome).to.deep.equal({ ...rolledBack, reason: message, alarms: [alarm] });
    expect(steps).to.deep.equal(["picked up: deployment d-back is under way, which takes back what d-new brought"]);
    expect(started).to.equal(0);
  });
});
