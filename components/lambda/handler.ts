import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "aws-lambda";
import { answeringDryRuns } from "../../functions/runtime/dryRun";
import { type Grant, sendTo, writeLogs, writeTraces } from "../access/grants";
import { ServiceRole } from "../access/serviceRole";
import { ArgumentErrors } from "../args/argumentErrors";
import { oneOf, text, wholeNumber } from "../args/checks";
import { AlarmGroup } from "../observability/alarmGroup";
import { FailureQueue } from "../observability/failureQueue";
import { watchFunction } from "../observability/functionAlarms";
import { defaultLogRetentionInDays, logRetentions, type OperationsArgs } from "../observability/operations";
import { callbackCode, callbackHandler } from "./callbackCode";
import { checkRelease, type ReleaseArgs } from "./releaseArgs";

/** What a function does with one event. */
export type HandlerCallback<Event, Result> = (event: Event, context: Context) => Promise<Result>;

export interface HandlerArgs<Event, Result> extends OperationsArgs, ReleaseArgs {
  /** What the function does, in a sentence; shown in the Lambda console. At most 256 characters. */
  readonly description: string;
  /**
   * Returns the callback. It runs once per execution environment, so AWS clients are made here and reused by every call:
   * `() => { const sns = new SNSClient({}); return async (event) => { ... }; }`.
   *
   * Its text and what it captures become the function's code: capture no Pulumi value, `this`, or client made outside.
   */
  readonly callbackFactory: () => HandlerCallback<Event, Result>;
  /**
   * Makes an event as the function's trigger would, for the dry run that a release begins with: the new version handles it
   * with real reads, up to the first call that would change something, which is not made. Like the callback it becomes code
   * of the function, and may read its environment. What it speaks of need not exist.
   * @default none: a dry run then asks only whether the code loads and the factory runs
   */
  readonly dryRunEvent?: () => Event;
  /** Environment variables: settings, never secrets. */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /**
   * What the function may do, beside writing its own logs, traces and failures.
   * @default nothing
   */
  readonly grants?: readonly Grant[];
  /**
   * Seconds after which Lambda ends a call, 1 to 900.
   * @default 10
   */
  readonly timeout?: pulumi.Input<number>;
  /**
   * Memory in MB, 128 to 10,240; CPU grows with it.
   * @default 256
   */
  readonly memorySize?: pulumi.Input<number>;
  /**
   * Environments kept for this function, and its upper limit. AWS leaves at least 100 of the account's to share.
   * @default none of its own: it shares the account's pool with all other functions
   */
  readonly reservedConcurrency?: pulumi.Input<number>;
  /**
   * Without `reservedConcurrency`: why a burst of calls can't take the account's whole pool, in at least four words. It
   * becomes the tag that the policy pack thingstack-reliability asks for.
   */
  readonly unreservedBecause?: string;
  /**
   * Whether the callback throws to refuse, as an authorizer has to, and counts that as the metric `Refused`: refusals then
   * are no errors to the function's alarm.
   * @default false
   */
  readonly refuses?: boolean;
  /**
   * Retries of a failed asynchronous call, 0 to 2, after a minute and after two more.
   * @default 2
   */
  readonly maximumRetryAttempts?: pulumi.Input<number>;
  /**
   * Where calls that failed for good end.
   * @default a queue of its own
   */
  readonly failures?: FailureQueue;
  /**
   * npm packages that the zip brings along. `@aws-sdk/*` is part of Lambda's runtime and need not be named.
   * @default none: the zip holds exactly `__index.js`
   */
  readonly packages?: readonly string[];
}

/**
 * A Lambda function from an inline callback: the only place of this library where a function is made, so every one has its
 * own least-privilege role, a log group with retention and JSON logs, active tracing, explicit limits, a zip of a few
 * kilobytes, and a queue with an alarm for the asynchronous calls that failed for good.
 *
 * ```ts
 * new Handler("greeter", {
 *   description: "Greets on an SNS topic",
 *   callbackFactory: () => {
 *     const sns = new SNSClient({});
 *     return async (event: { name: string }) => {
 *       await sns.send(new PublishCommand({ TopicArn: process.env.TOPIC_ARN, Message: `Hello ${event.name}` }));
 *     };
 *   },
 *   environment: { TOPIC_ARN: topic.arn },
 *   grants: [publishTo(topic.arn)],
 * });
 * ```
 */
export class Handler<Event = unknown, Result = unknown> extends pulumi.ComponentResource {
  readonly function: aws.lambda.Function;
  /** `live`: the version that triggers reach. Releases move it; without `liveFunctions` it follows each change at once. */
  readonly alias: aws.lambda.Alias;
  /** The function's name. With {@link qualifier} it is what a permission is given to. */
  readonly name: pulumi.Output<string>;
  /** The alias's name, `live`. */
  readonly qualifier: pulumi.Output<string>;
  /** ARN of the alias: what rules, streams, state machines and notifications call. */
  readonly arn: pulumi.Output<string>;
  /** The alias for an integration or authorizer of API Gateway. */
  readonly invokeArn: pulumi.Output<string>;
  readonly role: ServiceRole;
  readonly logGroup: aws.cloudwatch.LogGroup;
  /** Takes the asynchronous calls that failed after all retries; a stream mapping sends its failures here too. */
  readonly failures: FailureQueue;
  /** Those of its alarms that tell a good version from a bad one: errors, throttles, duration. */
  readonly alarms: readonly aws.cloudwatch.MetricAlarm[];

  constructor(name: string, args: HandlerArgs<Event, Result>, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:lambda:Handler", name, {}, opts);
    const owner = `Handler ${JSON.stringify(name)}`;
    const checked = checkArgs(owner, args);
    const alarms = AlarmGroup.of(this, name, args);
    const parent = { parent: this };

    this.logGroup = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      { retentionInDays: checked.logRetentionInDays },
      parent,
    );
    alarms.logGroups.push(this.logGroup);
    this.failures =
      args.failures ??
      new FailureQueue(
        `${name}-failures`,
        { description: `Calls of the function ${name} that failed for good`, ...alarms.operations },
        parent,
      );
    this.role = new ServiceRole(
      name,
      {
        service: "lambda.amazonaws.com",
        description: `What the function ${name} may do`,
        grants: [writeLogs(this.logGroup), writeTraces, sendTo(this.failures.queue), ...(args.grants ?? [])],
      },
      parent,
    );
    this.function = new aws.lambda.Function(
      `${name}-function`,
      {
        description: args.description,
        code: callbackCode(owner, withDryRuns(args), args.packages ?? []),
        handler: callbackHandler,
        role: this.role.arn,
        runtime: aws.lambda.Runtime.NodeJS24dX,
        architectures: ["arm64"],
        timeout: checked.timeout,
        memorySize: checked.memorySize,
        // A version per change, for the alias to point at.
        publish: true,
        reservedConcurrentExecutions: args.reservedConcurrency,
        environment: args.environment && { variables: args.environment },
        loggingConfig: { logFormat: "JSON", logGroup: this.logGroup.name },
        tracingConfig: { mode: "Active" },
        tags: args.unreservedBecause
          ? { "thingstack:because/reserved-concurrency": args.unreservedBecause }
          : undefined,
      },
      parent,
    );
    this.alias = new aws.lambda.Alias(
      `${name}-live`,
      {
        name: "live",
        description: "What triggers call; releases move it",
        functionName: this.function.name,
        functionVersion: this.function.version,
      },
      // At first it points at version 1; from then on it is moved by releases, where there are any.
      { parent: this, ignoreChanges: args.liveFunctions ? ["functionVersion", "routingConfig"] : [] },
    );
    this.name = this.function.name;
    this.qualifier = this.alias.name;
    this.arn = this.alias.arn;
    this.invokeArn = this.alias.invokeArn;
    new aws.lambda.FunctionEventInvokeConfig(
      `${name}-on-failure`,
      {
        functionName: this.function.name,
        // An alias has its own; that of the function would be for calls without a qualifier, and there are none.
        qualifier: this.qualifier,
        maximumRetryAttempts: checked.maximumRetryAttempts,
        destinationConfig: { onFailure: { destination: this.failures.queue.arn } },
      },
      parent,
    );
    this.alarms = watchFunction(
      alarms,
      {
        name,
        functionName: this.name,
        qualifier: this.qualifier,
        timeout: checked.timeout,
        reservedConcurrency: args.reservedConcurrency,
        refuses: args.refuses,
      },
      parent,
    );
    alarms.close(this);
    args.liveFunctions?.add(name, this as Handler<never, unknown>, args);

    this.registerOutputs({
      function: this.function,
      alias: this.alias,
      name: this.name,
      arn: this.arn,
      invokeArn: this.invokeArn,
      qualifier: this.qualifier,
      logGroup: this.logGroup,
      failures: this.failures,
      alarms: this.alarms,
    });
  }
}

function withDryRuns<Event, Result>({ callbackFactory, dryRunEvent, refuses }: HandlerArgs<Event, Result>) {
  return answeringDryRuns(callbackFactory, { event: dryRunEvent, refuses });
}

function checkArgs<Event, Result>(owner: string, args: HandlerArgs<Event, Result>) {
  const errors = new ArgumentErrors(owner);
  errors.check("description", args.description ?? "", text(256));
  errors.check("callbackFactory", (args.callbackFactory ?? null) as unknown, (factory) =>
    typeof factory === "function" ? undefined : "must be a function that returns the callback",
  );
  errors.check("dryRunEvent", args.dryRunEvent as unknown, (make) =>
    typeof make === "function" ? undefined : "must be a function that returns the event",
  );
  errors.check("unreservedBecause", args.unreservedBecause, (reason) =>
    /^[\p{L}\p{N} +\-=._:/@]{1,256}$/u.test(reason)
      ? undefined
      : "becomes a tag: 1 to 256 letters, digits, spaces and + - = . _ : / @",
  );
  const checked = {
    timeout: errors.input("timeout", args.timeout, 10, wholeNumber(1, 900, "seconds")),
    memorySize: errors.input("memorySize", args.memorySize, 256, wholeNumber(128, 10_240, "MB")),
    maximumRetryAttempts: errors.input("maximumRetryAttempts", args.maximumRetryAttempts, 2, wholeNumber(0, 2)),
    logRetentionInDays: errors.input(
      "logRetentionInDays",
      args.logRetentionInDays,
      defaultLogRetentionInDays,
      oneOf<number>(logRetentions),
    ),
  };
  checkRelease(errors, args);
  errors.throwIfAny();
  return checked;
}
