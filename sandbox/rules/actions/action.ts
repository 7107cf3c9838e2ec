import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { FirehoseClient } from "@aws-sdk/client-firehose";
import type { IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SNSClient } from "@aws-sdk/client-sns";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Message } from "../message";
import type { Output } from "../output";
import type { Fields } from "./fields";

/** The part of an SDK client that actions use: what tests put a stub in place of. */
type Sender<Client extends { send: unknown }> = Pick<Client, "send">;

/** Clients of the services that actions write to. Those that take a role act as that role. */
export interface ActionClients {
  dynamoDb(roleArn: string): Sender<DynamoDBClient>;
  firehose(roleArn: string): Sender<FirehoseClient>;
  kinesis(roleArn: string): Sender<KinesisClient>;
  s3(roleArn: string): Sender<S3Client>;
  sqs(roleArn: string): Sender<SQSClient>;
  sns(roleArn: string): Sender<SNSClient>;
  iotData(roleArn: string): Sender<IoTDataPlaneClient>;
  /** Lambda knows no role here: the function's own policy lets AWS IoT in. */
  lambda(): Sender<LambdaClient>;
}

/** The rule that an action belongs to. */
export interface RuleIdentity {
  readonly arn: string;
  readonly accountId: string;
}

/** An action of one rule, ready to run. */
export interface Action {
  /** The table, queue, ... that it writes to, for the report of a failure. */
  resource(message: Message): string;
  /** @throws whatever goes wrong, the SDK's retries spent; that makes the action failed */
  run(message: Message, output: Output, clients: ActionClients): Promise<void>;
}

/** A kind of action: one file in this folder, listed in index.ts. */
export interface ActionKind {
  /** What AWS calls it when it failed, e.g. `LambdaAction`. */
  readonly failedAction: string;
  /** What it tried, to begin the error message: "Failed to ...". */
  readonly attempt: string;
  /** @throws InvalidRuleError, SqlParseError */
  compile(fields: Fields, rule: RuleIdentity): Action;
}

/** By the key in a rule's `actions`, e.g. `lambda`. */
export type ActionKinds = Readonly<Record<string, ActionKind>>;
