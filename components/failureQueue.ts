import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { metricAlarm } from "./metricAlarm";
import type { OperationsArgs } from "./operations";
import { tlsOnly } from "./tlsOnly";

export interface FailureQueueArgs extends Pick<OperationsArgs, "alarmTopicArn"> {
  /** What ends up here, for the alarm's text: "Messages that the function device-log failed on". */
  readonly description: string;
}

/**
 * Where failures end: an encrypted queue that keeps them for 14 days (SQS's maximum) and an alarm that rings as soon as one
 * is there. Every trigger of the stack has one at the end of its failure path.
 */
export class FailureQueue extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;
  /** Rings while at least one message is visible in the queue. */
  readonly alarm: aws.cloudwatch.MetricAlarm;

  constructor(name: string, args: FailureQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:operations:FailureQueue", name, {}, opts);

    this.queue = new aws.sqs.Queue(
      `${name}-queue`,
      { messageRetentionSeconds: 14 * 24 * 3600, sqsManagedSseEnabled: true },
      { parent: this },
    );
    new aws.sqs.QueuePolicy(
      `${name}-tls-only`,
      {
        queueUrl: this.queue.url,
        policy: tlsOnly("sqs:*", this.queue.arn),
      },
      { parent: this },
    );
    this.alarm = metricAlarm(
      `${name}-alarm`,
      {
        alarmDescription: pulumi.interpolate`${args.description}. They wait in the queue ${this.queue.name}.`,
        namespace: "AWS/SQS",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: this.queue.name },
        statistic: "Maximum",
        alarmTopicArn: args.alarmTopicArn,
      },
      { parent: this },
    );

    this.registerOutputs({ queue: this.queue, alarm: this.alarm });
  }
}
