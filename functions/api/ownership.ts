import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { unknownThing } from "./problem";
import { type ApiRequest, isThingName } from "./request";

/** Says whether a user owns a thing. */
export type Owns = (owner: string, thingName: string) => Promise<boolean>;

/** By the table of ownership, whose name is in OWNERSHIP_TABLE_NAME; what was taken from a user counts at once. */
export function ownershipIn(table: DynamoDBDocumentClient): Owns {
  return async (owner, thingName) => {
    const { Item } = await table.send(
      new GetCommand({ TableName: process.env.OWNERSHIP_TABLE_NAME, Key: { owner, thingName }, ConsistentRead: true }),
    );
    return Item !== undefined;
  };
}

/**
 * The thing that a request is about, which is the caller's own unless that is an admin. The authorizer looks, too; but it
 * sees a path and its answer is cached, so what it let through is not taken for proven here.
 * @throws a refusal, the same for another user's thing as for none
 */
export async function thingOf(request: ApiRequest, owns: Owns): Promise<string> {
  const thingName = request.path("thingName");
  if (!isThingName(thingName)) throw unknownThing();
  if (!request.caller.isAdmin && !(await owns(request.caller.sub, thingName))) throw unknownThing();
  return thingName;
}

/** A page of the things that a user owns, by name. */
export async function thingsOf(
  table: DynamoDBDocumentClient,
  owner: string,
  limit: number,
  after?: string,
): Promise<{ names: string[]; last?: string }> {
  const { Items = [], LastEvaluatedKey } = await table.send(
    new QueryCommand({
      TableName: process.env.OWNERSHIP_TABLE_NAME,
      ConsistentRead: true,
      KeyConditionExpression: "#owner = :owner",
      ExpressionAttributeNames: { "#owner": "owner" },
      ExpressionAttributeValues: { ":owner": owner },
      ExclusiveStartKey: after === undefined ? undefined : { owner, thingName: after },
      Limit: limit,
    }),
  );
  return { names: Items.map(({ thingName }) => thingName), last: LastEvaluatedKey?.thingName };
}
