import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import type { APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import { expect } from "chai";
import { createSandbox } from "sinon";
import { silent } from "../../../functions/runtime/embeddedMetrics";
import { authorizer } from "../../../functions/signIn/authorizer";
import { clientId, signedToken, signingKey, userPoolId } from "../../support/authorizerTokens";
import { silently } from "./apiHelp";

const key = signingKey("one");

describe("the authorizer's answer when Cognito does not say who it is", () => {
  silently();
  const sandbox = createSandbox();
  beforeEach(() => {
    sandbox
      .stub(process, "env")
      .value({ ...process.env, USER_POOL_ID: userPoolId, CLIENT_ID: clientId, [silent]: "true" });
    sandbox.stub(globalThis, "fetch").callsFake(async () => Response.json({ keys: [key.jwk] }));
  });
  afterEach(() => sandbox.restore());

  const event = {
    httpMethod: "GET",
    resource: "/whoami",
    methodArn: "arn:aws:execute-api:eu-central-1:123456789012:a/live/GET/whoami",
    headers: { authorization: `Bearer ${signedToken(key)}` },
  } as unknown as APIGatewayRequestAuthorizerEvent;

  const answers: [what: string, name: string, answer: RegExp][] = [
    ["is 401 when the user is disabled or signed out", "NotAuthorizedException", /^Unauthorized$/],
    ["is 401 when the user was removed", "UserNotFoundException", /^Unauthorized$/],
    ["is 401 when the user is not confirmed", "UserNotConfirmedException", /^Unauthorized$/],
    ["is 401 when an operator has reset the password", "PasswordResetRequiredException", /^Unauthorized$/],
    ["is a fault when Cognito is busy", "TooManyRequestsException", /^said by Cognito$/],
  ];
  for (const [what, name, answer] of answers) {
    it(what, async () => {
      const said = Object.assign(new Error("said by Cognito"), { name });
      sandbox.stub(CognitoIdentityProviderClient.prototype, "send").rejects(said);
      const error = await authorizer()(event).catch((reason: Error) => reason);
      expect((error as Error).message).to.match(answer);
    });
  }
});
