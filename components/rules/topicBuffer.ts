import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "aws-lambda";
import { queueCallback, streamCallback } from "../../functions/runtime/bufferedCallback";
import { base64, kinesisEvent, sqsEvent } from "../../functions/runtime/sampleEvents";
import { type Grant, putRecords, readRecords, receiveFrom, sendTo } from "../access/grants";
import { tlsOnly } from "../access/tlsOnly";
import type { ArgumentErrors } from "../args/argumentErrors";
import { oneOf, wholeNumber } from "../args/checks";
import type { Handler } from "../lambda/handler";
import type { AlarmGroup } from "../observability/alarmGroup";
import type { FailureQueue } from "../observability/failureQueue";
import { watchQueue } from "../observability/resourceAlarms";
import { StreamConsumer } from "../streams/streamConsumer";
import { TelemetryStream } from "../streams/telemetryStream";
import type { RuleActions } from "./rule";

export interface TopicBufferArgs {
  /**
   * What stands between rule and function. `none`: the rule calls the function once per message. `sqs`: messages wait in a
   * queue, so a burst can't exhaust the account's functions. `kinesis`: they wait in a stream, and messages of one topic
   * are handled in their order. Callback and failures are the same with all three; with a buffer, `timeout` is that of a
   * whole batch.
   * @default "none"
   */
  readonly buffer?: "none" | "sqs" | "kinesis";
  /**
   * With a buffer: messages that the function gets at once, 1 to 10,000; the callback sees them one by one.
   * @default 10
   */
  readonly batchSize?: number;
  /**
   * With a buffer: seconds that a batch is gathered at most, 0 to 300; at least 1 for more than 10 messages from SQS.
   * @default 0
   */
  readonly batchingWindow?: number;
  /** With `kinesis`: shards of a provisioned stream; without it the stream is on-demand. */
  readonly shardCount?: number;
}

type Factory = () => (event: never, context: Context) => Promise<unknown>;

interface BufferOptions extends Required<Pick<TopicBufferArgs, "batchSize" | "batchingWindow">> {
  readonly shardCount?: number;
  readonly failures: FailureQueue;
  /** Seconds, of the function. */
  readonly timeout: pulumi.Input<number>;
  /** Times that a message is tried. */
  readonly attempts: pulumi.Output<number>;
  readonly alarms: AlarmGroup;
}

/** How one kind of buffer is put between a rule and a function. */
export interface TopicBuffer {
  readonly ruleGrants: readonly Grant[];
  readonly actions: (roleArn: pulumi.Output<string>) => RuleActions;
  readonly handlerGrants: readonly Grant[];
  /** Makes of the user's callback one that takes batches. */
  readonly wrap: (callbackFactory: Factory) => () => unknown;
  /** Makes of a message the batch that brings it. */
  readonly wrapEvent: (message: unknown) => unknown;
  connect(handler: Handler<never, unknown>): void;
}

export function sqsBuffer(name: string, options: BufferOptions, parent: pulumi.ComponentResourceOptions): TopicBuffer {
  const { failures, batchSize, batchingWindow } = options;
  const queue = new aws.sqs.Queue(
    `${name}-buffer`,
    {
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: 4 * 24 * 3600,
      // AWS's advice, so that a message does not come back while a throttled function has yet to run.
      visibilityTimeoutSeconds: pulumi.output(options.timeout).apply((timeout) => 6 * timeout + batchingWindow),
      redrivePolicy: pulumi.jsonStringify({
        deadLetterTargetArn: failures.queue.arn,
        // The function sets a message aside itself; this is for those it never gets to the end of.
        maxReceiveCount: options.attempts.apply((attempts) => Math.max(5, attempts + 2)),
      }),
    },
    parent,
  );
  new aws.sqs.QueuePolicy(
    `${name}-buffer-tls-only`,
    {
      queueUrl: queue.url,
      policy: tlsOnly("sqs:*", queue.arn),
    },
    parent,
  );
  watchQueue(options.alarms, `${name}-buffer`, queue, parent);
  return {
    ruleGrants: [sendTo(queue)],
    actions: (roleArn) => ({ sqs: [{ queueUrl: queue.url, roleArn, useBase64: false }] }),
    handlerGrants: [receiveFrom(queue)],
    wrap: (callbackFactory) => () => queueCallback(callbackFactory),
    wrapEvent: (message) => sqsEvent(JSON.stringify(message)),
    connect: (handler) => {
      new aws.lambda.EventSourceMapping(
        `${name}-mapping`,
        {
          eventSourceArn: queue.arn,
          functionName: handler.arn,
          batchSize,
          maximumBatchingWindowInSeconds: batchingWindow,
          functionResponseTypes: ["ReportBatchItemFailures"],
        },
        parent,
      );
    },
  };
}

export function kinesisBuffer(
  name: string,
  options: BufferOptions,
  parent: pulumi.ComponentResourceOptions,
): TopicBuffer {
  const { shardCount, alarms, batchSize, batchingWindow } = options;
  const { stream } = new TelemetryStream(name, { shardCount, ...alarms.operations }, parent);
  return {
    ruleGrants: [putRecords(stream)],
    actions: (roleArn) => ({ kineses: [{ streamName: stream.name, roleArn, partitionKey: "${topic()}" }] }),
    handlerGrants: [readRecords(stream)],
    wrap: (callbackFactory) => () => streamCallback(callbackFactory),
    wrapEvent: (message) => kinesisEvent(base64(message)),
    connect: (handler) => {
      new StreamConsumer(
        name,
        {
          stream,
          handler,
          batchSize,
          batchingWindow,
          maximumRetryAttempts: 5,
          maximumRecordAge: 6 * 3600,
          ...alarms.operations,
        },
        parent,
      );
    },
  };
}

/** Notes what is wrong with the buffer, and completes it. */
export function checkBuffer(errors: ArgumentErrors, args: TopicBufferArgs) {
  const { buffer = "none", batchSize = 10, batchingWindow = 0, shardCount } = args;
  errors.check("buffer", buffer, oneOf(["none", "sqs", "kinesis"] as const));
  errors.check("batchSize", args.batchSize, wholeNumber(1, 10_000));
  errors.check("batchingWindow", args.batchingWindow, wholeNumber(0, 300, "seconds"));
  errors.check("shardCount", shardCount, wholeNumber(1, 10_000));
  if (buffer === "none") {
    for (const property of ["batchSize", "batchingWindow"] as const) {
      if (args[property] !== undefined) errors.add(property, 'goes with buffer: "sqs" or "kinesis"');
    }
  }
  if (shardCount !== undefined && buffer !== "kinesis") errors.add("shardCount", 'goes with buffer: "kinesis"');
  if (buffer === "sqs" && batchSize > 10 && batchingWindow < 1) {
    errors.add("batchingWindow", `must be at least 1 for a batch of ${batchSize} messages from SQS`);
  }
  return { buffer, batchSize, batchingWindow, shardCount };
}
