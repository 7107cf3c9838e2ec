import {
  type Event,
  type FilterRule,
  GetBucketNotificationConfigurationCommand,
  type NotificationConfigurationFilter,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { s3 } from "@pulumi/aws";
import { orGone } from "../../context";
import { bucketSetting } from "./bucketSetting";

interface Where {
  readonly id?: string;
  readonly events: readonly string[];
  readonly filterPrefix?: string;
  readonly filterSuffix?: string;
}

export const bucketNotification = bucketSetting<s3.BucketNotificationArgs, s3.BucketNotificationState>({
  async put(Bucket, { lambdaFunctions, queues, topics, eventbridge }, ctx) {
    await ctx.client(S3Client).send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: {
          LambdaFunctionConfigurations: lambdaFunctions?.map((to) => ({
            ...where(to),
            LambdaFunctionArn: to.lambdaFunctionArn,
          })),
          QueueConfigurations: queues?.map((to) => ({ ...where(to), QueueArn: to.queueArn })),
          TopicConfigurations: topics?.map((to) => ({ ...where(to), TopicArn: to.topicArn })),
          ...(eventbridge && { EventBridgeConfiguration: {} }),
        },
      }),
    );
  },
  async read(Bucket, ctx) {
    const found = await orGone(ctx.client(S3Client).send(new GetBucketNotificationConfigurationCommand({ Bucket })));
    const {
      LambdaFunctionConfigurations: lambdas,
      QueueConfigurations: queues,
      TopicConfigurations: topics,
    } = found ?? {};
    if (!lambdas?.length && !queues?.length && !topics?.length && !found?.EventBridgeConfiguration) return undefined;
    return {
      eventbridge: found?.EventBridgeConfiguration !== undefined,
      lambdaFunctions: lambdas?.map((to) => ({ ...whereOf(to), lambdaFunctionArn: to.LambdaFunctionArn })),
      queues: queues?.map((to) => ({ ...whereOf(to), queueArn: to.QueueArn })),
      topics: topics?.map((to) => ({ ...whereOf(to), topicArn: to.TopicArn })),
    };
  },
  remove: (Bucket, ctx) =>
    ctx.client(S3Client).send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} })),
});

function where({ id, events, filterPrefix, filterSuffix }: Where) {
  const FilterRules: FilterRule[] = [];
  if (filterPrefix) FilterRules.push({ Name: "prefix", Value: filterPrefix });
  if (filterSuffix) FilterRules.push({ Name: "suffix", Value: filterSuffix });
  return {
    Id: id,
    Events: events as Event[],
    ...(FilterRules.length > 0 && { Filter: { Key: { FilterRules } } }),
  };
}

function whereOf(found: { Id?: string; Events?: string[]; Filter?: NotificationConfigurationFilter }) {
  const rule = (name: string) =>
    found.Filter?.Key?.FilterRules?.find(({ Name }) => Name?.toLowerCase() === name)?.Value;
  return {
    id: found.Id,
    events: found.Events ?? [],
    filterPrefix: rule("prefix"),
    filterSuffix: rule("suffix"),
  };
}
