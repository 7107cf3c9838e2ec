import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ConsoleBucket } from "./consoleBucket";

export interface ConsoleLogsArgs {
  /** ARN of the distribution whose requests are logged. */
  readonly distributionArn: pulumi.Input<string>;
  readonly expireAfterDays: pulumi.Input<number>;
}

/**
 * A distribution's access logs, as JSON in a bucket of their own: a line per request, delivered within minutes. CloudFront's
 * older way writes by ACL, for which the bucket would have to take them.
 * {@link https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html}
 */
export class ConsoleLogs extends pulumi.ComponentResource {
  readonly bucket: aws.s3.Bucket;

  constructor(name: string, args: ConsoleLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:console:ConsoleLogs", name, {}, opts);
    // CloudFront belongs to no region, and its logs are delivered from this one.
    const inVirginia = { region: "us-east-1" };
    const parent = { parent: this };
    const { accountId } = aws.getCallerIdentityOutput({}, parent);
    const { expireAfterDays } = args;

    const logs = new ConsoleBucket(name, { expireAfterDays }, parent);
    this.bucket = logs.bucket;
    const source = new aws.cloudwatch.LogDeliverySource(
      `${name}-source`,
      { logType: "ACCESS_LOGS", resourceArn: args.distributionArn, ...inVirginia },
      parent,
    );
    const policy = logs.allow(`${name}-policy`, {
      Sid: "DeliverLogs",
      Effect: "Allow",
      Principal: { Service: "delivery.logs.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: pulumi.interpolate`${this.bucket.arn}/*`,
      Condition: {
        StringEquals: { "aws:SourceAccount": accountId, "s3:x-amz-acl": "bucket-owner-full-control" },
        ArnLike: { "aws:SourceArn": pulumi.interpolate`arn:aws:logs:us-east-1:${accountId}:delivery-source:*` },
      },
    });
    const destination = new aws.cloudwatch.LogDeliveryDestination(
      `${name}-destination`,
      {
        outputFormat: "json",
        deliveryDestinationConfiguration: { destinationResourceArn: this.bucket.arn },
        ...inVirginia,
      },
      { parent: this, dependsOn: [policy] },
    );
    new aws.cloudwatch.LogDelivery(
      `${name}-delivery`,
      { deliverySourceName: source.name, deliveryDestinationArn: destination.arn, ...inVirginia },
      parent,
    );
    this.registerOutputs({ bucket: this.bucket });
  }
}
