import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { artifactPrefix, releasePrefix } from "../../functions/firmware/releases";
import { keepPrivate } from "../access/privateBucket";
import { tlsOnly } from "../access/tlsOnly";

export interface FirmwareBucketArgs {
  readonly protect: boolean;
}

/** Days that a version of an object is kept after another took its place. */
const replacedDays = 90;

/**
 * The private, encrypted bucket of a {@link FirmwareRollout}: what devices download under `artifacts/`, what starts releases
 * under `releases/`. It keeps versions: what was overwritten can be looked at, and each upload of a release file is told from the next.
 */
export class FirmwareBucket extends pulumi.ComponentResource {
  readonly bucket: aws.s3.Bucket;

  constructor(name: string, { protect }: FirmwareBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:firmware:FirmwareBucket", name, {}, opts);
    const parent = { parent: this };

    this.bucket = new aws.s3.Bucket(`${name}-bucket`, { forceDestroy: !protect }, { parent: this, protect });
    const bucket = this.bucket.bucket;
    const versioning = new aws.s3.BucketVersioning(
      `${name}-versions`,
      { bucket, versioningConfiguration: { status: "Enabled" } },
      parent,
    );
    keepPrivate(name, bucket, parent);
    new aws.s3.BucketPolicy(
      `${name}-tls-only`,
      { bucket, policy: tlsOnly("s3:*", [this.bucket.arn, pulumi.interpolate`${this.bucket.arn}/*`]) },
      parent,
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        bucket,
        rules: [
          ...[artifactPrefix, releasePrefix].map((prefix) => ({
            id: `replaced-${prefix}`,
            status: "Enabled",
            filter: { prefix: `${prefix}/` },
            noncurrentVersionExpiration: { noncurrentDays: replacedDays },
          })),
          {
            id: "half-uploaded",
            status: "Enabled",
            filter: { prefix: "" },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      },
      { parent: this, dependsOn: versioning },
    );
    this.registerOutputs({ bucket: this.bucket });
  }
}
