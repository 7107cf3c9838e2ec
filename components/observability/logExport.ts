import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { putObjects, writeLogs } from "../access/grants";
import { keepPrivate } from "../access/privateBucket";
import { ServiceRole } from "../access/serviceRole";
import { tlsOnly } from "../access/tlsOnly";
import { ArgumentErrors } from "../args/argumentErrors";
import { wholeNumber } from "../args/checks";
import { AlarmGroup } from "./alarmGroup";
import { defaultLogRetentionInDays, type OperationsArgs } from "./operations";
import { watchDelivery } from "./resourceAlarms";

export interface LogExportArgs extends OperationsArgs {
  /**
   * Where Firehose delivers to: the HTTPS endpoint of the third party.
   * @example "https://aws-kinesis-http-intake.logs.datadoghq.eu/v1/input"
   */
  readonly url: string;
  /**
   * ARN of a secret in Secrets Manager, `{ "api_key": "..." }`, made by hand: Firehose reads the key itself, so it is in no state
   * and no configuration.
   */
  readonly secretArn: string;
  /** What is exported: `observability.logGroups` has those of all functions and state machines. */
  readonly logGroups: readonly aws.cloudwatch.LogGroup[];
  /**
   * Which lines, as a filter pattern of CloudWatch Logs.
   * @default every line
   * @example '{ $.level = "ERROR" }'
   */
  readonly filterPattern?: string;
  /**
   * Seconds that lines are gathered for one request, 0 to 900.
   * @default 60
   */
  readonly bufferingInterval?: pulumi.Input<number>;
}

/** Seconds that Firehose tries a request again, before its lines go to the bucket. */
const retryDuration = 300;

/**
 * Sends logs to a third party (Datadog, Logentries, Splunk, New Relic, and whoever takes Firehose's HTTP requests): a
 * subscription filter per log group, one Firehose stream, and a bucket for what could not be delivered, kept for 30 days. An alarm rings when
 * delivery is 15 minutes late. CloudWatch keeps its own copy, as long as before.
 *
 * ```ts
 * new LogExport("log-export", { url, secretArn, logGroups: observability.logGroups, ...observability.operations });
 * ```
 *
 * A log group takes two subscription filters. Lines arrive as CloudWatch Logs wraps them, gzipped, which the named third
 * parties unwrap.
 */
export class LogExport extends pulumi.ComponentResource {
  readonly stream: aws.kinesis.FirehoseDeliveryStream;
  /** Takes what could not be delivered. */
  readonly undelivered: aws.s3.Bucket;

  constructor(name: string, args: LogExportArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:operations:LogExport", name, {}, opts);
    const { bufferingInterval } = checkArgs(name, args);
    const alarms = AlarmGroup.of(this, name, args);
    const parent = { parent: this };

    this.undelivered = this.makeBucket(name);
    const ownLogs = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      { retentionInDays: args.logRetentionInDays ?? defaultLogRetentionInDays },
      parent,
    );
    const delivery = new ServiceRole(
      `${name}-delivery`,
      {
        service: "firehose.amazonaws.com",
        description: `What the delivery stream ${name} may do`,
        grants: [
          putObjects(this.undelivered, "undelivered"),
          writeLogs(ownLogs),
          { sid: "ReadAccessKey", actions: ["secretsmanager:GetSecretValue"], resources: [args.secretArn] },
        ],
      },
      parent,
    );
    this.stream = new aws.kinesis.FirehoseDeliveryStream(
      `${name}-stream`,
      {
        destination: "http_endpoint",
        serverSideEncryption: { enabled: true, keyType: "AWS_OWNED_CMK" },
        httpEndpointConfiguration: {
          name,
          url: args.url,
          roleArn: delivery.arn,
          secretsManagerConfiguration: { enabled: true, secretArn: args.secretArn, roleArn: delivery.arn },
          requestConfiguration: { contentEncoding: "GZIP" },
          bufferingInterval,
          bufferingSize: 4,
          retryDuration,
          s3BackupMode: "FailedDataOnly",
          s3Configuration: {
            roleArn: delivery.arn,
            bucketArn: this.undelivered.arn,
            prefix: "undelivered/",
            compressionFormat: "GZIP",
          },
          cloudwatchLoggingOptions: { enabled: true, logGroupName: ownLogs.name, logStreamName: "delivery" },
        },
      },
      parent,
    );
    const subscription = new ServiceRole(
      `${name}-subscription`,
      {
        service: "logs.amazonaws.com",
        description: `Lets CloudWatch Logs hand lines to the delivery stream ${name}`,
        grants: [
          {
            sid: "PutRecords",
            actions: ["firehose:PutRecord", "firehose:PutRecordBatch"],
            resources: [this.stream.arn],
          },
        ],
      },
      parent,
    );
    for (const [at, logGroup] of args.logGroups.entries()) {
      new aws.cloudwatch.LogSubscriptionFilter(
        `${name}-${at}`,
        {
          logGroup: logGroup.name,
          destinationArn: this.stream.arn,
          roleArn: subscription.arn,
          filterPattern: args.filterPattern ?? "",
        },
        parent,
      );
    }
    watchDelivery(alarms, name, this.stream, parent);
    alarms.close(this);

    this.registerOutputs({ stream: this.stream, undelivered: this.undelivered });
  }

  private makeBucket(name: string): aws.s3.Bucket {
    const parent = { parent: this };
    const made = new aws.s3.Bucket(`${name}-undelivered`, { forceDestroy: true }, parent);
    const bucket = made.bucket;
    keepPrivate(name, bucket, parent);
    new aws.s3.BucketPolicy(
      `${name}-tls-only`,
      { bucket, policy: tlsOnly("s3:*", [made.arn, pulumi.interpolate`${made.arn}/*`]) },
      parent,
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      { bucket, rules: [{ id: "old", status: "Enabled", filter: { prefix: "" }, expiration: { days: 30 } }] },
      parent,
    );
    return made;
  }
}

/** What is wrong with the address of a third party. */
export const exportUrl = (url: string) =>
  /^https:\/\/[^\s/]+(\/\S*)?$/.test(url) ? undefined : `must be an https:// address, not ${JSON.stringify(url)}`;

/** What is wrong with the ARN of a secret. */
export const secretArn = (arn: string) =>
  /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:\S+$/.test(arn)
    ? undefined
    : `must be the ARN of a secret in Secrets Manager, not ${/^arn:/.test(arn) ? JSON.stringify(arn) : "the key itself or a name"}`;

function checkArgs(name: string, args: LogExportArgs) {
  const errors = new ArgumentErrors(`LogExport ${JSON.stringify(name)}`);
  errors.check("url", args.url ?? "", exportUrl);
  errors.check("secretArn", args.secretArn ?? "", secretArn);
  if (!args.logGroups?.length) errors.add("logGroups", "must have at least one log group");
  const bufferingInterval = errors.input(
    "bufferingInterval",
    args.bufferingInterval,
    60,
    wholeNumber(0, 900, "seconds"),
  );
  errors.throwIfAny();
  return { bufferingInterval };
}
