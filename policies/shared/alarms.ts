import type { StackResource } from "./policy";
import { refersTo } from "./references";

/** A metric of one resource: what an alarm has to look at. */
export interface Watched {
  readonly namespace: string;
  readonly metrics: readonly string[];
  readonly dimension: string;
}

/** Whether an alarm of the stack, by a single metric or by a query, watches a metric of a resource. */
export function isWatched(target: StackResource, stack: readonly StackResource[], watched: Watched): boolean {
  return stack.some(
    (alarm) =>
      alarm.type === "aws:cloudwatch/metricAlarm:MetricAlarm" &&
      alarm.props.flag("actionsEnabled") !== false &&
      metricsOf(alarm).some(
        (metric) =>
          metric.namespace === watched.namespace &&
          watched.metrics.includes(metric.name ?? "") &&
          refersTo(alarm, `${metric.dimensions}.${watched.dimension}`, target),
      ),
  );
}

function metricsOf({ props }: StackResource) {
  const queries = props.list("metricQueries").filter((query) => query.has("metric"));
  return [
    { namespace: props.text("namespace"), name: props.text("metricName"), dimensions: "dimensions" },
    ...queries.map((query) => ({
      namespace: query.text("metric.namespace"),
      name: query.text("metric.metricName"),
      dimensions: query.name("metric.dimensions"),
    })),
  ];
}
