import type { PutMetricAlarmCommandInput } from "@aws-sdk/client-cloudwatch";
import type { Measured } from "./metricMath";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

type Rule = Pick<
  PutMetricAlarmCommandInput,
  "ComparisonOperator" | "Threshold" | "DatapointsToAlarm" | "EvaluationPeriods" | "TreatMissingData"
>;

const comparisons: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/**
 * The state that CloudWatch would give an alarm.
 * @param values of its last periods, the newest last
 * @returns undefined where the alarm stays as it is
 */
export function stateOf(
  { ComparisonOperator, Threshold = 0, DatapointsToAlarm, TreatMissingData = "missing" }: Rule,
  values: readonly Measured[],
): AlarmState | undefined {
  const breaches = comparisons[ComparisonOperator ?? ""];
  if (!breaches) return undefined;
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0 && (TreatMissingData === "missing" || TreatMissingData === "ignore")) {
    return TreatMissingData === "missing" ? "INSUFFICIENT_DATA" : undefined;
  }
  const missing = TreatMissingData === "breaching" ? values.length - known.length : 0;
  const breaching = known.filter((value) => breaches(value, Threshold)).length + missing;
  return breaching >= (DatapointsToAlarm ?? values.length) ? "ALARM" : "OK";
}

/** One word on the values, for the alarm's reason. */
export const reasonFor = ({ ComparisonOperator, Threshold }: Rule, values: readonly Measured[], state: AlarmState) =>
  `Threshold ${state === "ALARM" ? "Crossed" : "not crossed"}: the last datapoints ` +
  `[${values.map((value) => (value === undefined ? "none" : Math.round(value * 100) / 100)).join(", ")}] ` +
  `(${ComparisonOperator} ${Threshold})`;
