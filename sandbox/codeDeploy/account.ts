import { randomBytes, randomUUID } from "node:crypto";
import type { AwsTarget } from "../aws";
import { readAppSpec } from "./appSpec";
import { checkRouting, type DeploymentConfig, presetConfig, type TrafficRoutingConfig } from "./configs";
import { Deployment, type ErrorInformation, type Status } from "./deployment";
import { CodeDeployError } from "./errors";

type Json = Record<string, unknown>;

interface Application {
  readonly applicationId: string;
  applicationName: string;
  readonly computePlatform: "Lambda";
  readonly createTime: number;
}

interface Group {
  readonly deploymentGroupId: string;
  readonly applicationName: string;
  readonly settings: GroupSettings;
}

interface GroupSettings extends Json {
  readonly deploymentGroupName: string;
  readonly deploymentConfigName?: string;
  readonly serviceRoleArn: string;
  readonly alarmConfiguration?: { readonly enabled?: boolean; readonly alarms?: readonly { readonly name: string }[] };
  readonly autoRollbackConfiguration?: { readonly enabled?: boolean; readonly events?: readonly string[] };
}

/** A deployment, and the id of the one that took it back. */
interface Kept {
  readonly deploymentId: string;
  readonly group: Group;
  readonly request: Json;
  readonly deploymentConfigName: string;
  readonly run: Deployment;
  rollback?: string;
}

const rollbackEvents: Readonly<Record<string, string>> = {
  ALARM_ACTIVE: "DEPLOYMENT_STOP_ON_ALARM",
  MANUAL_STOP: "DEPLOYMENT_STOP_ON_REQUEST",
};

/** CodeDeploy of one account and region: what there is, and what runs. */
export class CodeDeployAccount {
  private readonly applications = new Map<string, Application>();
  private readonly groups = new Map<string, Group>();
  private readonly configs = new Map<string, DeploymentConfig>();
  private readonly deployments = new Map<string, Kept>();
  private readonly tags = new Map<string, Map<string, string>>();
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly target: AwsTarget,
    private readonly speed: number,
    private readonly log: (text: string) => void,
  ) {}

  /** Ends what runs; the aliases stay where they are, as the whole local cloud goes. */
  async close(): Promise<void> {
    for (const { run } of this.deployments.values())
      if (run.isActive) run.stop("INTERNAL_ERROR", "the local cloud ends");
    await Promise.all(this.running);
  }

  /** Answers one call. @throws CodeDeployError */
  call(operation: string, input: Json): Json {
    const found = (this.operations as Record<string, (input: never) => Json>)[operation];
    if (!found)
      throw new CodeDeployError("InvalidOperationException", `the local cloud has no CodeDeploy ${operation}`);
    return found(input as never);
  }

  private readonly operations = {
    CreateApplication: (input: { applicationName: string; computePlatform?: string; tags?: Tag[] }) => {
      const { applicationName, computePlatform = "Server" } = input;
      if (computePlatform !== "Lambda") {
        const message = `the local cloud has CodeDeploy for Lambda, not for ${computePlatform}`;
        throw new CodeDeployError("InvalidComputePlatformException", message);
      }
      refuse(this.applications.has(applicationName), "ApplicationAlreadyExistsException", applicationName);
      const applicationId = randomUUID();
      this.applications.set(applicationName, { applicationId, applicationName, computePlatform, createTime: now() });
      this.tag(this.arn(`application:${applicationName}`), input.tags);
      return { applicationId };
    },
    GetApplication: ({ applicationName }: { applicationName: string }) => ({
      application: { ...this.application(applicationName), linkedToGitHub: false },
    }),
    ListApplications: () => ({ applications: [...this.applications.keys()] }),
    DeleteApplication: ({ applicationName }: { applicationName: string }) => {
      this.applications.delete(applicationName);
      for (const [key, group] of this.groups) if (group.applicationName === applicationName) this.groups.delete(key);
      return {};
    },

    CreateDeploymentConfig: (input: { deploymentConfigName: string; trafficRoutingConfig?: TrafficRoutingConfig }) => {
      const { deploymentConfigName } = input;
      const taken = this.configs.has(deploymentConfigName) || presetConfig(deploymentConfigName) !== undefined;
      refuse(taken, "DeploymentConfigAlreadyExistsException", deploymentConfigName);
      const trafficRoutingConfig = checkRouting(input.trafficRoutingConfig);
      const deploymentConfigId = randomUUID();
      const config = { deploymentConfigId, deploymentConfigName, createTime: now(), trafficRoutingConfig };
      this.configs.set(deploymentConfigName, { ...config, computePlatform: "Lambda" });
      return { deploymentConfigId };
    },
    GetDeploymentConfig: ({ deploymentConfigName }: { deploymentConfigName: string }) => ({
      deploymentConfigInfo: this.config(deploymentConfigName),
    }),
    ListDeploymentConfigs: () => ({ deploymentConfigsList: [...this.configs.keys()] }),
    DeleteDeploymentConfig: ({ deploymentConfigName }: { deploymentConfigName: string }) => {
      const used = [...this.groups.values()].some(
        ({ settings }) => settings.deploymentConfigName === deploymentConfigName,
      );
      refuse(used, "DeploymentConfigInUseException", deploymentConfigName);
      this.configs.delete(deploymentConfigName);
      return {};
    },

    CreateDeploymentGroup: (input: GroupSettings & { applicationName: string; tags?: Tag[] }) => {
      const { applicationName, tags, ...settings } = input;
      this.application(applicationName);
      if (settings.deploymentConfigName) this.config(settings.deploymentConfigName);
      const key = `${applicationName}/${settings.deploymentGroupName}`;
      refuse(this.groups.has(key), "DeploymentGroupAlreadyExistsException", key);
      const deploymentGroupId = randomUUID();
      this.groups.set(key, { deploymentGroupId, applicationName, settings });
      this.tag(this.arn(`deploymentgroup:${key}`), tags);
      return { deploymentGroupId };
    },
    GetDeploymentGroup: (input: { applicationName: string; deploymentGroupName: string }) => {
      const { deploymentGroupId, applicationName, settings } = this.group(input);
      return { deploymentGroupInfo: { ...settings, applicationName, deploymentGroupId, computePlatform: "Lambda" } };
    },
    UpdateDeploymentGroup: (
      input: Partial<GroupSettings> & { applicationName: string; currentDeploymentGroupName: string },
    ) => {
      const { applicationName, currentDeploymentGroupName, newDeploymentGroupName, ...changes } = input;
      const old = this.group({ applicationName, deploymentGroupName: currentDeploymentGroupName });
      if (changes.deploymentConfigName) this.config(changes.deploymentConfigName);
      const deploymentGroupName = String(newDeploymentGroupName ?? currentDeploymentGroupName);
      this.groups.delete(`${applicationName}/${currentDeploymentGroupName}`);
      const settings = { ...old.settings, ...changes, deploymentGroupName };
      this.groups.set(`${applicationName}/${deploymentGroupName}`, { ...old, settings });
      return { hooksNotCleanedUp: [] };
    },
    ListDeploymentGroups: ({ applicationName }: { applicationName: string }) => {
      this.application(applicationName);
      const own = [...this.groups.values()].filter((group) => group.applicationName === applicationName);
      return { applicationName, deploymentGroups: own.map(({ settings }) => settings.deploymentGroupName) };
    },
    DeleteDeploymentGroup: (input: { applicationName: string; deploymentGroupName: string }) => {
      this.groups.delete(`${input.applicationName}/${input.deploymentGroupName}`);
      return { hooksNotCleanedUp: [] };
    },

    CreateDeployment: (input: Json & { applicationName: string; deploymentGroupName: string }) => {
      this.application(input.applicationName);
      const group = this.group(input);
      const active = [...this.deployments.values()].find(
        (one) => one.group.settings === group.settings && one.run.isActive,
      );
      if (active) {
        const message = `The Deployment Group ${input.deploymentGroupName} already has an active Deployment ${active.deploymentId}`;
        throw new CodeDeployError("DeploymentLimitExceededException", message);
      }
      return { deploymentId: this.start(group, input) };
    },
    GetDeployment: ({ deploymentId }: { deploymentId: string }) => ({
      deploymentInfo: this.describe(this.deployment(deploymentId)),
    }),
    BatchGetDeployments: ({ deploymentIds }: { deploymentIds: string[] }) => ({
      deploymentsInfo: deploymentIds.flatMap((id) => this.deployments.get(id) ?? []).map((kept) => this.describe(kept)),
    }),
    ListDeployments: (input: {
      applicationName?: string;
      deploymentGroupName?: string;
      includeOnlyStatuses?: Status[];
    }) => {
      const { applicationName, deploymentGroupName, includeOnlyStatuses } = input;
      const own = [...this.deployments.values()].filter(
        ({ group, run }) =>
          (applicationName === undefined || group.applicationName === applicationName) &&
          (deploymentGroupName === undefined || group.settings.deploymentGroupName === deploymentGroupName) &&
          (!includeOnlyStatuses?.length || includeOnlyStatuses.includes(run.status)),
      );
      return { deployments: own.map(({ deploymentId }) => deploymentId).reverse() };
    },
    StopDeployment: ({ deploymentId }: { deploymentId: string }) => {
      const { run } = this.deployment(deploymentId);
      refuse(!run.isActive, "DeploymentAlreadyCompletedException", deploymentId);
      run.stop("MANUAL_STOP", "The deployment was stopped by a user.");
      return { status: "Pending", statusMessage: "The deployment is being stopped." };
    },
    ListDeploymentTargets: ({ deploymentId }: { deploymentId: string }) => ({
      targetIds: [targetIdOf(this.deployment(deploymentId))],
    }),
    GetDeploymentTarget: ({ deploymentId }: { deploymentId: string }) => ({
      deploymentTarget: this.describeTarget(this.deployment(deploymentId)),
    }),
    BatchGetDeploymentTargets: ({ deploymentId }: { deploymentId: string }) => ({
      deploymentTargets: [this.describeTarget(this.deployment(deploymentId))],
    }),
    PutLifecycleEventHookExecutionStatus: (input: {
      deploymentId: string;
      lifecycleEventHookExecutionId: string;
      status: string;
    }) => {
      const { run } = this.deployment(input.deploymentId);
      const { lifecycleEventHookExecutionId, status } = input;
      if (status !== "Succeeded" && status !== "Failed") {
        throw new CodeDeployError(
          "InvalidLifecycleEventHookExecutionStatusException",
          `a hook answers Succeeded or Failed`,
        );
      }
      if (!run.answerHook(lifecycleEventHookExecutionId, status)) {
        const message = "The hook is not waited for: it has answered before, or its deployment is over.";
        throw new CodeDeployError("InvalidLifecycleEventHookExecutionIdException", message);
      }
      return { lifecycleEventHookExecutionId };
    },

    ListTagsForResource: ({ ResourceArn }: { ResourceArn: string }) => ({
      Tags: [...(this.tags.get(ResourceArn) ?? [])].map(([Key, Value]) => ({ Key, Value })),
    }),
    TagResource: ({ ResourceArn, Tags }: { ResourceArn: string; Tags: Tag[] }) => {
      this.tag(ResourceArn, Tags);
      return {};
    },
    UntagResource: ({ ResourceArn, TagKeys }: { ResourceArn: string; TagKeys: string[] }) => {
      for (const key of TagKeys) this.tags.get(ResourceArn)?.delete(key);
      return {};
    },
  };

  private start(group: Group, request: Json): string {
    const revision = request.revision as { appSpecContent?: { content?: unknown } } | undefined;
    const {
      deploymentConfigName = "CodeDeployDefault.LambdaAllAtOnce",
      serviceRoleArn,
      alarmConfiguration,
    } = group.settings;
    const configName = String(request.deploymentConfigName ?? deploymentConfigName);
    const deploymentId = newDeploymentId();
    const run = new Deployment(
      {
        deploymentId,
        appSpec: readAppSpec(revision?.appSpecContent?.content),
        routing: this.config(configName).trafficRoutingConfig,
        serviceRoleArn,
        alarms: alarmConfiguration?.enabled ? (alarmConfiguration.alarms ?? []).map(({ name }) => name) : [],
      },
      { target: this.target, speed: this.speed },
    );
    const kept: Kept = { deploymentId, group, request, deploymentConfigName: configName, run };
    this.deployments.set(deploymentId, kept);
    const work = this.follow(kept)
      .catch((error) => this.log(`CodeDeploy ${deploymentId}: ${(error as Error).message}`))
      .finally(() => {
        run.complete();
        this.running.delete(work);
      });
    this.running.add(work);
    return deploymentId;
  }

  private async follow(kept: Kept): Promise<void> {
    const { run, group } = kept;
    if (!(await run.run())) return;
    const { code } = run.errorInformation as ErrorInformation;
    const { enabled, events = [] } = group.settings.autoRollbackConfiguration ?? {};
    if (!enabled || !events.includes(rollbackEvents[code] ?? "DEPLOYMENT_FAILURE")) return;
    await run.moveBack();
    kept.rollback = newDeploymentId();
  }

  private describe(kept: Kept): Json {
    const { deploymentId, group, request, run, rollback } = kept;
    const { autoRollbackConfiguration, deploymentStyle } = group.settings;
    return {
      deploymentId,
      applicationName: group.applicationName,
      deploymentGroupName: group.settings.deploymentGroupName,
      deploymentConfigName: kept.deploymentConfigName,
      computePlatform: "Lambda",
      status: run.isActive && run.status !== "Created" ? "InProgress" : run.status,
      creator: "user",
      createTime: run.createTime,
      startTime: run.startTime,
      completeTime: run.completeTime,
      description: request.description,
      revision: request.revision,
      autoRollbackConfiguration,
      deploymentStyle,
      errorInformation: run.isActive ? undefined : run.errorInformation,
      ...(rollback && {
        rollbackInfo: {
          rollbackDeploymentId: rollback,
          rollbackMessage: `Deployment ${deploymentId} was rolled back: ${run.errorInformation?.message}`,
        },
      }),
    };
  }

  private describeTarget(kept: Kept): Json {
    const { run, deploymentId } = kept;
    const { functionName, alias, currentVersion, targetVersion } = run.plan.appSpec;
    return {
      deploymentTargetType: "LambdaTarget",
      lambdaTarget: {
        deploymentId,
        targetId: targetIdOf(kept),
        status: run.isActive ? "InProgress" : run.status === "Succeeded" ? "Succeeded" : "Failed",
        lastUpdatedAt: now(),
        lifecycleEvents: run.events,
        lambdaFunctionInfo: {
          functionName,
          functionAlias: alias,
          currentVersion,
          targetVersion,
          targetVersionWeight: run.targetVersionWeight,
        },
      },
    };
  }

  private application(name: string): Application {
    const found = this.applications.get(name);
    if (!found) throw new CodeDeployError("ApplicationDoesNotExistException", `No application found for name: ${name}`);
    return found;
  }

  private group({
    applicationName,
    deploymentGroupName,
  }: {
    applicationName: string;
    deploymentGroupName: string;
  }): Group {
    this.application(applicationName);
    const found = this.groups.get(`${applicationName}/${deploymentGroupName}`);
    if (found) return found;
    const message = `No Deployment Group found for name: ${deploymentGroupName}`;
    throw new CodeDeployError("DeploymentGroupDoesNotExistException", message);
  }

  private config(name: string): DeploymentConfig {
    const found = this.configs.get(name) ?? presetConfig(name);
    if (found) return found;
    throw new CodeDeployError(
      "DeploymentConfigDoesNotExistException",
      `No Deployment Configuration found for name: ${name}`,
    );
  }

  private deployment(deploymentId: string): Kept {
    const found = this.deployments.get(deploymentId);
    if (found) return found;
    throw new CodeDeployError("DeploymentDoesNotExistException", `The deployment ${deploymentId} could not be found`);
  }

  private tag(arn: string, tags: Tag[] = []): void {
    const known = this.tags.get(arn) ?? new Map<string, string>();
    for (const { Key, Value } of tags) known.set(Key, Value);
    this.tags.set(arn, known);
  }

  private arn(resource: string): string {
    return `arn:aws:codedeploy:${this.target.region}:${this.target.accountId}:${resource}`;
  }
}

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

const now = () => Date.now() / 1000;

const newDeploymentId = () => `d-${randomBytes(5).toString("hex").toUpperCase().slice(0, 9)}`;

const targetIdOf = ({ run }: Kept) => `${run.plan.appSpec.functionName}:${run.plan.appSpec.alias}`;

function refuse(condition: boolean, name: string, what: string): void {
  if (condition) throw new CodeDeployError(name, `${what}: ${name.replace(/Exception$/, "")}`);
}
