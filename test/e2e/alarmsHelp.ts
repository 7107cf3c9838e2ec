import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type MetricAlarm,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { waitFor } from "../../common/waitFor";
import type { AwsConfig } from "../../sandbox/aws";

/** The alarms of a program, as an operator sees them. */
export class Alarms {
  private readonly cloudwatch: CloudWatchClient;
  private names: Promise<string[]> | undefined;

  constructor(config: AwsConfig) {
    this.cloudwatch = new CloudWatchClient(config);
  }

  /** All metric alarms. */
  async all(): Promise<MetricAlarm[]> {
    const alarms: MetricAlarm[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.cloudwatch.send(new DescribeAlarmsCommand({ AlarmTypes: ["MetricAlarm"], NextToken }));
      alarms.push(...(page.MetricAlarms ?? []));
      NextToken = page.NextToken;
    } while (NextToken);
    return alarms;
  }

  /** The states that an alarm went through, the first first. */
  async history(alarm: string): Promise<string[]> {
    const { AlarmHistoryItems = [] } = await this.cloudwatch.send(
      new DescribeAlarmHistoryCommand({
        AlarmName: await this.nameOf(alarm),
        HistoryItemType: "StateUpdate",
        AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
        ScanBy: "TimestampAscending",
      }),
    );
    return AlarmHistoryItems.map(({ HistoryData = "{}" }) => JSON.parse(HistoryData).newState?.stateValue);
  }

  /** The name that Pulumi made of a logical one, with seven digits behind it; any other name is itself. */
  private async nameOf(logical: string): Promise<string> {
    this.names ??= this.all().then((all) => all.map(({ AlarmName = "" }) => AlarmName));
    return (await this.names).find((name) => new RegExp(`^${logical}-[0-9a-f]{7}$`).test(name)) ?? logical;
  }

  /** Waits until an alarm has rung; then until it was over. */
  async waitForRing(alarm: string, { andEnd }: { andEnd: boolean }): Promise<void> {
    let seen: string[] = [];
    await waitFor(
      `${alarm} to ring${andEnd ? ", and to be over" : ""}`,
      async () => {
        seen = await this.history(alarm);
        const rang = seen.indexOf("ALARM");
        return rang >= 0 && (!andEnd || seen.indexOf("OK", rang) >= 0);
      },
      { everyMs: 500, lastSeen: () => seen },
    );
  }

  /** Puts a value that is over an alarm's threshold into each metric that it looks at. */
  async breach({ Namespace, MetricName, Dimensions, Metrics = [], Threshold = 0 }: MetricAlarm): Promise<void> {
    const queries = Metrics.flatMap(({ MetricStat }) => (MetricStat?.Metric ? [MetricStat.Metric] : []));
    for (const metric of queries.length > 0 ? queries : [{ Namespace, MetricName, Dimensions }]) {
      await this.cloudwatch.send(
        new PutMetricDataCommand({
          Namespace: metric.Namespace,
          MetricData: [{ MetricName: metric.MetricName, Dimensions: metric.Dimensions, Value: Threshold * 2 + 1 }],
        }),
      );
    }
  }
}

/** The kind of an alarm, by the runbook that it names. */
export const kindOf = ({ AlarmDescription = "" }: MetricAlarm) =>
  /docs\/runbooks\/([\w-]+)\.md$/.exec(AlarmDescription)?.[1] ?? "none";
