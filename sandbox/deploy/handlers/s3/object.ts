import {
  DeleteObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { s3 } from "@pulumi/aws";
import { assetBytes } from "../../assets";
import { type Context, orGone } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";
import { tagList, tagMap } from "../../tags";

type ObjectInputs = Inputs<s3.BucketObjectv2Args>;

export const bucketObject: ResourceHandler<s3.BucketObjectv2Args, s3.BucketObjectv2State> = {
  // The key is the logical name itself.
  autoName: { property: "key", randomLength: 0 },
  tagged: true,
  replaceOn: ["bucket", "key"],
  volatile: ["etag", "versionId"],
  content: { inputs: ["source", "content", "contentBase64"], hash: "etag" },
  // `etag` and `sourceHash` only tell the provider when to upload again.
  notAtCreate: ["forceDestroy", "etag", "sourceHash"],

  async create(inputs, ctx) {
    await put(ctx, inputs);
    return `${inputs.bucket}/${inputs.key}`;
  },

  async read(id, _state, ctx) {
    const where = objectOf(id);
    const found = await orGone(ctx.client(S3Client).send(new HeadObjectCommand(where)));
    if (!found) return undefined;
    const tagging = await orGone(ctx.client(S3Client).send(new GetObjectTaggingCommand(where)));
    return {
      arn: `arn:aws:s3:::${id}`,
      bucket: where.Bucket,
      key: where.Key,
      etag: found.ETag?.replaceAll('"', ""),
      versionId: found.VersionId,
      contentType: found.ContentType,
      cacheControl: found.CacheControl,
      contentDisposition: found.ContentDisposition,
      contentEncoding: found.ContentEncoding,
      contentLanguage: found.ContentLanguage,
      metadata: found.Metadata ?? {},
      serverSideEncryption: found.ServerSideEncryption,
      kmsKeyId: found.SSEKMSKeyId,
      bucketKeyEnabled: found.BucketKeyEnabled ?? false,
      storageClass: found.StorageClass ?? "STANDARD",
      websiteRedirect: found.WebsiteRedirectLocation,
      tagsAll: tagMap(tagging?.TagSet),
    };
  },

  async update(id, news, _olds, ctx) {
    await put(ctx, news);
    const Tagging = { TagSet: tagList(news.tagsAll) };
    await ctx.client(S3Client).send(new PutObjectTaggingCommand({ ...objectOf(id), Tagging }));
  },

  async delete(id, _state, ctx) {
    const { Bucket, Key } = objectOf(id);
    const client = ctx.client(S3Client);
    const found = await orGone(client.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key })));
    if (!found) return;
    for (const version of [...(found.Versions ?? []), ...(found.DeleteMarkers ?? [])]) {
      if (version.Key !== Key) continue;
      await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId: version.VersionId }));
    }
  },
};

async function put(ctx: Context, inputs: ObjectInputs): Promise<void> {
  await ctx.client(S3Client).send(
    new PutObjectCommand({
      Bucket: inputs.bucket,
      Key: inputs.key,
      Body: await body(inputs),
      ACL: inputs.acl as PutObjectCommandInput["ACL"],
      BucketKeyEnabled: inputs.bucketKeyEnabled,
      CacheControl: inputs.cacheControl,
      ChecksumAlgorithm: inputs.checksumAlgorithm as PutObjectCommandInput["ChecksumAlgorithm"],
      ContentDisposition: inputs.contentDisposition,
      ContentEncoding: inputs.contentEncoding,
      ContentLanguage: inputs.contentLanguage,
      ContentType: inputs.contentType,
      Metadata: inputs.metadata,
      SSEKMSKeyId: inputs.kmsKeyId,
      ServerSideEncryption: (inputs.serverSideEncryption ??
        (inputs.kmsKeyId ? "aws:kms" : undefined)) as PutObjectCommandInput["ServerSideEncryption"],
      StorageClass: inputs.storageClass as PutObjectCommandInput["StorageClass"],
      WebsiteRedirectLocation: inputs.websiteRedirect,
      Tagging: new URLSearchParams(inputs.tagsAll).toString() || undefined,
    }),
  );
}

async function body(inputs: ObjectInputs): Promise<Uint8Array> {
  if (inputs.source !== undefined) return assetBytes(inputs.source);
  if (inputs.contentBase64 !== undefined) return Buffer.from(inputs.contentBase64, "base64");
  return Buffer.from(inputs.content ?? "", "utf8");
}

/** `<bucket>/<key>`; keys have slashes of their own. */
function objectOf(id: string): { Bucket: string; Key: string } {
  const at = id.indexOf("/");
  return { Bucket: id.slice(0, at), Key: id.slice(at + 1) };
}
