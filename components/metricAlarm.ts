import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { OperationsArgs } from "./operations";

type MetricAlarmArgs = Pick<
  aws.cloudwatch.MetricAlarmArgs,
  "alarmDescription" | "namespace" | "metricName" | "dimensions"
> &
  Pick<OperationsArgs, "alarmTopicArn"> & {
    readonly statistic: "Maximum" | "Sum";
    /** @default 0: rings at the first sign */
    readonly threshold?: pulumi.Input<number>;
  };

/** An alarm that rings as soon as a metric is over its threshold within a minute, and is quiet where nothing is measured. */
export function metricAlarm(
  name: string,
  { alarmTopicArn, threshold = 0, ...args }: MetricAlarmArgs,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm {
  const actions = alarmTopicArn ? [alarmTopicArn] : [];
  return new aws.cloudwatch.MetricAlarm(
    name,
    {
      ...args,
      period: 60,
      evaluationPeriods: 1,
      threshold,
      comparisonOperator: "GreaterThanThreshold",
      treatMissingData: "notBreaching",
      alarmActions: actions,
      okActions: actions,
    },
    opts,
  );
}
