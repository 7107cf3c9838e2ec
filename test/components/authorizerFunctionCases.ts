import { clientId, signedToken, signingKey, userPoolId } from "../support/authorizerTokens";
import type { FunctionCase } from "../support/functionCase";

const key = signingKey("one");
const keySet = { [`GET /${userPoolId}/.well-known/jwks.json`]: { body: JSON.stringify({ keys: [key.jwk] }) } };
const environment = {
  USER_POOL_ID: userPoolId,
  CLIENT_ID: clientId,
  OWNERSHIP_TABLE: "t",
  ADMIN_ONLY: "GET /releases",
};
const event = {
  methodArn: "arn:aws:execute-api:eu-central-1:123456789012:a/live/GET/things/cooler-1",
  httpMethod: "GET",
  resource: "/things/{thingName}",
  pathParameters: { thingName: "cooler-1" },
  headers: { Authorization: `Bearer ${signedToken(key)}` },
};

/** What the authorizer of the API does as Lambda runs it. */
export const authorizerFunctionCases: readonly FunctionCase[] = [
  {
    promise: "lets an owner reach their thing: by the pool's key, Cognito's word and the table of ownership",
    function: "api-authorizer-function",
    event,
    environment,
    answers: {
      ...keySet,
      GetUser: {
        body: JSON.stringify({ Username: "u", UserAttributes: [{ Name: "email", Value: "me@example.com" }] }),
      },
      GetItem: { body: JSON.stringify({ Item: { owner: { S: "5b2f-sub" }, thingName: { S: "cooler-1" } } }) },
    },
    result: {
      principalId: "5b2f-sub",
      policyDocument: {
        Version: "2012-10-17",
        Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: event.methodArn }],
      },
      context: { sub: "5b2f-sub", username: "me@example.com", groups: "user" },
    },
    calls: [...Object.keys(keySet), "GetUser", "GetItem"],
  },
  {
    promise: "refuses a token whose user Cognito no longer knows, and says why in the log only",
    function: "api-authorizer-function",
    event,
    environment,
    answers: {
      ...keySet,
      GetUser: { status: 400, body: JSON.stringify({ __type: "UserNotFoundException", message: "gone" }) },
    },
    error: /^Unauthorized$/,
    stdout: /"message":"refused","reason":"UserNotFoundException"(?:.|\n)*"_aws":.*"Refused":1/,
    calls: [...Object.keys(keySet), "GetUser"],
  },
  {
    promise: "fails, and refuses nobody, when Cognito can't say",
    function: "api-authorizer-function",
    event,
    environment,
    answers: {
      ...keySet,
      GetUser: { status: 400, body: JSON.stringify({ __type: "InvalidParameterException", message: "not now" }) },
    },
    error: /not now/,
    calls: [...Object.keys(keySet), "GetUser"],
  },
  {
    promise: "is nobody's without a token",
    function: "api-authorizer-function",
    event: { headers: {}, methodArn: "arn:aws:execute-api:eu-central-1:123456789012:a/live/GET/whoami" },
    environment: { USER_POOL_ID: "eu-central-1_abcdefghi", CLIENT_ID: "c" },
    error: /^Unauthorized$/,
    calls: [],
  },
];
