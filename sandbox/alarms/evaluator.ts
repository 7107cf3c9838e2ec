import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricAlarm,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { type AwsTarget, awsConfig } from "../aws";
import { MetricSources, type Point } from "./sources";
import { type AlarmState, reasonFor, stateOf } from "./state";
import type { Input, WatchedAlarm } from "./watchedAlarm";

/** Looks at all alarms again and again, and sets the state of those that have changed; MiniStack then rings. */
export class Evaluator {
  private readonly alarms = new Map<string, WatchedAlarm>();
  private readonly handler = new NodeHttpHandler();
  private readonly cloudwatch: CloudWatchClient;
  private readonly sources: MetricSources;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    target: AwsTarget,
    private readonly log: (text: string) => void,
  ) {
    this.cloudwatch = new CloudWatchClient({ ...awsConfig(target), requestHandler: this.handler });
    this.sources = new MetricSources(target);
  }

  get(name: string): WatchedAlarm | undefined {
    return this.alarms.get(name);
  }

  put(alarm: WatchedAlarm): void {
    this.alarms.set(alarm.put.AlarmName ?? "", alarm);
    this.timer ??= setTimeout(() => this.next(), this.pause());
  }

  delete(name: string): void {
    this.alarms.delete(name);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.round;
    this.sources.close();
    this.handler.destroy();
  }

  /** A fifth of the shortest period, one to five seconds: soon enough, and little work. */
  private pause(): number {
    const periods = [...this.alarms.values()].map(({ period }) => period);
    return Math.min(5, Math.max(1, Math.min(...periods) / 5)) * 1000;
  }

  private next(): void {
    this.round = this.evaluate()
      .catch((error) => {
        if (!this.closed) this.log(`Alarms could not be looked at: ${(error as Error).message}`);
      })
      .then(() => {
        if (!this.closed) this.timer = setTimeout(() => this.next(), this.pause());
      });
  }

  private async evaluate(): Promise<void> {
    const alarms = [...this.alarms.values()];
    if (alarms.length === 0) return;
    const since = Date.now() - Math.max(...alarms.map(({ window }) => window));
    const [points, states] = await Promise.all([this.measure(alarms, since), this.states()]);
    // Only now: a depth is measured while this round runs.
    const now = Date.now();
    for (const alarm of alarms) {
      const name = alarm.put.AlarmName ?? "";
      const old = states.get(name)?.StateValue as AlarmState | undefined;
      const values = alarm.values(points, now);
      const state = stateOf(alarm.put, values);
      if (old === undefined || state === undefined || state === old || !this.alarms.has(name)) continue;
      const StateReason = reasonFor(alarm.put, values, state);
      await this.cloudwatch.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason }));
    }
  }

  private async states(): Promise<Map<string, MetricAlarm>> {
    const found = new Map<string, MetricAlarm>();
    for (let NextToken: string | undefined, more = true; more; more = NextToken !== undefined) {
      const page = await this.cloudwatch.send(new DescribeAlarmsCommand({ AlarmTypes: ["MetricAlarm"], NextToken }));
      for (const alarm of page.MetricAlarms ?? []) found.set(alarm.AlarmName ?? "", alarm);
      NextToken = page.NextToken;
    }
    return found;
  }

  /** What MiniStack measured and what the sources tell, by the inputs of all alarms. */
  private async measure(alarms: readonly WatchedAlarm[], since: number): Promise<Map<Input, Point[]>> {
    const inputs = alarms.flatMap((alarm) => alarm.inputs);
    const points = new Map<Input, Point[]>();
    const { MetricDataResults = [] } = await this.cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(since),
        EndTime: new Date(Date.now() + 1000),
        MetricDataQueries: inputs.map((input, at) => ({
          Id: `m${at}`,
          MetricStat: {
            Metric: { Namespace: input.namespace, MetricName: input.name, Dimensions: dimensionsOf(input) },
            // A second: so periods can end now.
            Period: 1,
            Stat: input.statistic,
          },
        })),
      }),
    );
    for (const { Id = "", Timestamps = [], Values = [] } of MetricDataResults) {
      const measured = Timestamps.map((time, at) => ({ at: time.getTime(), value: Values[at] ?? 0 }));
      points.set(inputs[Number(Id.slice(1))]!, measured);
    }
    const read = new Map<string, Promise<Point[]>>();
    for (const input of inputs) {
      const key = JSON.stringify([input.namespace, input.name, input.dimensions]);
      if (!read.has(key)) read.set(key, this.sources.read(input, since));
      points.set(input, [...(points.get(input) ?? []), ...(await read.get(key)!)]);
    }
    return points;
  }
}

/** MiniStack counts a function's calls by its name only; on the local cloud, where all triggers call the alias, that is the same. */
function dimensionsOf({ namespace, dimensions }: Input) {
  return Object.entries(dimensions)
    .filter(([Name]) => namespace !== "AWS/Lambda" || Name !== "Resource")
    .map(([Name, Value]) => ({ Name, Value }));
}
