import { randomBytes, randomUUID } from "node:crypto";
import { wait } from "../wait";
import type { AppSpec } from "./appSpec";
import { bakeMinutes, type TrafficRoutingConfig, weightAfter } from "./configs";
import type { DeploymentCalls } from "./deploymentCalls";
import { CodeDeployError } from "./errors";
import { Ended, type ErrorInformation, Lifecycle, now } from "./lifecycle";

/** What a deployment goes by. */
export interface DeploymentPlan {
  readonly appSpec: AppSpec;
  readonly routing: TrafficRoutingConfig;
  /** Names of the alarms that stop it. */
  readonly alarms: readonly string[];
  /** How much faster than on AWS the minutes between shifts of traffic pass. */
  readonly speed: number;
}

/** Seconds that a hook may take to start, beyond its own timeout. */
const hookStart = 10;
const alarmPollMs = 250;
/** As AWS words it. */
const alarmsAreActive =
  "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected " +
  "deployments have been stopped. Activated alarms:";

/**
 * One deployment of one function: BeforeAllowTraffic, AllowTraffic, AfterAllowTraffic. The alarms are looked at before it
 * begins, and all the time. What share of the calls goes to which version is not played: from the first shift on the
 * new version gets all of them, so that what it does wrong shows within the bake time.
 */
export class Deployment {
  readonly deploymentId = `d-${randomBytes(5).toString("hex").toUpperCase().slice(0, 9)}`;
  readonly createTime = now();
  completeTime: number | undefined;
  private readonly lifecycle = new Lifecycle();
  private readonly ending = new AbortController();
  /** By their executions; what has answered is undefined. */
  private readonly hooks = new Map<string, ((status: string) => void) | undefined>();
  private shiftedAt: number | undefined;
  private ended: Ended | undefined;

  constructor(
    readonly plan: DeploymentPlan,
    private readonly calls: DeploymentCalls,
  ) {}

  get isActive(): boolean {
    return this.completeTime === undefined;
  }

  get status(): "InProgress" | "Succeeded" | "Failed" | "Stopped" {
    return this.isActive ? "InProgress" : (this.ended?.status ?? "Succeeded");
  }

  /** Why it did not succeed. */
  get errorInformation(): ErrorInformation | undefined {
    return this.ended?.information;
  }

  get events() {
    return this.lifecycle.events;
  }

  /** Whether the alias points at the target version. */
  get hasTraffic(): boolean {
    return this.shiftedAt !== undefined;
  }

  /** The share of calls that AWS would give the new version now, 0 to 1. */
  get targetVersionWeight(): number {
    if (this.shiftedAt === undefined) return 0;
    if (this.lifecycle.traffic.status === "Succeeded") return 1;
    const minutes = ((Date.now() - this.shiftedAt) / 60_000) * this.plan.speed;
    return weightAfter(minutes, this.plan.routing);
  }

  /** Runs to its end. @returns why it did not succeed */
  async run(): Promise<ErrorInformation | undefined> {
    let watch: Promise<void> | undefined;
    const { signal } = this.ending;
    const { before, traffic, after } = this.lifecycle;
    const { beforeAllowTraffic, afterAllowTraffic } = this.plan.appSpec;
    try {
      await this.lookAtAlarms();
      watch = this.watchAlarms();
      await this.checkAlias();
      await this.lifecycle.during(before, signal, () => this.runHook(beforeAllowTraffic, "BeforeAllowTraffic"));
      await this.lifecycle.during(traffic, signal, () => this.shiftTraffic());
      await this.lifecycle.during(after, signal, () => this.runHook(afterAllowTraffic, "AfterAllowTraffic"));
    } catch (error) {
      this.ended = Ended.by(signal.aborted ? signal.reason : error);
      this.lifecycle.cut();
    }
    this.ending.abort();
    await watch;
    this.completeTime = now();
    this.calls.close();
    return this.errorInformation;
  }

  stop(code: string, message: string): void {
    this.ending.abort(new Ended("Stopped", { code, message }));
  }

  /** @throws CodeDeployError when nobody waits for that answer */
  answerHook(executionId: string, status: string): void {
    if (!this.hooks.has(executionId)) {
      const message = `${executionId} is no hook of the deployment ${this.deploymentId}`;
      throw new CodeDeployError("InvalidLifecycleEventHookExecutionIdException", message);
    }
    const waiting = this.hooks.get(executionId);
    if (!waiting) {
      const message = "The hook is not waited for any more: it has answered, is out of time, or its deployment is over";
      throw new CodeDeployError("LifecycleEventAlreadyCompletedException", message);
    }
    waiting(status);
  }

  private async checkAlias(): Promise<void> {
    const { functionName, alias, currentVersion } = this.plan.appSpec;
    const version = await this.calls.versionOf(functionName, alias);
    if (version === currentVersion) return;
    const message = `The alias ${alias} of ${functionName} points at version ${version}, not at ${currentVersion}.`;
    throw Ended.failed("INVALID_LAMBDA_CONFIGURATION", message);
  }

  private async runHook(functionName: string | undefined, when: string): Promise<"Succeeded" | "Skipped"> {
    if (functionName === undefined) return "Skipped";
    const executionId = randomUUID();
    const answer = new Promise<string>((resolve) => this.hooks.set(executionId, resolve));
    try {
      const event = { DeploymentId: this.deploymentId, LifecycleEventHookExecutionId: executionId };
      const timeout = await this.calls.callHook(functionName, event);
      // AWS waits for an hour. Nobody answers once the hook's own time is over, so neither does this.
      const late = wait((timeout + hookStart) * 1000, this.ending.signal).then(() => "TimedOut");
      const status = await Promise.race([answer, late]);
      if (status === "Succeeded") return status;
      const how = status === "TimedOut" ? "did not answer" : `answered ${status}`;
      throw Ended.failed("HOOK_EXECUTION_FAILURE", `The ${when} hook ${functionName} ${how}.`);
    } finally {
      this.hooks.set(executionId, undefined);
    }
  }

  private async shiftTraffic(): Promise<"Succeeded"> {
    const { functionName, alias, targetVersion } = this.plan.appSpec;
    await this.calls.moveAlias(functionName, alias, targetVersion);
    this.shiftedAt = Date.now();
    await wait((bakeMinutes(this.plan.routing) * 60_000) / this.plan.speed, this.ending.signal);
    return "Succeeded";
  }

  private async watchAlarms(): Promise<void> {
    if (this.plan.alarms.length === 0) return;
    while (!this.ending.signal.aborted) {
      await wait(alarmPollMs, this.ending.signal);
      await this.lookAtAlarms();
    }
  }

  private async lookAtAlarms(): Promise<void> {
    const { alarms } = this.plan;
    if (alarms.length === 0 || this.ending.signal.aborted) return;
    try {
      const ringing = await this.calls.ringing(alarms);
      if (ringing.length > 0) this.stop("ALARM_ACTIVE", `${alarmsAreActive} <${ringing.join(", ")}>`);
    } catch (error) {
      const { code, message } = Ended.by(error).information;
      this.ending.abort(Ended.failed(code, `The alarms can't be looked at: ${message}`));
    }
  }
}
