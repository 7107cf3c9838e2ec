import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  type LifecycleRule,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { namesFor } from "./names";
import { type Settings, SettingsError } from "./settings";
import { ifThere, type Step, same } from "./step";

/** How long an overwritten or deleted state stays restorable, in days. */
const keepOldStatesDays = 90;

/**
 * The bucket that Pulumi keeps its state in: versioned, so that a corrupted state can be taken back, encrypted with the
 * given key, private, reachable over TLS only, and swept of old versions.
 *
 * @param keyArn Read at the time a step is taken, since an earlier step may have to make the key first.
 */
export function stateBucketSteps(s3: S3Client, settings: Settings, keyArn: () => string | undefined): Step[] {
  const bucket = namesFor(settings).bucket;
  // Names of buckets are global: every call says whose bucket it means, so that nobody else's is ever configured.
  const ours = { Bucket: bucket, ExpectedBucketOwner: settings.account };

  const isPrivate = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  };
  const ownership = { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" as const }] };
  const policy = tlsOnly(bucket);
  const lifecycle: LifecycleRule[] = [
    {
      ID: "sweep",
      Status: "Enabled",
      Filter: { Prefix: "" },
      NoncurrentVersionExpiration: { NoncurrentDays: keepOldStatesDays },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
  ];
  const tags = [{ Key: "Project", Value: settings.project }];

  return [
    {
      what: `S3 bucket ${bucket}, for the state`,
      isRight: async () => {
        try {
          await s3.send(new HeadBucketCommand(ours));
          return true;
        } catch (error) {
          const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
          if (status === 404) return false;
          if (status !== 403) throw error;
          throw new SettingsError(
            `The bucket ${bucket} is there, but account ${settings.account} may not use it: it belongs to another account, ` +
              "or these credentials lack s3:ListBucket on it.",
          );
        }
      },
      make: async () => {
        await s3.send(
          new CreateBucketCommand({
            Bucket: bucket,
            // us-east-1 is the one region that must not be named here.
            ...(settings.region !== "us-east-1" && {
              CreateBucketConfiguration: { LocationConstraint: settings.region as BucketLocationConstraint },
            }),
          }),
        );
      },
    },
    {
      what: "no public access to it",
      isRight: async () => {
        const found = await ifThere(
          () => s3.send(new GetPublicAccessBlockCommand(ours)),
          "NoSuchPublicAccessBlockConfiguration",
          "NoSuchBucket",
        );
        return same(found?.PublicAccessBlockConfiguration, isPrivate);
      },
      make: async () => {
        await s3.send(new PutPublicAccessBlockCommand({ ...ours, PublicAccessBlockConfiguration: isPrivate }));
      },
    },
    {
      what: "no access lists on its objects",
      isRight: async () => {
        const found = await ifThere(
          () => s3.send(new GetBucketOwnershipControlsCommand(ours)),
          "OwnershipControlsNotFoundError",
          "NoSuchBucket",
        );
        return same(found?.OwnershipControls, ownership);
      },
      make: async () => {
        await s3.send(new PutBucketOwnershipControlsCommand({ ...ours, OwnershipControls: ownership }));
      },
    },
    {
      what: "its versioning",
      isRight: async () =>
        (await ifThere(() => s3.send(new GetBucketVersioningCommand(ours)), "NoSuchBucket"))?.Status === "Enabled",
      make: async () => {
        await s3.send(new PutBucketVersioningCommand({ ...ours, VersioningConfiguration: { Status: "Enabled" } }));
      },
    },
    {
      what: "its encryption with the key",
      isRight: async () => {
        const found = await ifThere(
          () => s3.send(new GetBucketEncryptionCommand(ours)),
          "ServerSideEncryptionConfigurationNotFoundError",
          "NoSuchBucket",
        );
        const rule = found?.ServerSideEncryptionConfiguration?.Rules?.[0];
        const byDefault = rule?.ApplyServerSideEncryptionByDefault;
        return (
          byDefault?.SSEAlgorithm === "aws:kms" &&
          byDefault.KMSMasterKeyID === keyArn() &&
          rule?.BucketKeyEnabled === true
        );
      },
      make: async () => {
        await s3.send(
          new PutBucketEncryptionCommand({
            ...ours,
            ServerSideEncryptionConfiguration: {
              Rules: [
                {
                  ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: keyArn() },
                  BucketKeyEnabled: true,
                },
              ],
            },
          }),
        );
      },
    },
    {
      what: `its sweeping: old versions go after ${keepOldStatesDays} days`,
      isRight: async () => {
        const found = await ifThere(
          () => s3.send(new GetBucketLifecycleConfigurationCommand(ours)),
          "NoSuchLifecycleConfiguration",
          "NoSuchBucket",
        );
        return same(found?.Rules, lifecycle);
      },
      make: async () => {
        await s3.send(
          new PutBucketLifecycleConfigurationCommand({ ...ours, LifecycleConfiguration: { Rules: lifecycle } }),
        );
      },
    },
    {
      what: "its tags",
      isRight: async () => {
        const found = await ifThere(() => s3.send(new GetBucketTaggingCommand(ours)), "NoSuchTagSet", "NoSuchBucket");
        return same(found?.TagSet, tags);
      },
      make: async () => {
        await s3.send(new PutBucketTaggingCommand({ ...ours, Tagging: { TagSet: tags } }));
      },
    },
    {
      // The last one: from here on the bucket answers over TLS only.
      what: "its refusal of anything but TLS 1.2 or newer",
      isRight: async () => {
        const found = await ifThere(
          () => s3.send(new GetBucketPolicyCommand(ours)),
          "NoSuchBucketPolicy",
          "NoSuchBucket",
        );
        return found?.Policy !== undefined && same(JSON.parse(found.Policy), policy);
      },
      make: async () => {
        await s3.send(new PutBucketPolicyCommand({ ...ours, Policy: JSON.stringify(policy) }));
      },
    },
  ];
}

function tlsOnly(bucket: string): object {
  const everything = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
  const deny = { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: everything };
  return {
    Version: "2012-10-17",
    Statement: [
      { Sid: "TlsOnly", ...deny, Condition: { Bool: { "aws:SecureTransport": "false" } } },
      { Sid: "NoOldTls", ...deny, Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } } },
    ],
  };
}
