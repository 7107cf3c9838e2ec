import { type SinonFakeTimers, useFakeTimers } from "sinon";
import { CodeDeployAccount } from "../../../sandbox/codeDeploy/account";
import type { DeploymentCalls, HookEvent } from "../../../sandbox/codeDeploy/deploymentCalls";
import { CodeDeployError } from "../../../sandbox/codeDeploy/errors";

export const target = { endpoint: "http://127.0.0.1:1", region: "eu-central-1", accountId: "123456789012" };
export const minute = 60_000;

/** As the AWS SDK throws what a service refuses. */
export const refusal = (name: string, message = "refused") => Object.assign(new Error(message), { name });

/** Lambda and CloudWatch with one function, whose alias points at version 1. What is asked of them is kept in order. */
export class FakeCalls implements DeploymentCalls {
  version: string | undefined = "1";
  readonly asked: string[] = [];
  /** Names of alarms in the state ALARM. */
  readonly alarming = new Set<string>();
  /** What a call throws, by its name. */
  readonly refusals = new Map<keyof DeploymentCalls, Error>();
  /** Hooks that were called and have not been answered. */
  readonly hooks: { readonly functionName: string; readonly event: HookEvent }[] = [];
  open = 0;

  async versionOf(): Promise<string | undefined> {
    this.ask("versionOf", "looks at the alias");
    return this.version;
  }
  async moveAlias(functionName: string, alias: string, version: string): Promise<void> {
    this.ask("moveAlias", `moves ${functionName}:${alias} to ${version}`);
    this.version = version;
  }
  async callHook(functionName: string, event: HookEvent): Promise<number> {
    this.ask("callHook", `calls ${functionName}`);
    this.hooks.push({ functionName, event });
    return 60;
  }
  async ringing(alarms: readonly string[]): Promise<string[]> {
    const refused = this.refusals.get("ringing");
    if (refused) throw refused;
    return alarms.filter((name) => this.alarming.has(name));
  }
  close(): void {
    this.open -= 1;
  }

  private ask(call: keyof DeploymentCalls, what: string): void {
    this.asked.push(what);
    const refused = this.refusals.get(call);
    if (refused) throw refused;
  }
}

/** An account with an application `app`; time stands still until a test lets it pass. */
export class Lab {
  readonly clock: SinonFakeTimers = useFakeTimers({ now: 1_000_000 });
  readonly calls = new FakeCalls();
  readonly logged: string[] = [];
  readonly account = new CodeDeployAccount({
    target,
    speed: 1,
    open: () => {
      this.calls.open += 1;
      return this.calls;
    },
    log: (text) => this.logged.push(text),
  });

  constructor() {
    this.ask("CreateApplication", { applicationName: "app", computePlatform: "Lambda" });
  }

  /** What an operation answers, as it comes over the wire. */
  // biome-ignore lint/suspicious/noExplicitAny: each operation has an answer of its own.
  ask(operation: string, input: object = {}): any {
    return JSON.parse(JSON.stringify(this.account.call(operation, input)));
  }

  /** The name of the exception that an operation answers with, or what it answers. */
  outcome(operation: string, input: object = {}): unknown {
    try {
      return this.ask(operation, input);
    } catch (error) {
      if (error instanceof CodeDeployError) return error.name;
      throw error;
    }
  }

  createGroup(settings: object = {}): void {
    this.ask("CreateDeploymentGroup", { ...group, ...settings });
  }

  /** Starts a deployment of version 2. */
  deploy(hooks: object[] = [], more: object = {}): string {
    const revision = revisionOf(appSpec({ Hooks: hooks }));
    return this.ask("CreateDeployment", { ...inGroup, revision, ...more }).deploymentId;
  }

  info(deploymentId: string) {
    return this.ask("GetDeployment", { deploymentId }).deploymentInfo;
  }

  target(deploymentId: string) {
    const [targetId] = this.ask("ListDeploymentTargets", { deploymentId }).targetIds;
    return this.ask("GetDeploymentTarget", { deploymentId, targetId }).deploymentTarget.lambdaTarget;
  }

  /** What has become of the events of a deployment. */
  events(deploymentId: string): string[] {
    return this.target(deploymentId).lifecycleEvents.map(({ status }: { status: string }) => status);
  }

  /** Answers the hook that was called last. */
  answer(status: string): unknown {
    const { DeploymentId, LifecycleEventHookExecutionId } = this.calls.hooks.at(-1)!.event;
    return this.outcome("PutLifecycleEventHookExecutionStatus", {
      deploymentId: DeploymentId,
      lifecycleEventHookExecutionId: LifecycleEventHookExecutionId,
      status,
    });
  }

  pass(milliseconds = 0): Promise<number> {
    return this.clock.tickAsync(milliseconds);
  }

  /** Lets everything come to an end that waits for no time: what begins while time passes may take a millisecond. */
  settle(): Promise<number> {
    return this.pass(1);
  }

  async close(): Promise<void> {
    await this.account.close();
    this.clock.restore();
  }
}

export const inGroup = { applicationName: "app", deploymentGroupName: "greeter" };
export const group = {
  ...inGroup,
  serviceRoleArn: "arn:aws:iam::123456789012:role/greeter-release",
  deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
};
export const rollback = {
  enabled: true,
  events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
};

export const properties = { Name: "greeter-1", Alias: "live", CurrentVersion: "1", TargetVersion: "2" };

/** A good AppSpec, with other parts. */
export const appSpec = (more: object = {}) => ({
  version: 0.0,
  Resources: [{ greeter: { Type: "AWS::Lambda::Function", Properties: properties } }],
  ...more,
});

export const revisionOf = (spec: unknown) => ({
  revisionType: "AppSpecContent",
  appSpecContent: { content: typeof spec === "string" ? spec : JSON.stringify(spec) },
});
