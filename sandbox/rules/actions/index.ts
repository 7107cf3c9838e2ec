import type { ActionKinds } from "./action";
import { dynamoDbAction } from "./dynamoDb";
import { dynamoDbV2Action } from "./dynamoDbV2";
import { firehoseAction } from "./firehose";
import { kinesisAction } from "./kinesis";
import { lambdaAction } from "./lambda";
import { republishAction } from "./republish";
import { s3Action } from "./s3";
import { snsAction } from "./sns";
import { sqsAction } from "./sqs";

/** The actions that a rule can have. A new one is a file in this folder and a line here. */
export const actionKinds: ActionKinds = {
  dynamoDB: dynamoDbAction,
  dynamoDBv2: dynamoDbV2Action,
  firehose: firehoseAction,
  kinesis: kinesisAction,
  lambda: lambdaAction,
  republish: republishAction,
  s3: s3Action,
  sns: snsAction,
  sqs: sqsAction,
};
