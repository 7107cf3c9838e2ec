import { randomUUID } from "node:crypto";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";
import { STSClient } from "@aws-sdk/client-sts";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { assumeRole } from "../assumedRole";
import { type AwsTarget, awsConfig } from "../aws";
import { wait } from "../streams/shardReader";
import type { AppSpec } from "./appSpec";
import { bakeMinutes, type TrafficRoutingConfig } from "./configs";

export type Status = "Created" | "InProgress" | "Succeeded" | "Failed" | "Stopped";

/** What a deployment goes by. */
export interface DeploymentPlan {
  readonly deploymentId: string;
  readonly appSpec: AppSpec;
  readonly routing: TrafficRoutingConfig;
  readonly serviceRoleArn: string;
  /** Names of the alarms that stop it. */
  readonly alarms: readonly string[];
}

export interface DeploymentMeans {
  readonly target: AwsTarget;
  /** How much faster the minutes between shifts of traffic pass. */
  readonly speed: number;
}

interface LifecycleEvent {
  readonly lifecycleEventName: string;
  status: "Pending" | "InProgress" | "Succeeded" | "Failed" | "Skipped";
  startTime?: number;
  endTime?: number;
}

/** Why a deployment ends early: CodeDeploy's code, and its words. */
export interface ErrorInformation {
  readonly code: string;
  readonly message: string;
}

class Ended extends Error {
  constructor(
    readonly status: "Failed" | "Stopped",
    readonly information: ErrorInformation,
  ) {
    super(information.message);
  }
}

/** Seconds that a hook may take to start, beyond its own timeout. */
const hookStart = 10;
const alarmPollMs = 250;
const now = () => Date.now() / 1000;

/**
 * One deployment of one function: BeforeAllowTraffic, AllowTraffic, AfterAllowTraffic; hooks are called and alarms looked at
 * with the service role's rights. The alarms are looked at all the time. What share of the calls goes to which version is not played: from the first
 * shift on the new version gets all of them, so that what it does wrong shows within the bake time.
 */
export class Deployment {
  status: Status = "Created";
  readonly createTime = now();
  startTime: number | undefined;
  completeTime: number | undefined;
  errorInformation: ErrorInformation | undefined;
  readonly events: readonly LifecycleEvent[] = [
    { lifecycleEventName: "BeforeAllowTraffic", status: "Pending" },
    { lifecycleEventName: "AllowTraffic", status: "Pending" },
    { lifecycleEventName: "AfterAllowTraffic", status: "Pending" },
  ];
  private readonly ending = new AbortController();
  private readonly hooks = new Map<string, (status: string) => void>();
  private readonly clients: {
    readonly sts: STSClient;
    /** As the service role. */
    readonly lambda: LambdaClient;
    readonly cloudWatch: CloudWatchClient;
    /** As the account's root: to MiniStack's IAM every call about one alias is ListAliases. */
    readonly admin: LambdaClient;
  };
  private hasTraffic = false;

  constructor(
    readonly plan: DeploymentPlan,
    private readonly means: DeploymentMeans,
  ) {
    const config = { ...awsConfig(means.target), requestHandler: new NodeHttpHandler() };
    const sts = new STSClient(config);
    const credentials = () => assumeRole(sts, plan.serviceRoleArn, plan.deploymentId);
    const asRole = { ...config, credentials };
    this.clients = {
      sts,
      lambda: new LambdaClient(asRole),
      cloudWatch: new CloudWatchClient(asRole),
      admin: new LambdaClient(config),
    };
  }

  get isActive(): boolean {
    return this.completeTime === undefined;
  }

  /** The share of calls that AWS would give the new version now, 0 to 1. */
  get targetVersionWeight(): number {
    if (!this.hasTraffic) return 0;
    if (this.events[1]!.status === "Succeeded") return 1;
    const { timeBasedCanary: canary, timeBasedLinear: linear } = this.plan.routing;
    return (canary?.canaryPercentage ?? linear?.linearPercentage ?? 100) / 100;
  }

  /** Runs to its end. @returns whether the alias has to be moved back */
  async run(): Promise<boolean> {
    this.status = "InProgress";
    this.startTime = now();
    const watch = this.watchAlarms();
    try {
      await this.checkAlias();
      await this.during(0, () => this.runHook(this.plan.appSpec.beforeAllowTraffic, "BeforeAllowTraffic"));
      await this.during(1, () => this.shiftTraffic());
      await this.during(2, () => this.runHook(this.plan.appSpec.afterAllowTraffic, "AfterAllowTraffic"));
      this.status = "Succeeded";
    } catch (error) {
      const cause = this.ending.signal.aborted ? this.ending.signal.reason : error;
      const ended = cause instanceof Ended ? cause : failed("IAM_ROLE_PERMISSIONS", (error as Error).message);
      this.status = ended.status;
      this.errorInformation = ended.information;
      for (const event of this.events) {
        if (event.status === "InProgress") Object.assign(event, { status: "Failed", endTime: now() });
        if (event.status === "Pending") event.status = "Skipped";
      }
    }
    this.ending.abort();
    await watch;
    return this.status !== "Succeeded";
  }

  /** Marks it as over, when the alias is back too. */
  complete(): void {
    this.completeTime = now();
    for (const client of Object.values(this.clients)) client.destroy();
  }

  /** The alias as it was, by the service role. */
  async moveBack(): Promise<void> {
    if (this.hasTraffic) await this.moveAlias(this.plan.appSpec.currentVersion);
  }

  stop(code: string, message: string): void {
    this.ending.abort(new Ended("Stopped", { code, message }));
  }

  /** @returns false for an execution that is not waited for */
  answerHook(executionId: string, status: string): boolean {
    const waiting = this.hooks.get(executionId);
    waiting?.(status);
    return waiting !== undefined;
  }

  private async during(at: number, work: () => Promise<"Succeeded" | "Skipped">): Promise<void> {
    this.ending.signal.throwIfAborted();
    const event = this.events[at]!;
    Object.assign(event, { status: "InProgress", startTime: now() });
    const aborted = new Promise<never>((_, reject) => {
      this.ending.signal.addEventListener("abort", () => reject(this.ending.signal.reason), { once: true });
    });
    aborted.catch(() => undefined);
    const status = await Promise.race([work(), aborted]);
    Object.assign(event, { status, endTime: now() });
  }

  private async checkAlias(): Promise<void> {
    const { functionName, alias, currentVersion } = this.plan.appSpec;
    const found = await this.clients.admin.send(new GetAliasCommand({ FunctionName: functionName, Name: alias }));
    if (found.FunctionVersion !== currentVersion) {
      throw failed(
        "INVALID_LAMBDA_CONFIGURATION",
        `The alias ${alias} of ${functionName} points at version ${found.FunctionVersion}, not at ${currentVersion}.`,
      );
    }
  }

  private async runHook(functionName: string | undefined, when: string): Promise<"Succeeded" | "Skipped"> {
    if (functionName === undefined) return "Skipped";
    const executionId = randomUUID();
    const answer = new Promise<string>((resolve) => this.hooks.set(executionId, resolve));
    const event = { DeploymentId: this.plan.deploymentId, LifecycleEventHookExecutionId: executionId };
    await this.clients.lambda.send(
      new InvokeCommand({
        FunctionName: functionName,
        InvocationType: "Event",
        Payload: Buffer.from(JSON.stringify(event)),
      }),
    );
    // AWS waits for an hour. Nobody answers once the hook's own time is over, so neither does this.
    const limit = ((await this.timeoutOf(functionName)) + hookStart) * 1000;
    const status = await Promise.race([answer, wait(limit, this.ending.signal).then(() => "TimedOut")]);
    this.hooks.delete(executionId);
    if (status === "Succeeded") return "Succeeded";
    throw failed(
      "HOOK_EXECUTION_FAILURE",
      status === "TimedOut"
        ? `The ${when} hook ${functionName} did not answer.`
        : `The ${when} hook ${functionName} answered ${status}.`,
    );
  }

  private async timeoutOf(FunctionName: string): Promise<number> {
    const found = await this.clients.admin.send(new GetFunctionConfigurationCommand({ FunctionName }));
    return found.Timeout ?? 900;
  }

  private async shiftTraffic(): Promise<"Succeeded"> {
    this.hasTraffic = true;
    await this.moveAlias(this.plan.appSpec.targetVersion);
    await wait((bakeMinutes(this.plan.routing) * 60_000) / this.means.speed, this.ending.signal);
    return "Succeeded";
  }

  private async moveAlias(version: string): Promise<void> {
    const { functionName, alias } = this.plan.appSpec;
    await this.clients.admin.send(
      new UpdateAliasCommand({
        FunctionName: functionName,
        Name: alias,
        FunctionVersion: version,
        RoutingConfig: { AdditionalVersionWeights: {} },
      }),
    );
  }

  private async watchAlarms(): Promise<void> {
    const { alarms } = this.plan;
    if (alarms.length === 0) return;
    while (!this.ending.signal.aborted) {
      try {
        const { MetricAlarms = [], CompositeAlarms = [] } = await this.clients.cloudWatch.send(
          new DescribeAlarmsCommand({ AlarmNames: [...alarms], AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
        );
        const active = [...MetricAlarms, ...CompositeAlarms].filter(({ StateValue }) => StateValue === "ALARM");
        const names = active.map(({ AlarmName }) => AlarmName).join(", ");
        if (active.length > 0) this.stop("ALARM_ACTIVE", `${alarmsAreActive} <${names}>`);
      } catch (error) {
        this.ending.abort(failed("IAM_ROLE_PERMISSIONS", `The alarms can't be looked at: ${(error as Error).message}`));
      }
      await wait(alarmPollMs, this.ending.signal);
    }
  }
}

/** As AWS words it. */
const alarmsAreActive =
  "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected " +
  "deployments have been stopped. Activated alarms:";

const failed = (code: string, message: string) => new Ended("Failed", { code, message });
