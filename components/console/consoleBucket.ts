import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { keepPrivate } from "../access/privateBucket";
import { tlsOnly } from "../access/tlsOnly";

export interface ConsoleBucketArgs {
  /** Days after which its objects are deleted; undefined: never. */
  readonly expireAfterDays?: pulumi.Input<number>;
}

/**
 * A private, encrypted bucket of the console: of its files, or of its access logs. It is not protected: what is in it can
 * be made again, or is of no use without the rest.
 */
export class ConsoleBucket extends pulumi.ComponentResource {
  readonly bucket: aws.s3.Bucket;

  constructor(name: string, args: ConsoleBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:console:ConsoleBucket", name, {}, opts);
    const parent = { parent: this };

    this.bucket = new aws.s3.Bucket(`${name}-bucket`, { forceDestroy: true }, parent);
    const { bucket } = this.bucket;
    keepPrivate(name, bucket, parent);
    if (args.expireAfterDays !== undefined) {
      new aws.s3.BucketLifecycleConfiguration(
        `${name}-lifecycle`,
        {
          bucket,
          rules: [{ id: "old", status: "Enabled", filter: { prefix: "" }, expiration: { days: args.expireAfterDays } }],
        },
        parent,
      );
    }
    this.registerOutputs({ bucket: this.bucket });
  }

  /**
   * The bucket's policy: a service may do one thing to its objects, and nobody anything by plain HTTP. Apart from the
   * constructor, since who may is often known only when the bucket is there.
   */
  allow(name: string, statement: pulumi.Input<object>): aws.s3.BucketPolicy {
    const { arn, bucket } = this.bucket;
    const policy = tlsOnly("s3:*", [arn, pulumi.interpolate`${arn}/*`], statement);
    return new aws.s3.BucketPolicy(name, { bucket, policy }, { parent: this });
  }
}
