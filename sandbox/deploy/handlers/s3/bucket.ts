import {
  CreateBucketCommand,
  type CreateBucketCommandInput,
  DeleteBucketCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutBucketTaggingCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { s3 } from "@pulumi/aws";
import { type Context, orGone } from "../../context";
import type { ResourceHandler } from "../../handler";
import { tagList, tagMap } from "../../tags";

/** The bucket itself; what can be set on it are resources of their own (the inline arguments are deprecated). */
export const bucket: ResourceHandler<s3.BucketArgs, s3.BucketState> = {
  autoName: { property: "bucket", maxLength: 63, transform: (name) => name.toLowerCase() },
  tagged: true,
  replaceOn: ["bucket", "objectLockEnabled"],
  notAtCreate: ["forceDestroy"],

  async create(inputs, ctx) {
    const Bucket = inputs.bucket!;
    await ctx.client(S3Client).send(
      new CreateBucketCommand({
        Bucket,
        ObjectLockEnabledForBucket: inputs.objectLockEnabled,
        // us-east-1 is the one region that must not be said.
        ...(ctx.region !== "us-east-1" && {
          CreateBucketConfiguration: {
            LocationConstraint: ctx.region,
          } as CreateBucketCommandInput["CreateBucketConfiguration"],
        }),
      }),
    );
    return { id: Bucket, finish: () => setTags(ctx, Bucket, inputs.tagsAll) };
  },

  async read(Bucket, _state, ctx) {
    const client = ctx.client(S3Client);
    if (!(await orGone(client.send(new HeadBucketCommand({ Bucket }))))) return undefined;
    const { LocationConstraint } = await client.send(new GetBucketLocationCommand({ Bucket }));
    const tagging = await orGone(client.send(new GetBucketTaggingCommand({ Bucket })));
    return {
      arn: `arn:aws:s3:::${Bucket}`,
      bucket: Bucket,
      bucketDomainName: `${Bucket}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${Bucket}.s3.${ctx.region}.amazonaws.com`,
      bucketRegion: LocationConstraint ?? "us-east-1",
      tagsAll: tagMap(tagging?.TagSet),
    };
  },

  update: (Bucket, news, _olds, ctx) => setTags(ctx, Bucket, news.tagsAll),

  async delete(Bucket, state, ctx) {
    if (state.forceDestroy) await orGone(empty(ctx, Bucket));
    await orGone(ctx.client(S3Client).send(new DeleteBucketCommand({ Bucket })));
  },
};

async function setTags(ctx: Context, Bucket: string, tags: Record<string, string> = {}): Promise<void> {
  const client = ctx.client(S3Client);
  if (Object.keys(tags).length > 0) {
    await client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagList(tags) } }));
  } else {
    await client.send(new DeleteBucketTaggingCommand({ Bucket }));
  }
}

/** Every object in every version. */
async function empty(ctx: Context, Bucket: string): Promise<void> {
  const client = ctx.client(S3Client);
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key: Key!, VersionId }));
    if (Objects.length === 0) return;
    const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    if (Errors.length > 0) throw new Error(`${Errors[0]?.Key} could not be deleted: ${Errors[0]?.Message}`);
  }
}
