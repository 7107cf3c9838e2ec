import {
  DeleteBucketCorsCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  type ServerSideEncryptionRule,
} from "@aws-sdk/client-s3";
import type { s3 } from "@pulumi/aws";
import { jsonText } from "../../attributes";
import { orGone } from "../../context";
import { bucketSetting } from "./bucketSetting";

export const bucketVersioning = bucketSetting<s3.BucketVersioningArgs, s3.BucketVersioningState>({
  async put(Bucket, { versioningConfiguration, mfa: MFA }, ctx) {
    const { status, mfaDelete } = versioningConfiguration;
    if (status === "Disabled") return; // what every new bucket is, and nothing that S3 could be told
    await ctx.client(S3Client).send(
      new PutBucketVersioningCommand({
        Bucket,
        MFA,
        VersioningConfiguration: {
          Status: status as "Enabled" | "Suspended",
          MFADelete: mfaDelete as "Enabled" | "Disabled" | undefined,
        },
      }),
    );
  },
  async read(Bucket, ctx) {
    const found = await orGone(ctx.client(S3Client).send(new GetBucketVersioningCommand({ Bucket })));
    return found && { versioningConfiguration: { status: found.Status ?? "Disabled", mfaDelete: found.MFADelete } };
  },
  async remove(Bucket, ctx) {
    const found = await orGone(ctx.client(S3Client).send(new GetBucketVersioningCommand({ Bucket })));
    if (found?.Status !== "Enabled") return;
    const VersioningConfiguration = { Status: "Suspended" as const };
    await ctx.client(S3Client).send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  },
});

export const bucketPublicAccessBlock = bucketSetting<s3.BucketPublicAccessBlockArgs, s3.BucketPublicAccessBlockState>({
  async put(Bucket, inputs, ctx) {
    await ctx.client(S3Client).send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: inputs.blockPublicAcls ?? false,
          BlockPublicPolicy: inputs.blockPublicPolicy ?? false,
          IgnorePublicAcls: inputs.ignorePublicAcls ?? false,
          RestrictPublicBuckets: inputs.restrictPublicBuckets ?? false,
        },
      }),
    );
  },
  async read(Bucket, ctx) {
    const found = await orGone(ctx.client(S3Client).send(new GetPublicAccessBlockCommand({ Bucket })));
    const block = found?.PublicAccessBlockConfiguration;
    return (
      block && {
        blockPublicAcls: block.BlockPublicAcls ?? false,
        blockPublicPolicy: block.BlockPublicPolicy ?? false,
        ignorePublicAcls: block.IgnorePublicAcls ?? false,
        restrictPublicBuckets: block.RestrictPublicBuckets ?? false,
      }
    );
  },
  remove: (Bucket, ctx) => ctx.client(S3Client).send(new DeletePublicAccessBlockCommand({ Bucket })),
});

export const bucketEncryption = bucketSetting<
  s3.BucketServerSideEncryptionConfigurationArgs,
  s3.BucketServerSideEncryptionConfigurationState
>({
  async put(Bucket, { rules }, ctx) {
    const Rules = rules.map((rule) => ({
      BucketKeyEnabled: rule.bucketKeyEnabled,
      ApplyServerSideEncryptionByDefault: rule.applyServerSideEncryptionByDefault && {
        SSEAlgorithm: rule.applyServerSideEncryptionByDefault.sseAlgorithm,
        KMSMasterKeyID: rule.applyServerSideEncryptionByDefault.kmsMasterKeyId,
      },
    })) as ServerSideEncryptionRule[];
    const ServerSideEncryptionConfiguration = { Rules };
    await ctx.client(S3Client).send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
  },
  async read(Bucket, ctx) {
    const found = await orGone(ctx.client(S3Client).send(new GetBucketEncryptionCommand({ Bucket })));
    const rules = found?.ServerSideEncryptionConfiguration?.Rules;
    return (
      rules && {
        rules: rules.map((rule) => ({
          bucketKeyEnabled: rule.BucketKeyEnabled,
          ...(rule.ApplyServerSideEncryptionByDefault && {
            applyServerSideEncryptionByDefault: {
              sseAlgorithm: rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm!,
              kmsMasterKeyId: rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID,
            },
          }),
        })),
      }
    );
  },
  remove: (Bucket, ctx) => ctx.client(S3Client).send(new DeleteBucketEncryptionCommand({ Bucket })),
});

export const bucketPolicy = bucketSetting<s3.BucketPolicyArgs, s3.BucketPolicyState>({
  async put(Bucket, { policy }, ctx) {
    await ctx.client(S3Client).send(new PutBucketPolicyCommand({ Bucket, Policy: jsonText(policy) }));
  },
  async read(Bucket, ctx) {
    const found = await orGone(ctx.client(S3Client).send(new GetBucketPolicyCommand({ Bucket })));
    return found?.Policy ? { policy: found.Policy } : undefined;
  },
  remove: (Bucket, ctx) => ctx.client(S3Client).send(new DeleteBucketPolicyCommand({ Bucket })),
});

export const bucketOwnershipControls = bucketSetting<s3.BucketOwnershipControlsArgs, s3.BucketOwnershipControlsState>({
  async put(Bucket, { rule }, ctx) {
    const ObjectOwnership = rule.objectOwnership as "BucketOwnerEnforced";
    const OwnershipControls = { Rules: [{ ObjectOwnership }] };
    await ctx.client(S3Client).send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
  },
  async read(Bucket, ctx) {
    const found = await orGone(ctx.client(S3Client).send(new GetBucketOwnershipControlsCommand({ Bucket })));
    const objectOwnership = found?.OwnershipControls?.Rules?.[0]?.ObjectOwnership;
    return objectOwnership && { rule: { objectOwnership } };
  },
  remove: (Bucket, ctx) => ctx.client(S3Client).send(new DeleteBucketOwnershipControlsCommand({ Bucket })),
});

export const bucketCors = bucketSetting<s3.BucketCorsConfigurationArgs, s3.BucketCorsConfigurationState>({
  async put(Bucket, { corsRules }, ctx) {
    const CORSRules = corsRules.map((rule) => ({
      ID: rule.id,
      AllowedHeaders: rule.allowedHeaders,
      AllowedMethods: rule.allowedMethods,
      AllowedOrigins: rule.allowedOrigins,
      ExposeHeaders: rule.exposeHeaders,
      MaxAgeSeconds: rule.maxAgeSeconds,
    }));
    await ctx.client(S3Client).send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  },
  async read(Bucket, ctx) {
    const found = await orGone(ctx.client(S3Client).send(new GetBucketCorsCommand({ Bucket })));
    return (
      found && {
        corsRules: found.CORSRules?.map((rule) => ({
          id: rule.ID,
          allowedHeaders: rule.AllowedHeaders,
          allowedMethods: rule.AllowedMethods ?? [],
          allowedOrigins: rule.AllowedOrigins ?? [],
          exposeHeaders: rule.ExposeHeaders,
          maxAgeSeconds: rule.MaxAgeSeconds,
        })),
      }
    );
  },
  remove: (Bucket, ctx) => ctx.client(S3Client).send(new DeleteBucketCorsCommand({ Bucket })),
});
