import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AlarmThresholds } from "./alarmThresholds";

/** The kinds of alarms there are. Each has a page in docs/runbooks: what it means, the first look, how to replay. */
export const alarmKinds = {
  "function-errors": "Calls of a function fail",
  "function-throttled": "Calls of a function are refused",
  "function-slow": "A function comes close to its timeout",
  "function-failures-lost": "A failed call could not be set aside",
  "function-near-concurrency": "A function comes close to its reserved concurrency",
  "stream-behind": "A function is behind its stream",
  "stream-throttled": "A stream refuses records",
  "table-throttled": "A table refuses requests",
  "machine-failed": "An execution of a state machine failed",
  "machine-timed-out": "An execution of a state machine took too long",
  "queue-failures": "Something failed for good and waits to be replayed",
  "queue-forgotten": "Failures wait that nobody has looked at",
  "queue-behind": "Messages wait too long in a queue",
  "rule-throttled": "A rule drops messages",
  "api-errors": "An API answers with server errors",
  "api-slow": "An API answers late",
  "telemetry-quarantined": "Telemetry could not be stored",
  "delivery-behind": "Logs reach the third party late",
  "jobs-failed": "Too many devices fail to install a release",
  "false-claims": "Devices claim versions that were not recorded",
} as const;

export type AlarmKind = keyof typeof alarmKinds;

/** One metric, as CloudWatch has it. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
  /** `Sum`, `Maximum`, `Average`, or a percentile such as `p99`. */
  readonly statistic: string;
}

/** Something that is watched: it rings when a metric, or an expression over some, is over a threshold. */
export interface Watch {
  readonly kind: AlarmKind;
  /** What it means when it rings, in a sentence. */
  readonly description: pulumi.Input<string>;
  /** By the ids that the expression has for them; exactly one where there is no expression. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** CloudWatch metric math. */
  readonly expression?: string;
  readonly threshold: pulumi.Input<number>;
  /** What the threshold counts, for the dashboard: "percent", "ms". */
  readonly unit?: string;
}

/** The page that tells what to do, from the root of the repository. */
export const runbookOf = (kind: AlarmKind) => `docs/runbooks/${kind}.md`;

type Ringing = Required<Pick<AlarmThresholds, "period" | "quietPeriods">> & {
  /** Where it rings by itself; nowhere for one that rings as part of a composite alarm. */
  readonly actions: pulumi.Input<string>[];
};

/** An alarm that rings in the first period over its threshold, and is over after some quiet ones. */
export function metricAlarm(
  name: string,
  watch: Watch,
  { period, quietPeriods, actions }: Ringing,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm {
  return new aws.cloudwatch.MetricAlarm(
    name,
    {
      alarmDescription: pulumi.interpolate`${watch.description} Runbook: ${runbookOf(watch.kind)}`,
      ...(watch.expression === undefined ? single(watch, period) : mathOver(watch, watch.expression, period)),
      evaluationPeriods: quietPeriods,
      datapointsToAlarm: 1,
      threshold: watch.threshold,
      comparisonOperator: "GreaterThanThreshold",
      treatMissingData: "notBreaching",
      alarmActions: actions,
      okActions: actions,
    },
    opts,
  );
}

function single({ metrics }: Watch, period: number) {
  const { namespace, name, dimensions, statistic } = Object.values(metrics)[0]!;
  const isPercentile = /^p\d/.test(statistic);
  return {
    namespace,
    metricName: name,
    dimensions,
    period,
    ...(isPercentile ? { extendedStatistic: statistic } : { statistic }),
  };
}

function mathOver({ metrics, kind }: Watch, expression: string, period: number) {
  return {
    metricQueries: [
      { id: "watched", expression, label: alarmKinds[kind], returnData: true },
      ...Object.entries(metrics).map(([id, { namespace, name, dimensions, statistic }]) => ({
        id,
        metric: { namespace, metricName: name, dimensions, period, stat: statistic },
      })),
    ],
  };
}
