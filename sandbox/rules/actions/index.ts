import type { ActionKinds } from "./action";
import { dynamoDbAction } from "./dynamoDb";
import { dynamoDbV2Action } from "./dynamoDbV2";
import { lambdaAction } from "./lambda";
import { republishAction } from "./republish";
import { snsAction } from "./sns";
import { sqsAction } from "./sqs";

/** The actions that a rule can have. A new one is a file in this folder and a line here. */
export const actionKinds: ActionKinds = {
  dynamoDB: dynamoDbAction,
  dynamoDBv2: dynamoDbV2Action,
  lambda: lambdaAction,
  republish: republishAction,
  sns: snsAction,
  sqs: sqsAction,
};
