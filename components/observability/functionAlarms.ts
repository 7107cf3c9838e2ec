import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AlarmGroup } from "./alarmGroup";

export interface WatchedFunction {
  /** The function's name in the program, for the alarms' texts. */
  readonly name: string;
  readonly functionName: pulumi.Input<string>;
  /** The alias that triggers call. */
  readonly qualifier: pulumi.Input<string>;
  /** Seconds. */
  readonly timeout: pulumi.Input<number>;
  readonly reservedConcurrency?: pulumi.Input<number>;
  /** Whether it throws to refuse, and counts that as `Refused` in the namespace thingstack: no fault, and so no alarm. */
  readonly refuses?: boolean;
}

/**
 * Watches a function: calls that fail, are refused, or take almost its whole timeout, failures that could not be set aside, and, where it has
 * a reservation, how close it comes to that.
 *
 * Calls are counted at the alias, so that a version which is being rolled out is seen with the one it replaces.
 * @returns those that tell a good version from a bad one: errors, throttles and duration
 */
export function watchFunction(
  alarms: AlarmGroup,
  { name, functionName, qualifier, timeout, reservedConcurrency, refuses = false }: WatchedFunction,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm[] {
  const { errorRate, durationShare, concurrencyShare } = alarms.thresholds;
  const dimensions = { FunctionName: functionName };
  const live = { ...dimensions, Resource: pulumi.interpolate`${functionName}:${qualifier}` };
  const metric = (metricName: string, statistic: string, of: Record<string, pulumi.Input<string>>) => ({
    namespace: "AWS/Lambda",
    name: metricName,
    dimensions: of,
    statistic,
  });

  const release = [
    alarms.add(
      `${name}-errors`,
      {
        kind: "function-errors",
        description: `More than ${errorRate} % of the calls of ${name} fail.`,
        metrics: {
          errors: metric("Errors", "Sum", live),
          calls: metric("Invocations", "Sum", live),
          ...(refuses && { refused: { ...metric("Refused", "Sum", dimensions), namespace: "thingstack" } }),
        },
        expression: refuses ? "100 * (errors - FILL(refused, 0)) / calls" : "100 * errors / calls",
        threshold: errorRate,
        unit: "percent",
      },
      opts,
    ),
    alarms.add(
      `${name}-throttled`,
      {
        kind: "function-throttled",
        description: `Lambda refuses calls of ${name}: its concurrency, or the account's, is used up.`,
        metrics: { throttles: metric("Throttles", "Sum", live) },
        threshold: 0,
      },
      opts,
    ),
    alarms.add(
      `${name}-slow`,
      {
        kind: "function-slow",
        description: `The slowest calls of ${name} take more than ${durationShare} % of its timeout.`,
        metrics: { duration: metric("Duration", "p99", live) },
        threshold: pulumi.output(timeout).apply((seconds) => seconds * 10 * durationShare),
        unit: "ms",
      },
      opts,
    ),
  ];
  alarms.add(
    `${name}-failures-lost`,
    {
      kind: "function-failures-lost",
      description: `A call of ${name} failed, and could not be put into its failure queue: it is lost.`,
      metrics: { lost: metric("DestinationDeliveryFailures", "Sum", dimensions) },
      threshold: 0,
    },
    opts,
  );
  if (reservedConcurrency !== undefined) {
    alarms.add(
      `${name}-near-concurrency`,
      {
        kind: "function-near-concurrency",
        description: `${name} uses more than ${concurrencyShare} % of the concurrency that is reserved for it.`,
        metrics: { used: metric("ConcurrentExecutions", "Maximum", dimensions) },
        threshold: pulumi.output(reservedConcurrency).apply((reserved) => (reserved * concurrencyShare) / 100),
      },
      opts,
    );
  }
  return release;
}
