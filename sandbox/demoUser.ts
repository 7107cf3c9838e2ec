import { randomBytes } from "node:crypto";
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
} from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { ApiOutputs } from "../common/stackOutputs";

/** A user of the local cloud whom everybody may be. */
export interface DemoUser {
  readonly email: string;
  readonly password: string;
  readonly group: "admin" | "user";
  /** The things that are theirs; an admin reaches all. */
  readonly things: readonly string[];
}

/** Makes an admin, and an ordinary user who owns some things; their password is made for this run. */
export async function makeDemoUsers(
  aws: { readonly region: string },
  api: ApiOutputs,
  things: readonly string[],
): Promise<readonly DemoUser[]> {
  const password = demoPassword();
  const users: readonly DemoUser[] = [
    { email: "demo@example.com", password, group: "admin", things: [] },
    { email: "owner@example.com", password, group: "user", things },
  ];
  await Promise.all(users.map((user) => makeUser(aws, api, user)));
  return users;
}

/**
 * Makes a user who can sign in at once, and writes down what they own.
 * @param aws the configuration of any AWS client
 * @returns their `sub`
 */
export async function makeUser(
  aws: { readonly region: string },
  { userPoolId, ownershipTableName }: Pick<ApiOutputs, "userPoolId" | "ownershipTableName">,
  { email, password, group, things }: Omit<DemoUser, "group"> & { readonly group?: DemoUser["group"] },
): Promise<string> {
  const cognito = new CognitoIdentityProviderClient(aws);
  const { User } = await cognito.send(
    new AdminCreateUserCommand({
      UserPoolId: userPoolId,
      Username: email,
      UserAttributes: [
        { Name: "email", Value: email },
        { Name: "email_verified", Value: "true" },
      ],
      MessageAction: "SUPPRESS",
    }),
  );
  const user = { UserPoolId: userPoolId, Username: email };
  await cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: password, Permanent: true }));
  if (group) await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName: group }));

  const owner = User?.Attributes?.find(({ Name }) => Name === "sub")?.Value as string;
  const table = DynamoDBDocumentClient.from(new DynamoDBClient(aws));
  for (const thingName of things) {
    await table.send(new PutCommand({ TableName: ownershipTableName, Item: { owner, thingName } }));
  }
  return owner;
}

/** One that the user pool's policy takes and a person can type. */
export const demoPassword = () => `Cooler-${randomBytes(6).toString("hex")}-7`;
