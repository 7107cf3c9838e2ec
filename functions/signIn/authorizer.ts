import { CognitoIdentityProviderClient, GetUserCommand } from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import { writeMetrics } from "../runtime/embeddedMetrics";
import { accessTokenVerifier, TokenRefused } from "./accessToken";
import { decide } from "./authorizerDecision";

/** What Cognito may say of an access token whose user was removed or disabled, has signed out everywhere, or needs a new password. */
const userIsOut = [
  "NotAuthorizedException",
  "UserNotFoundException",
  "UserNotConfirmedException",
  "PasswordResetRequiredException",
];

/**
 * The custom authorizer of the API: who is it (the signature, then Cognito: a token outlives its user), and what may they do.
 *
 * Environment: USER_POOL_ID, CLIENT_ID, OWNERSHIP_TABLE, ADMIN_ONLY (routes, joined by commas). Where AWS_ENDPOINT_URL is set, as on
 * the local cloud, the pool's keys are got there too.
 */
export function authorizer() {
  const cognito = new CognitoIdentityProviderClient({});
  const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const adminOnly = (process.env.ADMIN_ONLY ?? "").split(",");
  const verify = accessTokenVerifier({
    userPoolId: process.env.USER_POOL_ID ?? "",
    clientId: process.env.CLIENT_ID ?? "",
    fetchKeys: async (url) => {
      const { origin, pathname } = new URL(url);
      const response = await fetch((process.env.AWS_ENDPOINT_URL ?? origin) + pathname);
      if (!response.ok) throw new Error(`the user pool does not give its keys: HTTP ${response.status}`);
      return response.arrayBuffer();
    },
  });

  const owns = async (owner: string, thingName: string): Promise<boolean> => {
    const { Item } = await table.send(
      new GetCommand({ TableName: process.env.OWNERSHIP_TABLE, Key: { owner, thingName }, ConsistentRead: true }),
    );
    return Item !== undefined;
  };

  return async (event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
    try {
      const { token, ...caller } = await verify(headerOf(event.headers, "authorization"));
      const { UserAttributes } = await cognito.send(new GetUserCommand({ AccessToken: token }));
      const email = UserAttributes?.find(({ Name }) => Name === "email")?.Value;
      return await decide(event, { ...caller, username: email ?? caller.username }, { adminOnly, owns });
    } catch (error) {
      const { name, message } = error as Error;
      if (!(error instanceof TokenRefused) && !userIsOut.includes(name)) throw error;
      console.info(JSON.stringify({ message: "refused", reason: error instanceof TokenRefused ? message : name }));
      // An error of this function is no fault of it, so it is counted apart.
      writeMetrics({ Refused: 1 });
      // This very word makes API Gateway answer 401; anything else would be a 500.
      throw new Error("Unauthorized");
    }
  };
}

/** HTTP does not mind the case of a header's name. */
function headerOf(headers: APIGatewayRequestAuthorizerEvent["headers"], name: string): string | undefined {
  return Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
}
