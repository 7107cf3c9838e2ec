import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { trafficHook } from "../../functions/runtime/trafficHook";
import { type Grant, invoke, policyDocument } from "../access/grants";
import { ServiceRole } from "../access/serviceRole";
import { ArgumentErrors } from "../args/argumentErrors";
import type { OperationsArgs } from "../observability/operations";
import { Handler } from "./handler";
import type { ReleaseArgs, TrafficHookArgs } from "./releaseArgs";
import { type CustomRollout, type Rollout, rollout } from "./rollout";

export interface LiveFunctionsArgs extends OperationsArgs {
  /**
   * How calls move to new versions, where a function does not say it for itself.
   * @default "AllAtOnce"
   */
  readonly rollout?: Rollout;
}

/** What the command that releases needs to know of one function. */
export interface LiveFunction {
  /** The Handler's name in the program; that of its deployment group, too. */
  readonly name: string;
  readonly functionName: string;
  readonly alias: string;
  /** As CodeDeploy names it. */
  readonly deploymentConfigName: string;
  readonly beforeTraffic: HookFunction;
  readonly afterTraffic?: HookFunction;
}

/** A function that is a hook, and where it says why it refused a version. */
export interface HookFunction {
  readonly functionName: string;
  readonly logGroupName: string;
}

/**
 * Releases functions by CodeDeploy: each Handler that is given this as `liveFunctions` gets a deployment group with its
 * own alarms, hooks and role. `pulumi up` then publishes versions and leaves the alias `live` where it is;
 * `npm run deploy` has CodeDeploy move it, and back again when a hook refuses, an alarm rings or somebody stops it.
 *
 * ```ts
 * const liveFunctions = new LiveFunctions("live", { rollout: "Canary10Percent30Minutes" });
 * new Handler("greeter", { description, callbackFactory, liveFunctions });
 * ```
 */
export class LiveFunctions extends pulumi.ComponentResource {
  readonly application: aws.codedeploy.Application;
  /** The hook of functions that have none of their own: has the new version make a dry run. */
  readonly dryRun: Handler<never, unknown>;
  private readonly released: pulumi.Output<LiveFunction>[] = [];
  private readonly configs = new Map<string, pulumi.Output<string>>();
  private readonly rollout: Rollout;

  constructor(
    private readonly name: string,
    private readonly args: LiveFunctionsArgs = {},
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("thingstack:releases:LiveFunctions", name, {}, opts);
    const errors = new ArgumentErrors(`LiveFunctions ${JSON.stringify(name)}`);
    this.rollout = args.rollout ?? "AllAtOnce";
    errors.check("rollout", this.rollout, rollout);
    errors.throwIfAny();

    this.application = new aws.codedeploy.Application(
      `${name}-application`,
      { computePlatform: "Lambda" },
      { parent: this },
    );
    this.dryRun = this.hook(
      `${name}-dry-run`,
      "Has new versions of functions make a dry run before they get calls",
      {},
      this,
    );
    this.registerOutputs({ application: this.application, dryRun: this.dryRun });
  }

  /** What the command that releases needs to know, of every function there is by now. */
  get functions(): pulumi.Output<LiveFunction[]> {
    return pulumi.all(this.released) as unknown as pulumi.Output<LiveFunction[]>;
  }

  /** Called by {@link Handler}: makes what releases one function. */
  add(name: string, released: Handler<never, unknown>, args: ReleaseArgs): void {
    const parent = released;
    const before = this.ownHook(name, released, "before", args.beforeTraffic);
    const after = this.ownHook(name, released, "after", args.afterTraffic);
    if (!before) this.letDryRunInvoke(name, released);
    const hooks = [before ?? this.dryRun, ...(after ? [after] : [])];
    const deploymentConfigName = this.configNameOf(args.rollout ?? this.rollout);
    const alarms = released.alarms.map((alarm) => alarm.name);

    const role = new ServiceRole(
      `${name}-release`,
      {
        service: "codedeploy.amazonaws.com",
        description: `What CodeDeploy may do to release the function ${name}`,
        grants: [
          ...moveAlias(released.function.arn, released.arn),
          ...(alarms.length > 0 ? [watchAlarms] : []),
          ...hooks.map((hook) => invoke(hook.function.arn)),
        ],
      },
      { parent },
    );
    const group = new aws.codedeploy.DeploymentGroup(
      `${name}-release`,
      {
        appName: this.application.name,
        deploymentGroupName: name,
        serviceRoleArn: role.arn,
        deploymentConfigName,
        deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
        alarmConfiguration: { enabled: alarms.length > 0, alarms },
        autoRollbackConfiguration: {
          enabled: true,
          events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
      },
      { parent },
    );
    this.released.push(
      pulumi.output({
        name,
        functionName: released.name,
        alias: released.qualifier,
        deploymentConfigName: group.deploymentConfigName.apply(
          (config) => config ?? "CodeDeployDefault.LambdaAllAtOnce",
        ),
        beforeTraffic: hookFunction(hooks[0]!),
        afterTraffic: after && hookFunction(after),
      }) as pulumi.Output<LiveFunction>,
    );
  }

  private ownHook(
    name: string,
    released: Handler<never, unknown>,
    when: "before" | "after",
    given: ReleaseArgs["beforeTraffic"],
  ): Handler<never, unknown> | undefined {
    if (given === undefined) return undefined;
    const args = typeof given === "function" ? { callback: given } : given;
    const description = `Judges new versions of the function ${name} ${when} they have all calls`;
    const grants = [invokeVersions(released.function.arn), ...(args.grants ?? [])];
    return this.hook(`${name}-${when}-traffic`, description, { ...args, grants }, released);
  }

  private hook(
    name: string,
    description: string,
    { callback, timeout = 60, environment, grants = [] }: Partial<TrafficHookArgs>,
    parent: pulumi.ComponentResource,
  ): Handler<never, unknown> {
    const { rollout: _, liveFunctions: __, ...operations } = this.args;
    return new Handler<never, unknown>(
      name,
      {
        description,
        callbackFactory: (() => trafficHook(callback)) as never,
        timeout,
        environment,
        unreservedBecause: "called once or twice per release of a function",
        grants: [this.answerCodeDeploy, ...grants],
        // CodeDeploy waits for an answer, and calls again in the next release.
        maximumRetryAttempts: 0,
        ...operations,
      },
      { parent },
    );
  }

  private get answerCodeDeploy(): Grant {
    const { arn, name } = this.application;
    const where = arn.apply((text) => text.split(":").slice(0, 5).join(":"));
    return {
      sid: "AnswerCodeDeploy",
      actions: ["codedeploy:GetDeployment", "codedeploy:PutLifecycleEventHookExecutionStatus"],
      resources: [pulumi.interpolate`${where}:deploymentgroup:${name}/*`],
    };
  }

  /** A policy per function beside the hook's own: IAM takes 10,240 characters for all of them, some 45 functions. */
  private letDryRunInvoke(name: string, released: Handler<never, unknown>): void {
    new aws.iam.RolePolicy(
      `${name}-dry-run`,
      { role: this.dryRun.role.role.id, policy: policyDocument([invokeVersions(released.function.arn)]) },
      { parent: released },
    );
  }

  /** A custom rollout is a resource, made once however many functions have it. */
  private configNameOf(preference: Rollout): pulumi.Output<string> {
    if (typeof preference === "string") return pulumi.output(`CodeDeployDefault.Lambda${preference}`);
    const { type, percentage, interval } = preference;
    const name = `${this.name}-${type}-${percentage}-percent-${interval}-minutes`;
    const known = this.configs.get(name);
    if (known) return known;
    const made = new aws.codedeploy.DeploymentConfig(
      name,
      { computePlatform: "Lambda", trafficRoutingConfig: routing(preference) },
      { parent: this },
    );
    this.configs.set(name, made.id);
    return made.id;
  }
}

const hookFunction = (hook: Handler<never, unknown>) => ({
  functionName: hook.name,
  logGroupName: hook.logGroup.name,
});

function routing({ type, percentage, interval }: CustomRollout) {
  return type === "canary"
    ? { type: "TimeBasedCanary", timeBasedCanary: { percentage, interval } }
    : { type: "TimeBasedLinear", timeBasedLinear: { percentage, interval } };
}

/** May move the aliases of one function: AWS judges calls about an alias by the function's ARN. */
const moveAlias = (functionArn: pulumi.Input<string>, aliasArn: pulumi.Input<string>): Grant[] => [
  { sid: "MoveAlias", actions: ["lambda:GetAlias", "lambda:UpdateAlias"], resources: [functionArn] },
  { sid: "SeeConcurrency", actions: ["lambda:GetProvisionedConcurrencyConfig"], resources: [aliasArn] },
];

/** CodeDeploy asks for alarms of every type, and AWS lets nobody do that on less than all resources. */
const watchAlarms: Grant = {
  sid: "AnyResourceBecauseCodeDeployDescribesAlarmsOfEveryType",
  actions: ["cloudwatch:DescribeAlarms"],
  resources: ["*"],
};

const invokeVersions = (functionArn: pulumi.Input<string>): Grant => ({
  sid: "InvokeVersions",
  actions: ["lambda:InvokeFunction"],
  resources: [pulumi.interpolate`${functionArn}:*`],
});
