import { setTimeout as delay } from "node:timers/promises";
import { type CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  type CodeDeployClient,
  CreateDeploymentCommand,
  type DeploymentInfo,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
} from "@aws-sdk/client-codedeploy";
import { GetAliasCommand, type LambdaClient, paginateListVersionsByFunction } from "@aws-sdk/client-lambda";
import type { LiveFunction } from "../../components/lambda/liveFunctions";
import { Watch } from "./watch";

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
  private readonly watch: Watch;

  constructor(
    private readonly applicationName: string,
    private readonly live: LiveFunction,
    private readonly options: ReleaseOptions,
  ) {
    this.watch = new Watch(options.client.codeDeploy, options.pollMs, (step) => this.step(step));
  }

  async run(): Promise<Outcome> {
    const underWay = await this.deploymentUnderWay();
    const outcome = underWay && (await this.pickUp(underWay));
    const newest = await this.newestVersion();
    const current = await this.liveVersion();
    if (outcome && (outcome.result !== "live" || current === newest)) return outcome;
    if (current === newest) return { name: this.live.name, result: "current", version: current };
    this.step(
      `version ${current} → ${newest}, by ${this.live.deploymentConfigName.replace("CodeDeployDefault.Lambda", "")}`,
    );
    try {
      return await this.follow(await this.start(current, newest));
    } catch (error) {
      // Of somebody else who was faster, or ours, when the answer was lost and the SDK asked again.
      const isThere = (error as Error).name === "DeploymentLimitExceededException" && (await this.deploymentUnderWay());
      if (!isThere) throw error;
      return this.run();
    }
  }

  /** Follows what an earlier run began, or CodeDeploy itself: when a version was refused and nobody saw it to the end. */
  private async pickUp(deploymentId: string): Promise<Outcome> {
    const { creator, rollbackInfo = {} } = await this.watch.info(deploymentId);
    if (creator !== "codeDeployRollback") {
      this.step(`picked up: deployment ${deploymentId} is under way`);
      return this.follow(deploymentId);
    }
    const { rollbackTriggeringDeploymentId: refused = deploymentId } = rollbackInfo;
    this.step(`picked up: deployment ${deploymentId} is under way, which takes back what ${refused} brought`);
    return this.refused(await this.watch.info(refused), deploymentId);
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
    const info = await this.watch.end(deploymentId);
    if (info.status === "Succeeded") return this.outcome(deploymentId, "live");
    return this.refused(info, await this.watch.rollbackOf(info));
  }

  /** @param rollback the deployment that takes it back: only when that has ended, too, is the alias back */
  private async refused(
    { deploymentId, errorInformation, rollbackInfo }: DeploymentInfo,
    rollback: string | undefined,
  ): Promise<Outcome> {
    const isBack = rollback !== undefined && (await this.watch.end(rollback)).status === "Succeeded";
    const { code, message = rollbackInfo?.rollbackMessage ?? "CodeDeploy gives no reason" } = errorInformation ?? {};
    const alarms = code === "ALARM_ACTIVE" ? await this.alarmsIn(message) : undefined;
    const why = code === "HOOK_EXECUTION_FAILURE" ? await this.reasonOfHook(deploymentId!) : undefined;
    const reason = why === undefined ? message : `${message} It says: ${why}`;
    return { ...(await this.outcome(deploymentId!, isBack ? "rolled back" : "failed")), reason, alarms };
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
