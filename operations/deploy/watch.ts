import { setTimeout as delay } from "node:timers/promises";
import {
  type CodeDeployClient,
  type DeploymentInfo,
  GetDeploymentCommand,
  GetDeploymentTargetCommand,
  type LambdaTarget,
  ListDeploymentTargetsCommand,
} from "@aws-sdk/client-codedeploy";

const ended: readonly string[] = ["Succeeded", "Failed", "Stopped"];
/** How often a rollback is looked for that CodeDeploy has not named yet: with the pause in an account, half a minute. */
const looksForRollback = 10;
/** What a group is asked to roll back on, by the code that a deployment ended with; DEPLOYMENT_FAILURE for all others. */
const rollbackEvents: Readonly<Record<string, string>> = {
  ALARM_ACTIVE: "DEPLOYMENT_STOP_ON_ALARM",
  MANUAL_STOP: "DEPLOYMENT_STOP_ON_REQUEST",
};

/** Watches deployments of one function. */
export class Watch {
  constructor(
    private readonly codeDeploy: CodeDeployClient,
    /** Milliseconds between two looks. */
    private readonly pollMs: number,
    private readonly onStep: (step: string) => void,
  ) {}

  async info(deploymentId: string): Promise<DeploymentInfo> {
    const { deploymentInfo } = await this.codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
    return { ...deploymentInfo, deploymentId };
  }

  /** Looks until it is over, and tells each step. */
  async end(deploymentId: string): Promise<DeploymentInfo> {
    const told = new Set<string>();
    for (;;) {
      const info = await this.info(deploymentId);
      for (const step of stepsOf(await this.target(deploymentId))) {
        if (!told.has(step)) this.onStep(step);
        told.add(step);
      }
      if (info.status && ended.includes(info.status)) return info;
      await delay(this.pollMs);
    }
  }

  /**
   * What takes back a deployment that did not succeed: a deployment of its own, which begins when the other has ended, and
   * may be named some seconds later.
   */
  async rollbackOf(refused: DeploymentInfo): Promise<string | undefined> {
    let id = refused.rollbackInfo?.rollbackDeploymentId;
    for (let look = 0; look < looksForRollback && id === undefined && isTakenBack(refused); look += 1) {
      await delay(this.pollMs);
      id = (await this.info(refused.deploymentId!)).rollbackInfo?.rollbackDeploymentId;
    }
    return id;
  }

  private async target(deploymentId: string): Promise<LambdaTarget | undefined> {
    const { targetIds } = await this.codeDeploy.send(new ListDeploymentTargetsCommand({ deploymentId }));
    const targetId = targetIds?.[0];
    if (targetId === undefined) return undefined;
    const { deploymentTarget } = await this.codeDeploy.send(new GetDeploymentTargetCommand({ deploymentId, targetId }));
    return deploymentTarget?.lambdaTarget;
  }
}

/** Whether CodeDeploy is to take it back, for what it ended for. */
function isTakenBack({ autoRollbackConfiguration, errorInformation }: DeploymentInfo): boolean {
  const { enabled, events = [] } = autoRollbackConfiguration ?? {};
  const event = rollbackEvents[errorInformation?.code ?? ""] ?? "DEPLOYMENT_FAILURE";
  return enabled === true && events.some((one) => one === event);
}

/** What there is to tell of a deployment by now. */
function stepsOf(target: LambdaTarget | undefined): string[] {
  const events = (target?.lifecycleEvents ?? []).flatMap(({ lifecycleEventName, status }) =>
    status === "Succeeded" || status === "Failed" || status === "InProgress"
      ? [`${lifecycleEventName} ${status === "InProgress" ? "begins" : status.toLowerCase()}`]
      : [],
  );
  const { targetVersionWeight: weight = 0, targetVersion } = target?.lambdaFunctionInfo ?? {};
  const share = weight > 0 ? [`${Math.round(weight * 100)} % of the calls to version ${targetVersion}`] : [];
  return [...events, ...share];
}
