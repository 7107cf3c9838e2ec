import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentErrors } from "../args/argumentErrors";
import { topicFilter } from "../args/checks";
import { Handler, type HandlerArgs } from "../lambda/handler";
import { AlarmGroup } from "../observability/alarmGroup";
import { FailureQueue } from "../observability/failureQueue";
import { Rule } from "./rule";
import { checkBuffer, kinesisBuffer, sqsBuffer, type TopicBuffer, type TopicBufferArgs } from "./topicBuffer";
import { condition, selectList } from "./topicRuleSql";

export interface TopicSubscriptionArgs<Event, Result>
  extends Omit<HandlerArgs<Event, Result>, "failures">,
    TopicBufferArgs {
  /** The MQTT topics to listen to: `+` is one level, `#` the rest. At most 256 bytes and 7 slashes. */
  readonly topicFilter: string;
  /**
   * What the callback gets of a message: the SELECT list in AWS IoT SQL.
   * @default "*"
   * @example "*, topic(3) AS deviceId"
   */
  readonly select?: string;
  /**
   * Which messages it gets: a condition in AWS IoT SQL.
   * @default every message
   * @example "temperature > 80"
   */
  readonly where?: string;
}

/**
 * Runs a callback for the messages of a topic: a rule that calls a function, directly or through a queue or stream.
 *
 * Nothing is lost without a trace. A call that the rule cannot place (the function is gone, the permission is missing) goes
 * to {@link undelivered}; a call that fails three times (one run, two retries) goes to the function's
 * `handler.failures` with the event and the reason. Both have an alarm. With a buffer it is the same: the document in the
 * queue is the one that Lambda would send.
 *
 * ```ts
 * new TopicSubscription("device-log", {
 *   description: "Writes what devices log about themselves",
 *   topicFilter: "my/things/+/log",
 *   select: "*, topic(3) AS deviceId",
 *   callbackFactory: () => async (line: { deviceId: string; message: string }) => console.log(line),
 * });
 * ```
 */
export class TopicSubscription<Event = unknown, Result = unknown> extends pulumi.ComponentResource {
  readonly handler: Handler<Event, Result>;
  readonly rule: Rule;

  constructor(name: string, args: TopicSubscriptionArgs<Event, Result>, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:iot:TopicSubscription", name, {}, opts);
    const { topicFilter: filter, select = "*", where, buffer, batchSize, batchingWindow, shardCount, ...rest } = args;
    const checked = checkArgs(name, args);
    const alarms = AlarmGroup.of(this, name, args);
    const { operations } = alarms;
    const parent = { parent: this };

    const between = checked.buffer === "none" ? undefined : this.makeBuffer(name, args, checked, alarms);
    const { callbackFactory, dryRunEvent } = rest;
    const wrapEvent = between?.buffer.wrapEvent;
    this.handler = new Handler<Event, Result>(
      name,
      between
        ? {
            ...rest,
            // Of a batch, in truth; to the callback it is one message after the other.
            callbackFactory: between.buffer.wrap(callbackFactory as never) as typeof callbackFactory,
            dryRunEvent: dryRunEvent && wrapEvent && (() => wrapEvent(dryRunEvent()) as Event),
            environment: { ...rest.environment, ...between.environment },
            // Of a stream, a batch that is tried again has to meet the code that tried it before.
            rollout: rest.rollout ?? (checked.buffer === "kinesis" ? "AllAtOnce" : undefined),
            grants: [...between.buffer.handlerGrants, ...(rest.grants ?? [])],
            failures: between.failures,
            ...operations,
          }
        : { ...rest, ...operations },
      parent,
    );
    between?.buffer.connect(this.handler as Handler<never, unknown>);
    this.rule = new Rule(
      name,
      {
        description: args.description,
        sql: `SELECT ${select} FROM '${filter}'${where ? ` WHERE ${where}` : ""}`,
        grants: between?.buffer.ruleGrants,
        actions: between?.buffer.actions ?? (() => ({ lambdas: [{ functionArn: this.handler.arn }] })),
        ...operations,
      },
      parent,
    );
    if (!between) {
      new aws.lambda.Permission(
        `${name}-permission`,
        {
          action: "lambda:InvokeFunction",
          function: this.handler.name,
          qualifier: this.handler.qualifier,
          principal: "iot.amazonaws.com",
          sourceArn: this.rule.rule.arn,
        },
        parent,
      );
    }
    alarms.close(this);

    this.registerOutputs({ handler: this.handler, rule: this.rule });
  }

  /** The failure queue comes first: the buffer hands over to it, and the function writes into it. */
  private makeBuffer(
    name: string,
    { timeout = 10, maximumRetryAttempts = 2 }: Pick<HandlerArgs<never, unknown>, "timeout" | "maximumRetryAttempts">,
    checked: ReturnType<typeof checkArgs>,
    alarms: AlarmGroup,
  ): { buffer: TopicBuffer; failures: FailureQueue; environment: Record<string, pulumi.Input<string>> } {
    const parent = { parent: this };
    const failures = new FailureQueue(
      `${name}-failures`,
      { description: `Messages that the function ${name} failed on for good`, ...alarms.operations },
      parent,
    );
    const attempts = pulumi.output(maximumRetryAttempts).apply((retries) => retries + 1);
    const make = checked.buffer === "sqs" ? sqsBuffer : kinesisBuffer;
    return {
      buffer: make(name, { ...checked, failures, timeout, attempts, alarms }, parent),
      failures,
      environment: { FAILURE_QUEUE_URL: failures.queue.url, MAXIMUM_ATTEMPTS: pulumi.interpolate`${attempts}` },
    };
  }
}

function checkArgs<Event, Result>(name: string, args: TopicSubscriptionArgs<Event, Result>) {
  const errors = new ArgumentErrors(`TopicSubscription ${JSON.stringify(name)}`);
  errors.check("topicFilter", args.topicFilter ?? "", topicFilter);
  errors.check("select", args.select, selectList);
  errors.check("where", args.where, condition);
  const buffer = checkBuffer(errors, args);
  errors.throwIfAny();
  return buffer;
}
