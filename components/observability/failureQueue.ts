import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { tlsOnly } from "../access/tlsOnly";
import { AlarmGroup } from "./alarmGroup";
import type { OperationsArgs } from "./operations";

export interface FailureQueueArgs extends OperationsArgs {
  /** What ends up here, for the alarm's text: "Messages that the function device-log failed on". */
  readonly description: string;
  /**
   * What `npm run replay` hands a message to that does not say itself where it came from: ARN of a function or of a queue.
   * @default every message is a document of Lambda or of AWS IoT, which does
   */
  readonly replayTo?: pulumi.Input<string>;
}

const day = 24 * 3600;

/**
 * Where failures end: an encrypted queue that keeps them for 14 days (SQS's maximum). Every trigger of the stack has one at the end of its
 * failure path. An alarm rings as soon as something is there, and another, by itself, when nobody has
 * looked at it for a week. `npm run replay` shows what is in it and sends it again.
 */
export class FailureQueue extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;
  /** Rings while at least one message is visible in the queue. */
  readonly alarm: aws.cloudwatch.MetricAlarm;

  constructor(name: string, args: FailureQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:operations:FailureQueue", name, {}, opts);
    const alarms = AlarmGroup.of(this, name, args);
    const parent = { parent: this };

    this.queue = new aws.sqs.Queue(
      `${name}-queue`,
      { messageRetentionSeconds: 14 * day, sqsManagedSseEnabled: true },
      parent,
    );
    new aws.sqs.QueuePolicy(
      `${name}-tls-only`,
      {
        queueUrl: this.queue.url,
        policy: tlsOnly("sqs:*", this.queue.arn),
      },
      parent,
    );
    const metric = (metricName: string) => ({
      namespace: "AWS/SQS",
      name: metricName,
      dimensions: { QueueName: this.queue.name },
      statistic: "Maximum",
    });
    this.alarm = alarms.add(
      `${name}-alarm`,
      {
        kind: "queue-failures",
        description: pulumi.interpolate`${args.description}. They wait in the queue ${this.queue.name}.`,
        metrics: { waiting: metric("ApproximateNumberOfMessagesVisible") },
        threshold: 0,
      },
      parent,
    );
    const { forgottenAfter } = alarms.thresholds;
    alarms.addAlone(
      `${name}-forgotten`,
      {
        kind: "queue-forgotten",
        description: pulumi.interpolate`${args.description}, ${forgottenAfter} days ago, and are still in the queue ${this.queue.name}. SQS deletes them after 14.`,
        metrics: { age: metric("ApproximateAgeOfOldestMessage") },
        threshold: forgottenAfter * day,
        unit: "s",
      },
      parent,
    );
    alarms.failureQueues.push({ name, url: this.queue.url, replayTo: args.replayTo });
    alarms.close(this);

    this.registerOutputs({ queue: this.queue, alarm: this.alarm });
  }
}
