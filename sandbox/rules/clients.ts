import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { IAMClient } from "@aws-sdk/client-iam";
import { IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { type AwsTarget, awsConfig } from "../aws";
import type { ActionClients, RuleIdentity } from "./actions/action";
import { RoleCredentials } from "./roleCredentials";

interface Closable {
  destroy(): void;
}

/** The SDK's clients of one account's rules, each made when first asked for and kept. Retries are the SDK's own. */
export class AwsClients {
  private readonly kept = new Map<string, Closable>();
  private readonly credentials: RoleCredentials;

  constructor(private readonly target: AwsTarget) {
    const config = awsConfig(target);
    const iam = this.keep("iam", () => new IAMClient(config));
    const sts = this.keep("sts", () => new STSClient(config));
    this.credentials = new RoleCredentials(iam, sts);
  }

  /** Clients that act as the roles of one rule. */
  actingFor(rule: RuleIdentity): ActionClients {
    const actingAs = (roleArn: string) => ({
      ...awsConfig(this.target),
      credentials: () => this.credentials.of(roleArn, rule),
    });
    const keep = <Client extends Closable>(service: string, roleArn: string, make: () => Client) =>
      this.keep(`${service} ${roleArn} ${rule.arn}`, make);
    return {
      lambda: () => this.keep("lambda", () => new LambdaClient(awsConfig(this.target))),
      dynamoDb: (roleArn) => keep("dynamodb", roleArn, () => new DynamoDBClient(actingAs(roleArn))),
      firehose: (roleArn) => keep("firehose", roleArn, () => new FirehoseClient(actingAs(roleArn))),
      // HTTP/1.1, where the Kinesis client would speak HTTP/2.
      kinesis: (roleArn) =>
        keep(
          "kinesis",
          roleArn,
          () => new KinesisClient({ ...actingAs(roleArn), requestHandler: new NodeHttpHandler() }),
        ),
      s3: (roleArn) => keep("s3", roleArn, () => new S3Client(actingAs(roleArn))),
      sns: (roleArn) => keep("sns", roleArn, () => new SNSClient(actingAs(roleArn))),
      iotData: (roleArn) => keep("iot-data", roleArn, () => new IoTDataPlaneClient(actingAs(roleArn))),
      // A queue's URL may name a host of AWS; the request goes to the endpoint all the same.
      sqs: (roleArn) =>
        keep("sqs", roleArn, () => new SQSClient({ ...actingAs(roleArn), useQueueUrlAsEndpoint: false })),
    };
  }

  close(): void {
    for (const client of this.kept.values()) client.destroy();
    this.kept.clear();
  }

  private keep<Client extends Closable>(key: string, make: () => Client): Client {
    const found = this.kept.get(key) as Client | undefined;
    if (found) return found;
    const client = make();
    this.kept.set(key, client);
    return client;
  }
}
