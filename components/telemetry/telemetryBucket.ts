import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { stored } from "../../functions/telemetry/telemetryRecords";
import { keepPrivate } from "../access/privateBucket";
import { tlsOnly } from "../access/tlsOnly";

export interface TelemetryBucketArgs {
  /** Days after which stored messages move to a colder storage class that Athena still reads; undefined: never. */
  readonly coldAfterDays?: pulumi.Input<number>;
  /** Days after which they are deleted; undefined: never. */
  readonly expireAfterDays?: pulumi.Input<number>;
  readonly protect: boolean;
}

/** The prefix of the results of queries, beside those of messages. */
export const queries = "queries";

/** A private, encrypted bucket for messages, those set aside, and the results of queries (kept for a week). */
export class TelemetryBucket extends pulumi.ComponentResource {
  readonly bucket: aws.s3.Bucket;

  constructor(name: string, args: TelemetryBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:telemetry:TelemetryBucket", name, {}, opts);
    const parent = { parent: this };
    const { coldAfterDays, expireAfterDays, protect } = args;

    // Without versions: an object that is written again has the same bytes.
    this.bucket = new aws.s3.Bucket(`${name}-bucket`, { forceDestroy: !protect }, { parent: this, protect });
    const bucket = this.bucket.bucket;
    keepPrivate(name, bucket, parent);
    new aws.s3.BucketPolicy(
      `${name}-tls-only`,
      {
        bucket,
        policy: tlsOnly("s3:*", [this.bucket.arn, pulumi.interpolate`${this.bucket.arn}/*`]),
      },
      parent,
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        bucket,
        rules: [
          { id: "results", status: "Enabled", filter: { prefix: `${queries}/` }, expiration: { days: 7 } },
          ...(coldAfterDays === undefined && expireAfterDays === undefined
            ? []
            : [
                {
                  id: "messages",
                  status: "Enabled",
                  filter: { prefix: `${stored}/` },
                  // Milliseconds to the first byte, as in S3 Standard, so queries go on as before.
                  ...(coldAfterDays !== undefined && {
                    transitions: [{ days: coldAfterDays, storageClass: "GLACIER_IR" }],
                  }),
                  ...(expireAfterDays !== undefined && { expiration: { days: expireAfterDays } }),
                },
              ]),
        ],
      },
      parent,
    );
    this.registerOutputs({ bucket: this.bucket });
  }
}
