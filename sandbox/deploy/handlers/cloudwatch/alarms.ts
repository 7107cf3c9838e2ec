import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  type Dimension,
  ListTagsForResourceCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import type { cloudwatch } from "@pulumi/aws";
import { type Context, orGone } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";
import { tagList, tagMap, updateTags } from "../../tags";

type MetricAlarm = Inputs<cloudwatch.MetricAlarmArgs>;

export const metricAlarm: ResourceHandler<cloudwatch.MetricAlarmArgs, cloudwatch.MetricAlarmState> = {
  autoName: { property: "name" },
  tagged: true,
  replaceOn: ["name"],

  async create(inputs, ctx) {
    await ctx
      .client(CloudWatchClient)
      .send(new PutMetricAlarmCommand({ ...metricAlarmInput(inputs), Tags: tagList(inputs.tagsAll) }));
    return inputs.name!;
  },

  async read(name, _state, ctx) {
    const { MetricAlarms } = await ctx
      .client(CloudWatchClient)
      .send(new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ["MetricAlarm"] }));
    const found = MetricAlarms?.[0];
    if (!found) return undefined;
    return {
      arn: found.AlarmArn,
      name: found.AlarmName,
      actionsEnabled: found.ActionsEnabled,
      alarmActions: found.AlarmActions ?? [],
      okActions: found.OKActions ?? [],
      insufficientDataActions: found.InsufficientDataActions ?? [],
      alarmDescription: found.AlarmDescription,
      comparisonOperator: found.ComparisonOperator,
      datapointsToAlarm: found.DatapointsToAlarm,
      dimensions: dimensionMap(found.Dimensions),
      evaluationPeriods: found.EvaluationPeriods,
      extendedStatistic: found.ExtendedStatistic,
      metricName: found.MetricName,
      namespace: found.Namespace,
      period: found.Period,
      statistic: found.Statistic,
      threshold: found.Threshold,
      thresholdMetricId: found.ThresholdMetricId,
      treatMissingData: found.TreatMissingData ?? "missing",
      unit: found.Unit,
      metricQueries: found.Metrics?.map((query) => ({
        id: query.Id!,
        accountId: query.AccountId,
        expression: query.Expression,
        label: query.Label,
        period: query.Period,
        returnData: query.ReturnData,
        metric: query.MetricStat && {
          metricName: query.MetricStat.Metric!.MetricName!,
          namespace: query.MetricStat.Metric!.Namespace,
          dimensions: dimensionMap(query.MetricStat.Metric!.Dimensions),
          period: query.MetricStat.Period!,
          stat: query.MetricStat.Stat!,
          unit: query.MetricStat.Unit,
        },
      })),
      tagsAll: await alarmTags(ctx, found.AlarmArn),
    };
  },

  async update(_name, news, olds, ctx) {
    await ctx.client(CloudWatchClient).send(new PutMetricAlarmCommand(metricAlarmInput(news)));
    await changeTags(ctx, olds.arn, olds.tagsAll, news.tagsAll);
  },

  delete: (name, _state, ctx) => deleteAlarm(ctx, name),
};

export const compositeAlarm: ResourceHandler<cloudwatch.CompositeAlarmArgs, cloudwatch.CompositeAlarmState> = {
  tagged: true,
  replaceOn: ["alarmName"],

  async create(inputs, ctx) {
    await ctx
      .client(CloudWatchClient)
      .send(new PutCompositeAlarmCommand({ ...compositeAlarmInput(inputs), Tags: tagList(inputs.tagsAll) }));
    return inputs.alarmName;
  },

  async read(name, _state, ctx) {
    const { CompositeAlarms } = await ctx
      .client(CloudWatchClient)
      .send(new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ["CompositeAlarm"] }));
    const found = CompositeAlarms?.[0];
    return (
      found && {
        arn: found.AlarmArn,
        alarmName: found.AlarmName,
        alarmRule: found.AlarmRule,
        alarmDescription: found.AlarmDescription,
        actionsEnabled: found.ActionsEnabled,
        alarmActions: found.AlarmActions ?? [],
        okActions: found.OKActions ?? [],
        insufficientDataActions: found.InsufficientDataActions ?? [],
        tagsAll: await alarmTags(ctx, found.AlarmArn),
      }
    );
  },

  async update(_name, news, olds, ctx) {
    await ctx.client(CloudWatchClient).send(new PutCompositeAlarmCommand(compositeAlarmInput(news)));
    await changeTags(ctx, olds.arn, olds.tagsAll, news.tagsAll);
  },

  delete: (name, _state, ctx) => deleteAlarm(ctx, name),
};

function metricAlarmInput(inputs: MetricAlarm): PutMetricAlarmCommandInput {
  return {
    AlarmName: inputs.name,
    ActionsEnabled: inputs.actionsEnabled ?? true,
    AlarmActions: inputs.alarmActions,
    OKActions: inputs.okActions,
    InsufficientDataActions: inputs.insufficientDataActions,
    AlarmDescription: inputs.alarmDescription,
    ComparisonOperator: inputs.comparisonOperator as PutMetricAlarmCommandInput["ComparisonOperator"],
    DatapointsToAlarm: inputs.datapointsToAlarm,
    Dimensions: dimensionList(inputs.dimensions),
    EvaluateLowSampleCountPercentile: inputs.evaluateLowSampleCountPercentiles,
    EvaluationPeriods: inputs.evaluationPeriods,
    ExtendedStatistic: inputs.extendedStatistic,
    MetricName: inputs.metricName,
    Namespace: inputs.namespace,
    Period: inputs.period,
    Statistic: inputs.statistic as PutMetricAlarmCommandInput["Statistic"],
    Threshold: inputs.threshold,
    ThresholdMetricId: inputs.thresholdMetricId,
    TreatMissingData: inputs.treatMissingData ?? "missing",
    Unit: inputs.unit as PutMetricAlarmCommandInput["Unit"],
    Metrics: inputs.metricQueries?.map(({ metric, ...query }) => ({
      Id: query.id,
      AccountId: query.accountId,
      Expression: query.expression,
      Label: query.label,
      Period: query.period,
      ReturnData: query.returnData ?? false,
      MetricStat: metric && {
        Metric: {
          MetricName: metric.metricName,
          Namespace: metric.namespace,
          Dimensions: dimensionList(metric.dimensions),
        },
        Period: metric.period,
        Stat: metric.stat,
        Unit: metric.unit as PutMetricAlarmCommandInput["Unit"],
      },
    })),
  };
}

const compositeAlarmInput = (inputs: Inputs<cloudwatch.CompositeAlarmArgs>) => ({
  AlarmName: inputs.alarmName,
  AlarmRule: inputs.alarmRule,
  AlarmDescription: inputs.alarmDescription,
  ActionsEnabled: inputs.actionsEnabled ?? true,
  AlarmActions: inputs.alarmActions,
  OKActions: inputs.okActions,
  InsufficientDataActions: inputs.insufficientDataActions,
  ActionsSuppressor: inputs.actionsSuppressor?.alarm,
  ActionsSuppressorExtensionPeriod: inputs.actionsSuppressor?.extensionPeriod,
  ActionsSuppressorWaitPeriod: inputs.actionsSuppressor?.waitPeriod,
});

const dimensionList = (dimensions?: Record<string, string>) =>
  dimensions && Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

const dimensionMap = (dimensions: readonly Dimension[] = []) =>
  Object.fromEntries(dimensions.map(({ Name, Value }) => [Name!, Value!]));

async function alarmTags(ctx: Context, ResourceARN: string | undefined) {
  const { Tags } = await ctx.client(CloudWatchClient).send(new ListTagsForResourceCommand({ ResourceARN }));
  return tagMap(Tags);
}

async function changeTags(
  ctx: Context,
  ResourceARN: string | undefined,
  olds: Record<string, string> | undefined,
  news: Record<string, string> | undefined,
): Promise<void> {
  await updateTags(olds, news, {
    set: (tags) => ctx.client(CloudWatchClient).send(new TagResourceCommand({ ResourceARN, Tags: tagList(tags) })),
    remove: (TagKeys) => ctx.client(CloudWatchClient).send(new UntagResourceCommand({ ResourceARN, TagKeys })),
  });
}

async function deleteAlarm(ctx: Context, name: string): Promise<void> {
  await orGone(ctx.client(CloudWatchClient).send(new DeleteAlarmsCommand({ AlarmNames: [name] })));
}
