import { setTimeout as delay } from "node:timers/promises";
import { type CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  type CodeDeployClient,
  CreateDeploymentCommand,
  type DeploymentInfo,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  GetDeploymentTargetCommand,
  type LambdaTarget,
  ListDeploymentsCommand,
  ListDeploymentTargetsCommand,
} from "@aws-sdk/client-codedeploy";
import { GetAliasCommand, type LambdaClient, paginateListVersionsByFunction } from "@aws-sdk/client-lambda";
import type { LiveFunction } from "../../components/lambda/liveFunctions";

/** The stack's output `liveFunctions`. */
export interface LiveFunctionsOutput {
  readonly applicationName: string;
  readonly functions: readonly LiveFunction[];
}

/** How one function came out of a release. */
export interface Outcome {
  readonly name: string;
  /** `current`: there was nothing to release. */
  readonly result: "current" | "live" | "rolled back" | "failed";
  /** The version that has the calls now. */
  readonly version: string;
  readonly deploymentId?: string;
  /** Why it did not go live. */
  readonly reason?: string;
  /** Names of the alarms that stopped it. */
  readonly alarms?: readonly string[];
}

export interface ReleaseOptions {
  readonly client: {
    readonly codeDeploy: CodeDeployClient;
    readonly lambda: LambdaClient;
    readonly logs: CloudWatchLogsClient;
  };
  /** Milliseconds between two looks at a deployment. */
  readonly pollMs: number;
  /** Gets each step of a function as it happens. */
  readonly onStep: (name: string, step: string) => void;
}

const active = ["Created", "Queued", "InProgress", "Baking", "Ready"] as const;
const ended: readonly string[] = ["Succeeded", "Failed", "Stopped"];

/**
 * Brings every function whose alias is behind its newest version live, all at the same time: follows the deployment that
 * is under way, if there is one, and starts one where it has to.
 */
export function release(
  { applicationName, functions }: LiveFunctionsOutput,
  options: ReleaseOptions,
): Promise<Outcome[]> {
  return Promise.all(
    functions.map(async (live): Promise<Outcome> => {
      try {
        return await new FunctionRelease(applicationName, live, options).run();
      } catch (error) {
        return { name: live.name, result: "failed", version: "?", reason: (error as Error).message };
      }
    }),
  );
}

class FunctionRelease {
  constructor(
    private readonly applicationName: string,
    private readonly live: LiveFunction,
    private readonly options: ReleaseOptions,
  ) {}

  async run(): Promise<Outcome> {
    const underWay = await this.deploymentUnderWay();
    if (underWay) this.step(`picked up: deployment ${underWay} is under way`);
    let outcome = underWay ? await this.follow(underWay) : undefined;
    const newest = await this.newestVersion();
    const current = await this.liveVersion();
    if (outcome && (outcome.result !== "live" || current === newest)) return outcome;
    if (current === newest) return { name: this.live.name, result: "current", version: current };
    this.step(
      `version ${current} → ${newest}, by ${this.live.deploymentConfigName.replace("CodeDeployDefault.Lambda", "")}`,
    );
    outcome = await this.follow(await this.start(current, newest));
    return outcome;
  }

  private async start(current: string, newest: string): Promise<string> {
    const { name, functionName, alias, beforeTraffic, afterTraffic } = this.live;
    const content = JSON.stringify({
      version: 0.0,
      Resources: [
        {
          [name]: {
            Type: "AWS::Lambda::Function",
            Properties: { Name: functionName, Alias: alias, CurrentVersion: current, TargetVersion: newest },
          },
        },
      ],
      Hooks: [
        { BeforeAllowTraffic: beforeTraffic.functionName },
        ...(afterTraffic ? [{ AfterAllowTraffic: afterTraffic.functionName }] : []),
      ],
    });
    const { deploymentId } = await this.options.client.codeDeploy.send(
      new CreateDeploymentCommand({
        applicationName: this.applicationName,
        deploymentGroupName: name,
        description: `Version ${newest} of ${name}`,
        revision: { revisionType: "AppSpecContent", appSpecContent: { content } },
      }),
    );
    return deploymentId!;
  }

  private async follow(deploymentId: string): Promise<Outcome> {
    const info = await this.end(deploymentId);
    return info.status === "Succeeded" ? this.outcome(deploymentId, "live") : this.refused(deploymentId, info);
  }

  /** Looks until it is over, and tells each step. */
  private async end(deploymentId: string): Promise<DeploymentInfo> {
    const { codeDeploy } = this.options.client;
    const told = new Set<string>();
    for (;;) {
      const { deploymentInfo: info } = await codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
      for (const step of stepsOf(await this.target(deploymentId))) {
        if (!told.has(step)) this.step(step);
        told.add(step);
      }
      if (info?.status && ended.includes(info.status)) return info;
      await delay(this.options.pollMs);
    }
  }

  private async refused(deploymentId: string, info: DeploymentInfo): Promise<Outcome> {
    const { code, message = "CodeDeploy gives no reason" } = info.errorInformation ?? {};
    // The alias is back only when that has ended, too: it is a deployment of its own.
    const rollback = info.rollbackInfo?.rollbackDeploymentId;
    const isBack = rollback !== undefined && (await this.end(rollback)).status === "Succeeded";
    const result = isBack ? "rolled back" : "failed";
    const alarms = code === "ALARM_ACTIVE" ? await this.alarmsIn(message) : undefined;
    const why = code === "HOOK_EXECUTION_FAILURE" ? await this.reasonOfHook(deploymentId) : undefined;
    const reason = why === undefined ? message : `${message} It says: ${why}`;
    return { ...(await this.outcome(deploymentId, result)), reason, alarms };
  }

  private async outcome(deploymentId: string, result: Outcome["result"]): Promise<Outcome> {
    return { name: this.live.name, result, version: await this.liveVersion(), deploymentId };
  }

  /** What a hook wrote into its log for this deployment; CloudWatch Logs may take a few seconds to have it. */
  private async reasonOfHook(deploymentId: string): Promise<string | undefined> {
    const { beforeTraffic, afterTraffic } = this.live;
    for (let look = 0; look < 5; look += 1) {
      for (const hook of [beforeTraffic, afterTraffic]) {
        if (!hook) continue;
        const { events = [] } = await this.options.client.logs.send(
          new FilterLogEventsCommand({ logGroupName: hook.logGroupName, filterPattern: `"${deploymentId}"` }),
        );
        // The function's JSON, or text with the function's JSON in it, as the log format has it.
        const [reason] = events.flatMap(
          ({ message = "" }) => /\\?"reason\\?":\s*\\?"(.*?)\\?"\s*\}/s.exec(message)?.[1] ?? [],
        );
        if (reason !== undefined) return reason;
      }
      await delay(this.options.pollMs);
    }
    return undefined;
  }

  /** The alarms of the group that CodeDeploy names in its message; all of them when it names none. */
  private async alarmsIn(message: string): Promise<string[]> {
    const { deploymentGroupInfo } = await this.options.client.codeDeploy.send(
      new GetDeploymentGroupCommand({ applicationName: this.applicationName, deploymentGroupName: this.live.name }),
    );
    const all = deploymentGroupInfo?.alarmConfiguration?.alarms?.flatMap(({ name }) => name ?? []) ?? [];
    const named = all.filter((name) => message.includes(name));
    return named.length > 0 ? named : all;
  }

  private async target(deploymentId: string): Promise<LambdaTarget | undefined> {
    const { codeDeploy } = this.options.client;
    const { targetIds } = await codeDeploy.send(new ListDeploymentTargetsCommand({ deploymentId }));
    const targetId = targetIds?.[0];
    if (targetId === undefined) return undefined;
    const { deploymentTarget } = await codeDeploy.send(new GetDeploymentTargetCommand({ deploymentId, targetId }));
    return deploymentTarget?.lambdaTarget;
  }

  private async deploymentUnderWay(): Promise<string | undefined> {
    const { deployments } = await this.options.client.codeDeploy.send(
      new ListDeploymentsCommand({
        applicationName: this.applicationName,
        deploymentGroupName: this.live.name,
        includeOnlyStatuses: [...active],
      }),
    );
    return deployments?.[0];
  }

  private async liveVersion(): Promise<string> {
    const { functionName, alias } = this.live;
    const found = await this.options.client.lambda.send(
      new GetAliasCommand({ FunctionName: functionName, Name: alias }),
    );
    return found.FunctionVersion!;
  }

  private async newestVersion(): Promise<string> {
    const pages = paginateListVersionsByFunction(
      { client: this.options.client.lambda },
      { FunctionName: this.live.functionName },
    );
    let newest = 0;
    for await (const { Versions = [] } of pages) {
      for (const { Version } of Versions) newest = Math.max(newest, Number(Version) || 0);
    }
    return String(newest);
  }

  private step(text: string): void {
    this.options.onStep(this.live.name, text);
  }
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
