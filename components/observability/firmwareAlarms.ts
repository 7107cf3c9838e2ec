import type * as pulumi from "@pulumi/pulumi";
import type { AlarmGroup } from "./alarmGroup";
import type { Metric } from "./metricAlarm";

/** What a function of ours counts, by writeMetrics. */
const counted = (name: string, functionName: pulumi.Input<string>): Metric => ({
  namespace: "thingstack",
  name,
  dimensions: { FunctionName: functionName },
  statistic: "Sum",
});

/** Watches how many devices fail to install a release, as the function that records their results counts them. */
export function watchJobs(
  alarms: AlarmGroup,
  name: string,
  { functionName }: { functionName: pulumi.Input<string> },
  opts: pulumi.CustomResourceOptions,
): void {
  const { jobFailureRate } = alarms.thresholds;
  alarms.add(
    `${name}-jobs-failed`,
    {
      kind: "jobs-failed",
      description: `More than ${jobFailureRate} % of the devices that got a release of ${name} failed to install it.`,
      metrics: {
        failed: counted("InstallationsFailed", functionName),
        ended: counted("InstallationsEnded", functionName),
      },
      expression: "100 * failed / ended",
      threshold: jobFailureRate,
      unit: "percent",
    },
    opts,
  );
}

/**
 * Watches whether devices claim versions that are not recorded of them: the function that compares their shadows counts them,
 * and so does the one that records how their jobs ended.
 */
export function watchClaims(
  alarms: AlarmGroup,
  name: string,
  { claims, ended }: { claims: pulumi.Input<string>; ended: pulumi.Input<string> },
  opts: pulumi.CustomResourceOptions,
): void {
  const { falseClaims } = alarms.thresholds;
  alarms.add(
    `${name}-false-claims`,
    {
      kind: "false-claims",
      description:
        falseClaims === 0
          ? `A device claims a version that ${name} has not recorded of it.`
          : `Devices claimed versions that ${name} has not recorded of them, more than ${falseClaims} times in a period.`,
      metrics: { reported: counted("FalseClaims", claims), finished: counted("FalseClaims", ended) },
      expression: "FILL(reported, 0) + FILL(finished, 0)",
      threshold: falseClaims,
    },
    opts,
  );
}
