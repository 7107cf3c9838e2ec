import {
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
  type TransitionStorageClass,
} from "@aws-sdk/client-s3";
import type { s3 } from "@pulumi/aws";
import { orGone } from "../../context";
import type { Inputs, Outputs } from "../../handler";
import { tagList, tagMap } from "../../tags";
import { bucketSetting } from "./bucketSetting";

type Rule = NonNullable<Inputs<s3.BucketLifecycleConfigurationArgs>["rules"]>[number];
type RuleState = NonNullable<Outputs<s3.BucketLifecycleConfigurationState>["rules"]>[number];

export const bucketLifecycle = bucketSetting<s3.BucketLifecycleConfigurationArgs, s3.BucketLifecycleConfigurationState>(
  {
    async put(Bucket, inputs, ctx) {
      await ctx.client(S3Client).send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket,
          LifecycleConfiguration: { Rules: inputs.rules?.map(toAws) },
          TransitionDefaultMinimumObjectSize: inputs.transitionDefaultMinimumObjectSize as
            | "all_storage_classes_128K"
            | undefined,
        }),
      );
    },
    async read(Bucket, ctx) {
      const found = await orGone(ctx.client(S3Client).send(new GetBucketLifecycleConfigurationCommand({ Bucket })));
      return found?.Rules?.length ? { rules: found.Rules.map(fromAws) } : undefined;
    },
    remove: (Bucket, ctx) => ctx.client(S3Client).send(new DeleteBucketLifecycleCommand({ Bucket })),
  },
);

function toAws(rule: Rule): LifecycleRule {
  const { expiration, noncurrentVersionExpiration: noncurrent, abortIncompleteMultipartUpload: abort } = rule;
  return {
    ID: rule.id,
    Status: rule.status as "Enabled" | "Disabled",
    Filter: filterToAws(rule),
    ...(abort && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abort.daysAfterInitiation } }),
    ...(expiration && {
      Expiration: {
        Date: expiration.date === undefined ? undefined : new Date(expiration.date),
        Days: expiration.days,
        ExpiredObjectDeleteMarker: expiration.expiredObjectDeleteMarker,
      },
    }),
    ...(noncurrent && {
      NoncurrentVersionExpiration: {
        NoncurrentDays: noncurrent.noncurrentDays,
        NewerNoncurrentVersions: noncurrent.newerNoncurrentVersions,
      },
    }),
    NoncurrentVersionTransitions: rule.noncurrentVersionTransitions?.map((transition) => ({
      NoncurrentDays: transition.noncurrentDays,
      NewerNoncurrentVersions: transition.newerNoncurrentVersions,
      StorageClass: transition.storageClass as TransitionStorageClass,
    })),
    Transitions: rule.transitions?.map(({ date, days, storageClass }) => ({
      Date: date === undefined ? undefined : new Date(date),
      Days: days,
      StorageClass: storageClass as TransitionStorageClass,
    })),
  };
}

function filterToAws({ filter, prefix }: Rule): LifecycleRule["Filter"] {
  if (!filter) return { Prefix: prefix ?? "" };
  const { and, tag } = filter;
  return {
    Prefix: filter.prefix,
    ObjectSizeGreaterThan: filter.objectSizeGreaterThan,
    ObjectSizeLessThan: filter.objectSizeLessThan,
    Tag: tag && { Key: tag.key, Value: tag.value },
    And: and && {
      Prefix: and.prefix,
      ObjectSizeGreaterThan: and.objectSizeGreaterThan,
      ObjectSizeLessThan: and.objectSizeLessThan,
      Tags: and.tags && tagList(and.tags),
    },
  };
}

function fromAws(rule: LifecycleRule): RuleState {
  const { Expiration, NoncurrentVersionExpiration: noncurrent, AbortIncompleteMultipartUpload: abort, Filter } = rule;
  return {
    id: rule.ID!,
    status: rule.Status!,
    ...(Filter && {
      filter: {
        prefix: Filter.Prefix,
        objectSizeGreaterThan: Filter.ObjectSizeGreaterThan,
        objectSizeLessThan: Filter.ObjectSizeLessThan,
        tag: Filter.Tag && { key: Filter.Tag.Key!, value: Filter.Tag.Value! },
        and: Filter.And && {
          prefix: Filter.And.Prefix,
          objectSizeGreaterThan: Filter.And.ObjectSizeGreaterThan,
          objectSizeLessThan: Filter.And.ObjectSizeLessThan,
          tags: tagMap(Filter.And.Tags),
        },
      },
    }),
    ...(abort && { abortIncompleteMultipartUpload: { daysAfterInitiation: abort.DaysAfterInitiation } }),
    ...(Expiration && {
      expiration: {
        date: Expiration.Date?.toISOString(),
        days: Expiration.Days,
        expiredObjectDeleteMarker: Expiration.ExpiredObjectDeleteMarker,
      },
    }),
    ...(noncurrent && {
      noncurrentVersionExpiration: {
        noncurrentDays: noncurrent.NoncurrentDays!,
        newerNoncurrentVersions: noncurrent.NewerNoncurrentVersions,
      },
    }),
    noncurrentVersionTransitions: rule.NoncurrentVersionTransitions?.map((transition) => ({
      noncurrentDays: transition.NoncurrentDays!,
      newerNoncurrentVersions: transition.NewerNoncurrentVersions,
      storageClass: transition.StorageClass!,
    })),
    transitions: rule.Transitions?.map(({ Date: date, Days, StorageClass }) => ({
      date: date?.toISOString(),
      days: Days,
      storageClass: StorageClass!,
    })),
  };
}
