import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentErrors } from "../args/argumentErrors";
import { emailAddress } from "../args/checks";

export interface NotificationTopicArgs {
  /**
   * Addresses that get every message; each has to confirm by a link that AWS sends.
   * @default none
   */
  readonly emails?: readonly string[];
  /**
   * The key that messages are encrypted under, to share one between topics (a key costs 1 USD a month).
   * @default a key of its own
   */
  readonly key?: NotificationKey;
  /**
   * Whether a key of its own is protected from deletion: what was encrypted under it could never be read again.
   * @default false
   */
  readonly protectData?: boolean;
}

/**
 * An SNS topic for people: encrypted, so that neither messages nor alarms lie in clear text, and only over TLS.
 *
 * ```ts
 * const alarms = new NotificationTopic("alarms", { emails: ["oncall@example.com"] });
 * ```
 */
export class NotificationTopic extends pulumi.ComponentResource {
  readonly topic: aws.sns.Topic;
  readonly key: NotificationKey;
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: NotificationTopicArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:operations:NotificationTopic", name, {}, opts);
    const errors = new ArgumentErrors(`NotificationTopic ${JSON.stringify(name)}`);
    for (const [at, email] of (args.emails ?? []).entries()) {
      errors.check(`emails[${at}]`, email, emailAddress);
    }
    errors.throwIfAny();
    const parent = { parent: this };

    this.key = args.key ?? new NotificationKey(name, { protectData: args.protectData }, parent);
    this.topic = new aws.sns.Topic(`${name}-topic`, { kmsMasterKeyId: this.key.key.arn }, parent);
    new aws.sns.TopicPolicy(
      `${name}-topic-policy`,
      { arn: this.topic.arn, policy: this.topic.arn.apply((arn) => JSON.stringify(topicPolicyDocument(arn))) },
      parent,
    );
    for (const email of args.emails ?? []) {
      new aws.sns.TopicSubscription(
        `${name}-${email.replace(/[^a-zA-Z0-9]/g, "-")}`,
        { topic: this.topic.arn, protocol: "email", endpoint: email },
        parent,
      );
    }

    this.arn = this.topic.arn;
    this.registerOutputs({ topic: this.topic, key: this.key, arn: this.arn });
  }
}

/**
 * A key that SNS topics are encrypted under. AWS's own key for SNS would refuse CloudWatch alarms, so it is one of ours:
 * whoever may publish to the topic may use it through SNS, and alarms may.
 */
export class NotificationKey extends pulumi.ComponentResource {
  readonly key: aws.kms.Key;

  constructor(
    name: string,
    args: Pick<NotificationTopicArgs, "protectData"> = {},
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("thingstack:operations:NotificationKey", name, {}, opts);
    const parent = { parent: this };
    const policy = pulumi
      .all([
        aws.getPartitionOutput({}, parent).partition,
        aws.getRegionOutput({}, parent).region,
        aws.getCallerIdentityOutput({}, parent).accountId,
      ])
      .apply(([partition, region, account]) => JSON.stringify(keyPolicyDocument(partition, region, account)));

    this.key = new aws.kms.Key(
      `${name}-key`,
      { description: `Encrypts the notifications of ${name}`, enableKeyRotation: true, policy },
      { parent: this, protect: args.protectData ?? false },
    );
    this.registerOutputs({ key: this.key });
  }
}

/** Only the account's own principals and its alarms publish, and only over TLS. */
function topicPolicyDocument(topicArn: string) {
  const account = topicArn.split(":")[4];
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AlarmsPublish",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: { StringEquals: { "aws:SourceAccount": account } },
      },
      {
        Sid: "RefusePlainHttp",
        Effect: "Deny",
        Principal: "*",
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}

/** In a key's policy, the resource `*` is the key itself. */
function keyPolicyDocument(partition: string, region: string, account: string) {
  const use = ["kms:Decrypt", "kms:GenerateDataKey*"];
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AccountAdministers",
        Effect: "Allow",
        Principal: { AWS: `arn:${partition}:iam::${account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      {
        Sid: "PublishersUseItThroughSns",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: use,
        Resource: "*",
        Condition: {
          StringEquals: { "kms:ViaService": `sns.${region}.amazonaws.com`, "kms:CallerAccount": account },
        },
      },
      {
        Sid: "AlarmsUseIt",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: use,
        Resource: "*",
        Condition: { StringEquals: { "aws:SourceAccount": account } },
      },
    ],
  };
}
