import type { ArgumentErrors } from "../args/argumentErrors";
import { type Check, oneOf, wholeNumber } from "../args/checks";

/** When the alarms that components bring along ring. Every one has a default, and may be set per component or per stack. */
export interface AlarmThresholds {
  /**
   * Seconds that a metric is summed up over before it is compared: 10, 20, 30, or whole minutes up to an hour. AWS's own
   * metrics come once a minute; less is for the local cloud.
   * @default 60
   */
  readonly period?: number;
  /**
   * An alarm rings in the first bad period, and is over after so many periods without one, 1 to 10, so that a fault that
   * comes and goes rings once.
   * @default 5
   */
  readonly quietPeriods?: number;
  /** Percent of a function's calls that may fail, 0 to 99. @default 5 */
  readonly errorRate?: number;
  /** Percent of its timeout that a function's slowest calls (p99) may take, 1 to 100. @default 80 */
  readonly durationShare?: number;
  /** Percent of its reserved concurrency that a function may use, 1 to 100. @default 80 */
  readonly concurrencyShare?: number;
  /** Seconds that a function may be behind its stream, 1 to a week. @default 300 */
  readonly iteratorAge?: number;
  /** Seconds that a message may wait in a queue that a function reads, 1 to 14 days. @default 300 */
  readonly queueAge?: number;
  /** Days after which failures that nobody looked at ring once more, 1 to 13; SQS deletes them after 14. @default 7 */
  readonly forgottenAfter?: number;
  /** Percent of an API's requests that may end in 5xx, 0 to 99. @default 1 */
  readonly apiErrorRate?: number;
  /** Milliseconds that an API's slowest answers (p99) may take, 1 to 29,000. @default 3000 */
  readonly apiLatency?: number;
  /** Percent of a rollout's devices that may fail to install, 0 to 99. @default 10 */
  readonly jobFailureRate?: number;
  /** How often in a period devices may claim a version that is not recorded of them, 0 to 1,000,000. @default 0 */
  readonly falseClaims?: number;
}

export const defaultThresholds: Required<AlarmThresholds> = {
  period: 60,
  quietPeriods: 5,
  errorRate: 5,
  durationShare: 80,
  concurrencyShare: 80,
  iteratorAge: 300,
  queueAge: 300,
  forgottenAfter: 7,
  apiErrorRate: 1,
  apiLatency: 3000,
  jobFailureRate: 10,
  falseClaims: 0,
};

const minutes = Array.from({ length: 60 }, (_, at) => (at + 1) * 60);
const day = 24 * 3600;

const checks: { readonly [K in keyof Required<AlarmThresholds>]: Check<number> } = {
  period: (value) =>
    oneOf([10, 20, 30, ...minutes])(value) && `must be 10, 20, 30 or whole minutes up to 3600 seconds, not ${value}`,
  quietPeriods: wholeNumber(1, 10),
  errorRate: wholeNumber(0, 99, "percent"),
  durationShare: wholeNumber(1, 100, "percent"),
  concurrencyShare: wholeNumber(1, 100, "percent"),
  iteratorAge: wholeNumber(1, 7 * day, "seconds"),
  queueAge: wholeNumber(1, 14 * day, "seconds"),
  forgottenAfter: wholeNumber(1, 13, "days"),
  apiErrorRate: wholeNumber(0, 99, "percent"),
  apiLatency: wholeNumber(1, 29_000, "milliseconds"),
  jobFailureRate: wholeNumber(0, 99, "percent"),
  falseClaims: wholeNumber(0, 1_000_000),
};

/** What is wrong with thresholds that somebody wrote: property and reason, each. */
export function thresholdProblems(thresholds: unknown): [property: string, reason: string][] {
  if (typeof thresholds !== "object" || thresholds === null || Array.isArray(thresholds)) {
    return [["", `must be an object of thresholds, not ${JSON.stringify(thresholds)}`]];
  }
  return Object.entries(thresholds).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    const check = (checks as Readonly<Record<string, Check<number> | undefined>>)[name];
    const reason = check ? check(value) : `is not known; there are ${Object.keys(checks).join(", ")}`;
    return reason ? [[name, reason]] : [];
  });
}

/** Notes what is wrong with the thresholds of a component, and completes them. */
export function checkThresholds(errors: ArgumentErrors, thresholds: AlarmThresholds = {}): Required<AlarmThresholds> {
  for (const [name, reason] of thresholdProblems(thresholds)) {
    errors.add(name ? `thresholds.${name}` : "thresholds", reason);
  }
  const given = Object.entries(thresholds ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaultThresholds, ...Object.fromEntries(given) };
}
