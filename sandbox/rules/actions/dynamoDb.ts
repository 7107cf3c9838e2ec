import { type AttributeValue, DeleteItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { convertToAttr } from "@aws-sdk/util-dynamodb";
import type { Message } from "../message";
import type { Output } from "../output";
import type { Template } from "../template";
import type { ActionKind } from "./action";
import type { Fields } from "./fields";

/** One column of the key: its name, type and value, each filled in from the message. */
type Key = (message: Message) => [name: string, value: AttributeValue];

/** Writes the whole result into one column of the item with a given key, or deletes that item. */
export const dynamoDbAction: ActionKind = {
  failedAction: "DynamoAction",
  attempt: "write record to DynamoDB",
  compile(fields) {
    const tableName = fields.template("tableName");
    const keys: Key[] = [readKey(fields, "hash")];
    if (["rangeKeyField", "rangeKeyValue", "rangeKeyType"].some((key) => fields.has(key))) {
      keys.push(readKey(fields, "range"));
    }
    const payloadField = fields.optionalTemplate("payloadField") ?? (() => "payload");
    const operation = fields.optionalTemplate("operation") ?? (() => "INSERT");
    const roleArn = fields.roleArn();
    fields.refuseOthers();
    return {
      resource: tableName,
      async run(message, output, clients) {
        const TableName = tableName(message);
        const Key = Object.fromEntries(keys.map((key) => key(message)));
        const column = payloadField(message);
        const client = clients.dynamoDb(roleArn);
        const wanted = operation(message).toUpperCase();
        switch (wanted) {
          case "INSERT":
            await client.send(new PutItemCommand({ TableName, Item: { ...Key, [column]: attribute(output) } }));
            return;
          case "UPDATE": {
            const names = { "#payload": column };
            const values = { ":payload": attribute(output) };
            await client.send(
              new UpdateItemCommand({
                TableName,
                Key,
                UpdateExpression: "SET #payload = :payload",
                ExpressionAttributeNames: names,
                ExpressionAttributeValues: values,
              }),
            );
            return;
          }
          case "DELETE":
            await client.send(new DeleteItemCommand({ TableName, Key }));
            return;
          default:
            throw new Error(`The operation is "${wanted}", but must be INSERT, UPDATE or DELETE`);
        }
      },
    };
  },
};

function readKey(fields: Fields, which: "hash" | "range"): Key {
  const name: Template = fields.template(`${which}KeyField`);
  const value: Template = fields.template(`${which}KeyValue`);
  const type: Template = fields.optionalTemplate(`${which}KeyType`) ?? (() => "STRING");
  return (message) => {
    const text = value(message);
    const wanted = type(message).toUpperCase();
    if (wanted !== "STRING" && wanted !== "NUMBER") {
      throw new Error(`${which}KeyType is "${wanted}", but must be STRING or NUMBER`);
    }
    return [name(message), wanted === "NUMBER" ? { N: text } : { S: text }];
  };
}

/** A JSON object becomes a map, an array a list; what is not JSON is kept as binary. */
function attribute(output: Output): AttributeValue {
  return output.isBinary ? { B: output.bytes() } : convertToAttr(output.json());
}
