import { CloudWatchClient, PutMetricAlarmCommand, type PutMetricAlarmCommandInput } from "@aws-sdk/client-cloudwatch";
import { type AwsTarget, awsConfig } from "../aws";
import type { AwsRequest, AwsResponse, Fill } from "../fill";
import { isPassedOn, markPassedOn, passOn } from "../passOn";
import { Evaluator } from "./evaluator";
import { MetricMathError } from "./metricMath";
import { WatchedAlarm } from "./watchedAlarm";

export interface AlarmsFillOptions extends AwsTarget {
  readonly log?: (text: string) => void;
}

/** What of an alarm MiniStack must not see, or it would evaluate it itself. */
type Definition = Pick<
  PutMetricAlarmCommandInput,
  "Namespace" | "MetricName" | "Dimensions" | "Metrics" | "Statistic" | "ExtendedStatistic" | "Period"
>;

const TARGET = "GraniteServiceVersion20100801.";

/**
 * What CloudWatch's alarms look at. MiniStack keeps alarms, rings, and has composite alarms, but evaluates an alarm over
 * all metrics of a name, whatever their dimensions: one function's errors ring every function's alarm. It does so only when
 * a metric is put by hand, knows no metric math, and never goes back to OK when nothing more is measured.
 *
 * Here MiniStack gets each alarm without its metric; this fill remembers that, looks at it every few seconds, and sets the
 * state, on which MiniStack rings. Metrics that MiniStack does not have are read where they come from, see
 * {@link MetricSources}. Only for the local cloud's own account, and for the AWS SDK's JSON protocol.
 */
export function alarmsFill(options: AlarmsFillOptions): Fill {
  const { endpoint, accountId, log = () => {} } = options;
  const evaluators = new Map<string, Evaluator>();

  function evaluatorOf({ region }: AwsRequest): Evaluator {
    const existing = evaluators.get(region);
    if (existing) return existing;
    const evaluator = new Evaluator({ endpoint, accountId, region }, log);
    evaluators.set(region, evaluator);
    return evaluator;
  }

  async function put(request: AwsRequest, input: PutMetricAlarmCommandInput): Promise<AwsResponse> {
    let watched: WatchedAlarm;
    try {
      watched = new WatchedAlarm(input);
    } catch (error) {
      if (!(error instanceof MetricMathError)) throw error;
      return refusal("ValidationError", error.message);
    }
    const { Namespace: _, MetricName: __, Dimensions: ___, Metrics: ____, ...rest } = input;
    const cloudwatch = new CloudWatchClient(awsConfig({ endpoint, accountId, region: request.region }));
    markPassedOn(cloudwatch);
    try {
      await cloudwatch.send(new PutMetricAlarmCommand(rest as PutMetricAlarmCommandInput));
    } catch (error) {
      const { name, message } = error as Error;
      return refusal(name, message);
    } finally {
      cloudwatch.destroy();
    }
    evaluatorOf(request).put(watched);
    return { status: 200, headers: json, body: {} };
  }

  async function describe(request: AwsRequest): Promise<AwsResponse> {
    const answer = await passOn(endpoint, request);
    if (answer.status !== 200) return answer;
    const body = JSON.parse(String(answer.body)) as { MetricAlarms?: (Definition & { AlarmName: string })[] };
    const MetricAlarms = body.MetricAlarms?.map((alarm) => {
      const known = evaluatorOf(request).get(alarm.AlarmName)?.put;
      if (!known) return alarm;
      const { Namespace, MetricName, Dimensions, Metrics, Statistic, ExtendedStatistic, Period } = known;
      return { ...alarm, Namespace, MetricName, Dimensions, Metrics, Statistic, ExtendedStatistic, Period };
    });
    return { ...answer, body: { ...body, MetricAlarms } };
  }

  async function remove(request: AwsRequest, { AlarmNames = [] }: { AlarmNames?: string[] }): Promise<AwsResponse> {
    const answer = await passOn(endpoint, request);
    if (answer.status === 200) for (const name of AlarmNames) evaluatorOf(request).delete(name);
    return answer;
  }

  return {
    name: "CloudWatch alarms",
    takes: (request) =>
      request.service === "monitoring" &&
      request.accessKeyId === accountId &&
      /\.(PutMetricAlarm|DescribeAlarms|DeleteAlarms)$/.test(request.headers["x-amz-target"] ?? "") &&
      !isPassedOn(request),
    answer: (request) => {
      const body = JSON.parse(request.body.toString("utf8"));
      const operation = request.headers["x-amz-target"]?.slice(TARGET.length);
      if (operation === "PutMetricAlarm") return put(request, body);
      return operation === "DescribeAlarms" ? describe(request) : remove(request, body);
    },
    async close() {
      await Promise.all([...evaluators.values()].map((evaluator) => evaluator.close()));
      evaluators.clear();
    },
  };
}

const json = { "content-type": "application/x-amz-json-1.0" };

const refusal = (code: string, message: string): AwsResponse => ({
  status: 400,
  headers: { ...json, "x-amzn-query-error": `${code};Sender` },
  body: { __type: `com.amazonaws.cloudwatch#${code}`, message },
});
