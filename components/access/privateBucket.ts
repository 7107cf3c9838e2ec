import * as aws from "@pulumi/aws";
import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";

/** What every bucket of this library is: closed to the public whatever its policy says, and encrypted by S3's own keys. */
export function keepPrivate(name: string, bucket: Input<string>, opts: ComponentResourceOptions): void {
  new aws.s3.BucketPublicAccessBlock(
    `${name}-private`,
    { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    opts,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}-encryption`,
    { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
    opts,
  );
}
