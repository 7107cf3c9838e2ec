import * as pulumi from "@pulumi/pulumi";
import type { AlarmGroup, GroupedAlarm } from "./alarmGroup";
import { type AlarmKind, alarmKinds, type Metric } from "./metricAlarm";

/** Widgets stand in a grid of 24 columns. */
const columns = 24;
const graph = { width: 8, height: 6 };

type Widget = pulumi.Input<object>;

/**
 * What a dashboard shows of some groups, made from the very list of their alarms: on top how available each
 * component is and what rings, then, per component, a graph for each kind of alarm with the line that it rings at.
 */
export function dashboardBody(groups: readonly AlarmGroup[], region: pulumi.Input<string>): pulumi.Output<string> {
  const shown = groups.filter(({ alarms }) => alarms.length > 0);
  const widgets: Widget[] = [availabilityOf(shown, region), statesOf(shown)];
  let y = 2 * graph.height;
  for (const group of shown) {
    widgets.push({
      type: "text",
      ...{ x: 0, y, width: columns, height: 1 },
      properties: { markdown: `## ${group.name}` },
    });
    y += 1;
    const kinds = [...new Set(group.alarms.map(({ watch }) => watch.kind))];
    for (const [at, kind] of kinds.entries()) {
      const place = { x: (at * graph.width) % columns, y: y + Math.floor((at * graph.width) / columns) * graph.height };
      widgets.push({ type: "metric", ...place, ...graph, properties: graphOf(group, kind, region) });
    }
    y += Math.ceil((kinds.length * graph.width) / columns) * graph.height;
  }
  return pulumi.jsonStringify({ widgets });
}

/** The share of calls and requests that did not fail, over the time that is shown. */
function availabilityOf(groups: readonly AlarmGroup[], region: pulumi.Input<string>): Widget {
  const metrics = groups.flatMap((group, at) => {
    const counted = group.alarms.filter(({ watch }) => ["function-errors", "api-errors"].includes(watch.kind));
    if (counted.length === 0) return [];
    const ids = (metric: string) => counted.map((_, of) => `${metric}${at}x${of}`).join(",");
    return [
      [{ expression: `100 * (1 - SUM([${ids("errors")}]) / SUM([${ids("calls")}]))`, label: group.name }],
      ...counted.flatMap(({ watch }, of) =>
        ["errors", "calls"].map((id) => row(watch.metrics[id]!, { id: `${id}${at}x${of}`, visible: false })),
      ),
    ];
  });
  return {
    type: "metric",
    ...{ x: 0, y: 0, width: columns, height: graph.height },
    properties: {
      title: "Availability: percent of calls and requests that did not fail",
      view: "singleValue",
      setPeriodToTimeRange: true,
      region,
      metrics,
    },
  };
}

function statesOf(groups: readonly AlarmGroup[]): Widget {
  // An alarm widget takes a hundred at most; what rings by itself is in its group's graphs.
  const alarms = groups.flatMap((group) => group.rings.map(({ arn }) => arn)).slice(0, 100);
  return {
    type: "alarm",
    ...{ x: 0, y: graph.height, width: columns, height: graph.height },
    properties: { title: "What rings", alarms },
  };
}

function graphOf(group: AlarmGroup, kind: AlarmKind, region: pulumi.Input<string>): object {
  const alarms = group.alarms.filter(({ watch }) => watch.kind === kind);
  return {
    title: alarmKinds[kind],
    view: "timeSeries",
    period: group.thresholds.period,
    region,
    metrics: alarms.flatMap(linesOf),
    yAxis: { left: { min: 0, label: alarms[0]?.watch.unit ?? "count", showUnits: false } },
    annotations: { horizontal: [...new Set(alarms.map(({ watch }) => watch.threshold))].map((value) => ({ value })) },
  };
}

/** What one alarm looks at, as lines of a graph: the expression and, unseen, what it is made of. */
function linesOf({ watch }: GroupedAlarm, at: number): unknown[] {
  const { metrics, expression } = watch;
  if (expression === undefined) return Object.values(metrics).map((metric) => row(metric, {}));
  const ids = Object.keys(metrics);
  const numbered = expression.replace(/\b[a-z]\w*\b/g, (word) => (ids.includes(word) ? `${word}${at}` : word));
  const [first] = Object.values(Object.values(metrics)[0]!.dimensions);
  return [
    [{ expression: numbered, label: first }],
    ...ids.map((id) => row(metrics[id]!, { id: `${id}${at}`, visible: false })),
  ];
}

function row({ namespace, name, dimensions, statistic }: Metric, options: object): unknown[] {
  return [namespace, name, ...Object.entries(dimensions).flat(), { stat: statistic, ...options }];
}
