import type { MetricDataQuery, PutMetricAlarmCommandInput } from "@aws-sdk/client-cloudwatch";
import { compileMath, type Measured } from "./metricMath";
import type { MetricName, Point } from "./sources";

/** One metric that an alarm looks at. */
export interface Input extends MetricName {
  readonly id: string;
  readonly statistic: string;
}

/** An alarm as it was put, and how its value is worked out. */
export class WatchedAlarm {
  readonly inputs: readonly Input[];
  /** Seconds. */
  readonly period: number;
  readonly periods: number;
  private readonly value: (values: Readonly<Record<string, Measured>>) => Measured;

  /** @throws MetricMathError for an expression that the local cloud cannot work out */
  constructor(readonly put: PutMetricAlarmCommandInput) {
    const queries = put.Metrics?.length ? put.Metrics : [single(put)];
    this.inputs = queries.flatMap(inputOf);
    this.periods = put.EvaluationPeriods ?? 1;
    this.period = queries.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period ?? 60;
    const ids = this.inputs.map(({ id }) => id);
    const shown = queries.find(({ ReturnData, Expression }) => ReturnData && Expression);
    this.value = compileMath(shown?.Expression ?? ids[0] ?? "", ids);
  }

  /** Milliseconds that it looks back. */
  get window(): number {
    return this.period * this.periods * 1000;
  }

  /** Its value in each of its last periods, the newest last. They end now, and not on the minute as AWS's do. */
  values(points: ReadonlyMap<Input, readonly Point[]>, now: number): Measured[] {
    return Array.from({ length: this.periods }, (_, at) => {
      const end = now - (this.periods - 1 - at) * this.period * 1000;
      const start = end - this.period * 1000;
      const measured = this.inputs.map((input) => {
        const within = (points.get(input) ?? []).filter((point) => point.at > start && point.at <= end);
        return [input.id, statisticOf(input.statistic, within)] as const;
      });
      return this.value(Object.fromEntries(measured));
    });
  }
}

function single(put: PutMetricAlarmCommandInput): MetricDataQuery {
  const { Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic } = put;
  return {
    Id: "metric",
    ReturnData: true,
    MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat: ExtendedStatistic ?? Statistic },
  };
}

function inputOf({ Id = "", MetricStat }: MetricDataQuery): Input[] {
  if (!MetricStat?.Metric) return [];
  const { Namespace = "", MetricName = "", Dimensions = [] } = MetricStat.Metric;
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name ?? "", Value ?? ""]));
  return [{ id: Id, namespace: Namespace, name: MetricName, dimensions, statistic: MetricStat.Stat ?? "Average" }];
}

/** A percentile is that of the single values; MiniStack gives them second by second, so it is the larger, never the smaller, one. */
function statisticOf(statistic: string, points: readonly Point[]): Measured {
  if (points.length === 0) return undefined;
  const values = points.map(({ value }) => value).sort((a, b) => a - b);
  const sum = values.reduce((total, value) => total + value, 0);
  if (statistic === "Sum") return sum;
  if (statistic === "SampleCount") return values.length;
  if (statistic === "Minimum") return values[0];
  if (statistic === "Average") return sum / values.length;
  const percent = statistic === "Maximum" ? 100 : Number(statistic.slice(1));
  return values[Math.max(0, Math.ceil((percent / 100) * values.length) - 1)];
}
