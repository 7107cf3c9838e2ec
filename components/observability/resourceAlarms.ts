import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AlarmGroup } from "./alarmGroup";

type Options = pulumi.CustomResourceOptions;

/** Watches how far a function is behind a stream, of Kinesis or of a table. */
export function watchConsumer(
  alarms: AlarmGroup,
  name: string,
  { functionName }: { functionName: pulumi.Input<string> },
  opts: Options,
): void {
  const { iteratorAge } = alarms.thresholds;
  alarms.add(
    `${name}-lagging`,
    {
      kind: "stream-behind",
      description: `The reader ${name} is more than ${iteratorAge} s behind its stream.`,
      metrics: {
        age: {
          namespace: "AWS/Lambda",
          name: "IteratorAge",
          dimensions: { FunctionName: functionName },
          statistic: "Maximum",
        },
      },
      threshold: iteratorAge * 1000,
      unit: "ms",
    },
    opts,
  );
}

/** Watches whether a Kinesis stream refuses records. */
export function watchStream(alarms: AlarmGroup, name: string, stream: aws.kinesis.Stream, opts: Options): void {
  alarms.add(
    `${name}-stream-throttled`,
    {
      kind: "stream-throttled",
      description: `Messages of ${name} come faster than its stream takes them; the rule tries again, then gives up.`,
      metrics: {
        refused: {
          namespace: "AWS/Kinesis",
          name: "WriteProvisionedThroughputExceeded",
          dimensions: { StreamName: stream.name },
          statistic: "Sum",
        },
      },
      threshold: 0,
    },
    opts,
  );
}

/** Watches whether a table refuses reads or writes. */
export function watchTable(alarms: AlarmGroup, name: string, table: aws.dynamodb.Table, opts: Options): void {
  const metric = (metricName: string) => ({
    namespace: "AWS/DynamoDB",
    name: metricName,
    dimensions: { TableName: table.name },
    statistic: "Sum",
  });
  alarms.add(
    `${name}-table-throttled`,
    {
      kind: "table-throttled",
      description: `The table of ${name} refuses requests: they come faster than it scales, or all on one key.`,
      metrics: { reads: metric("ReadThrottleEvents"), writes: metric("WriteThrottleEvents") },
      expression: "FILL(reads, 0) + FILL(writes, 0)",
      threshold: 0,
    },
    opts,
  );
}

/** Watches whether executions of a state machine fail or run out of time. */
export function watchMachine(alarms: AlarmGroup, name: string, machine: aws.sfn.StateMachine, opts: Options): void {
  const metrics = (metricName: string) => ({
    executions: {
      namespace: "AWS/States",
      name: metricName,
      dimensions: { StateMachineArn: machine.arn },
      statistic: "Sum",
    },
  });
  alarms.add(
    `${name}-failed`,
    {
      kind: "machine-failed",
      description: `An execution of the state machine ${name} failed before its end.`,
      metrics: metrics("ExecutionsFailed"),
      threshold: 0,
    },
    opts,
  );
  alarms.add(
    `${name}-timed-out`,
    {
      kind: "machine-timed-out",
      description: `An execution of the state machine ${name} ran out of time.`,
      metrics: metrics("ExecutionsTimedOut"),
      threshold: 0,
    },
    opts,
  );
}

/** Watches whether messages wait too long in a queue that a function reads. */
export function watchQueue(alarms: AlarmGroup, name: string, queue: aws.sqs.Queue, opts: Options): void {
  const { queueAge } = alarms.thresholds;
  alarms.add(
    `${name}-behind`,
    {
      kind: "queue-behind",
      description: `Messages wait in the queue of ${name} for more than ${queueAge} s.`,
      metrics: {
        age: {
          namespace: "AWS/SQS",
          name: "ApproximateAgeOfOldestMessage",
          dimensions: { QueueName: queue.name },
          statistic: "Maximum",
        },
      },
      threshold: queueAge,
      unit: "s",
    },
    opts,
  );
}

/**
 * Watches whether AWS IoT drops messages of a rule before any of its actions. What an action fails on needs no alarm of the rule:
 * it is in the rule's failure queue, and that has one.
 */
export function watchRule(alarms: AlarmGroup, name: string, rule: aws.iot.TopicRule, opts: Options): void {
  alarms.add(
    `${name}-rule-throttled`,
    {
      kind: "rule-throttled",
      description: `AWS IoT drops messages of the rule ${name}: more come than the account may have evaluated.`,
      metrics: {
        dropped: {
          namespace: "AWS/IoT",
          name: "RuleMessageThrottled",
          dimensions: { RuleName: rule.name },
          statistic: "Sum",
        },
      },
      threshold: 0,
    },
    opts,
  );
}

/** Watches a stage of a REST API: server errors, and how long the slowest answers take. */
export function watchApi(
  alarms: AlarmGroup,
  name: string,
  { apiName, stageName }: { apiName: pulumi.Input<string>; stageName: pulumi.Input<string> },
  opts: Options,
): void {
  const { apiErrorRate, apiLatency } = alarms.thresholds;
  const metric = (metricName: string, statistic: string) => ({
    namespace: "AWS/ApiGateway",
    name: metricName,
    dimensions: { ApiName: apiName, Stage: stageName },
    statistic,
  });
  alarms.add(
    `${name}-server-errors`,
    {
      kind: "api-errors",
      description: `More than ${apiErrorRate} % of the requests of ${name} end in a server error (5xx).`,
      metrics: { errors: metric("5XXError", "Sum"), calls: metric("Count", "Sum") },
      expression: "100 * errors / calls",
      threshold: apiErrorRate,
      unit: "percent",
    },
    opts,
  );
  alarms.add(
    `${name}-slow`,
    {
      kind: "api-slow",
      description: `The slowest answers of ${name} (p99) take more than ${apiLatency} ms.`,
      metrics: { latency: metric("Latency", "p99") },
      threshold: apiLatency,
      unit: "ms",
    },
    opts,
  );
}

/** Watches whether a delivery stream is late. */
export function watchDelivery(
  alarms: AlarmGroup,
  name: string,
  stream: aws.kinesis.FirehoseDeliveryStream,
  opts: Options,
): void {
  alarms.add(
    `${name}-behind`,
    {
      kind: "delivery-behind",
      description: `The delivery stream ${name} is more than 15 minutes late; what it gives up goes to its bucket.`,
      metrics: {
        age: {
          namespace: "AWS/Firehose",
          name: "DeliveryToHttpEndpoint.DataFreshness",
          dimensions: { DeliveryStreamName: stream.name },
          statistic: "Maximum",
        },
      },
      threshold: 15 * 60,
      unit: "s",
    },
    opts,
  );
}
