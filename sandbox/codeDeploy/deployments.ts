import type { CreateDeploymentInput } from "@aws-sdk/client-codedeploy";
import type { AwsTarget } from "../aws";
import { readAppSpec } from "./appSpec";
import { allAtOnce, type DeploymentConfig, presets } from "./configs";
import { Deployment, type DeploymentPlan } from "./deployment";
import type { DeploymentCalls } from "./deploymentCalls";
import { CodeDeployError } from "./errors";
import { type Group, type GroupSettings, rollbackEventOf } from "./group";
import type { ErrorInformation } from "./lifecycle";

export interface DeploymentsOptions {
  readonly target: AwsTarget;
  /** How much faster than on AWS the minutes between shifts of traffic pass. */
  readonly speed: number;
  /** Opens what a deployment asks of Lambda and CloudWatch, by its service role. */
  readonly open: (target: AwsTarget, serviceRoleArn: string) => DeploymentCalls;
  readonly log: (text: string) => void;
}

/** A deployment with what it was asked for, and the one that took it back or that it takes back. */
export interface KeptDeployment {
  readonly deployment: Deployment;
  readonly group: Group;
  /** The group's, when it began. */
  readonly settings: GroupSettings;
  readonly config: DeploymentConfig;
  readonly request: Pick<CreateDeploymentInput, "revision" | "description">;
  /** Whether it is taken back, however its group is set. */
  autoRollbackEnabled?: boolean;
  rolledBackBy?: Deployment;
  readonly rollsBack?: Deployment;
}

/** The deployments of one account and region. */
export class Deployments {
  private readonly kept = new Map<string, KeptDeployment>();
  private readonly running = new Set<Promise<void>>();
  private closed = false;

  constructor(private readonly options: DeploymentsOptions) {}

  /** Oldest first. */
  get all(): readonly KeptDeployment[] {
    return [...this.kept.values()];
  }

  get(deploymentId: string): KeptDeployment | undefined {
    return this.kept.get(deploymentId);
  }

  /** @throws CodeDeployError when one of the group is under way, or its AppSpec is none */
  start(group: Group, config: DeploymentConfig, request: CreateDeploymentInput): Deployment {
    const active = this.all.find((one) => one.group === group && one.deployment.isActive)?.deployment;
    if (active) {
      const { deploymentGroupName } = group.settings;
      const message = `The Deployment Group ${deploymentGroupName} already has an active Deployment ${active.deploymentId}`;
      throw new CodeDeployError("DeploymentLimitExceededException", message);
    }
    const { settings } = group;
    const { enabled, alarms = [] } = settings.alarmConfiguration ?? {};
    const deployment = this.open(settings, {
      appSpec: readAppSpec(request.revision?.appSpecContent?.content),
      routing: config.trafficRoutingConfig,
      alarms: enabled ? alarms.map(({ name = "" }) => name) : [],
      speed: this.options.speed,
    });
    const kept = { deployment, group, settings, config, request };
    this.kept.set(deployment.deploymentId, kept);
    const work = this.follow(kept)
      .catch((error) => this.options.log(`CodeDeploy ${deployment.deploymentId}: ${(error as Error).message}`))
      .finally(() => this.running.delete(work));
    this.running.add(work);
    return deployment;
  }

  /** Ends what runs; the aliases stay where they are, as the whole local cloud goes. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { deployment } of this.all) deployment.stop("INTERNAL_ERROR", "the local cloud ends");
    await Promise.all(this.running);
  }

  private open({ serviceRoleArn }: GroupSettings, plan: DeploymentPlan): Deployment {
    const { target, open } = this.options;
    return new Deployment(plan, open(target, serviceRoleArn));
  }

  /** Until it is over, and then until its alias is back where it has to be. */
  private async follow(kept: KeptDeployment): Promise<void> {
    const why = await kept.deployment.run();
    if (why && !this.closed && isTakenBack(kept, why)) await this.rollBack(kept);
  }

  /** A new deployment, from the version that the alias points at to the one that had the calls. */
  private async rollBack(kept: KeptDeployment): Promise<void> {
    const { settings, deployment: failed } = kept;
    const { functionName, alias, currentVersion, targetVersion } = failed.plan.appSpec;
    const appSpec = {
      functionName,
      alias,
      currentVersion: failed.hasTraffic ? targetVersion : currentVersion,
      targetVersion: currentVersion,
    };
    const config = presets.get(allAtOnce)!;
    const plan = { ...failed.plan, appSpec, routing: config.trafficRoutingConfig, alarms: [] };
    const deployment = this.open(settings, plan);
    this.kept.set(deployment.deploymentId, { ...kept, deployment, config, request: {}, rollsBack: failed });
    kept.rolledBackBy = deployment;
    const why = await deployment.run();
    if (why) this.options.log(`CodeDeploy ${failed.deploymentId} can't be rolled back: ${why.message}`);
  }
}

function isTakenBack({ settings, autoRollbackEnabled }: KeptDeployment, { code }: ErrorInformation): boolean {
  const { enabled, events = [] } = settings.autoRollbackConfiguration ?? {};
  const event = rollbackEventOf(code);
  return autoRollbackEnabled === true || (enabled === true && events.some((one) => one === event));
}
