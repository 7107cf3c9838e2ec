import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IAMClient } from "@aws-sdk/client-iam";
import { IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { type AwsTarget, awsConfig } from "../aws";
import type { ActionClients } from "./actions/action";
import { RoleCredentials } from "./roleCredentials";

interface Closable {
  destroy(): void;
}

/** The SDK's clients of one account's rules, each made when first asked for and kept. Retries are the SDK's own. */
export class AwsClients implements ActionClients {
  private readonly kept = new Map<string, Closable>();
  private readonly credentials: RoleCredentials;

  constructor(private readonly target: AwsTarget) {
    const config = awsConfig(target);
    const iam = this.keep("iam", () => new IAMClient(config));
    const sts = this.keep("sts", () => new STSClient(config));
    this.credentials = new RoleCredentials(iam, sts, target);
  }

  lambda(): LambdaClient {
    return this.keep("lambda", () => new LambdaClient(awsConfig(this.target)));
  }

  dynamoDb(roleArn: string): DynamoDBClient {
    return this.keep(`dynamodb ${roleArn}`, () => new DynamoDBClient(this.actingAs(roleArn)));
  }

  sqs(roleArn: string): SQSClient {
    // A queue's URL may name a host of AWS; the request goes to the endpoint all the same.
    const config = { ...this.actingAs(roleArn), useQueueUrlAsEndpoint: false };
    return this.keep(`sqs ${roleArn}`, () => new SQSClient(config));
  }

  sns(roleArn: string): SNSClient {
    return this.keep(`sns ${roleArn}`, () => new SNSClient(this.actingAs(roleArn)));
  }

  iotData(roleArn: string): IoTDataPlaneClient {
    return this.keep(`iot-data ${roleArn}`, () => new IoTDataPlaneClient(this.actingAs(roleArn)));
  }

  close(): void {
    for (const client of this.kept.values()) client.destroy();
    this.kept.clear();
  }

  private actingAs(roleArn: string) {
    return { ...awsConfig(this.target), credentials: () => this.credentials.of(roleArn) };
  }

  private keep<Client extends Closable>(key: string, make: () => Client): Client {
    const found = this.kept.get(key) as Client | undefined;
    if (found) return found;
    const client = make();
    this.kept.set(key, client);
    return client;
  }
}
