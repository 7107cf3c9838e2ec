import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { isObject } from "../sql/values";
import type { ActionKind } from "./action";

/** Puts an item with a column for each top-level attribute; the table's keys must be among them. */
export const dynamoDbV2Action: ActionKind = {
  failedAction: "DynamoDBv2Action",
  attempt: "insert record to DynamoDB",
  compile(fields) {
    const putItem = fields.nested("putItem");
    const tableName = putItem.template("tableName");
    putItem.refuseOthers();
    const roleArn = fields.roleArn();
    fields.refuseOthers();
    return {
      resource: tableName,
      async run(message, output, clients) {
        const item = output.json();
        if (!isObject(item)) throw new Error("The SELECT gives no JSON object, so there are no columns to write");
        await clients
          .dynamoDb(roleArn)
          .send(new PutItemCommand({ TableName: tableName(message), Item: marshall({ ...item }) }));
      },
    };
  },
};
