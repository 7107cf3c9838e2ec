import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserMFAPreferenceCommand,
  AssociateSoftwareTokenCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  VerifySoftwareTokenCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { expect } from "chai";
import type { Page } from "playwright-core";
import type { ApiOutputs } from "../../common/stackOutputs";
import { awsConfig } from "../../sandbox/aws";
import { demoPassword } from "../../sandbox/demoUser";
import { axeViolations } from "./support/axe";
import { type ConsoleLab, sharedLab, signIn } from "./support/lab";
import { totp } from "./support/totp";

describe("the console's way in", () => {
  const email = "invited@example.com";
  const [sent, own] = [demoPassword(), demoPassword()];
  let lab: ConsoleLab;
  let page: Page;
  let cognito: CognitoIdentityProviderClient;
  let pool: ApiOutputs;

  before(async () => {
    lab = await sharedLab();
    pool = lab.session.outputs.api as ApiOutputs;
    cognito = new CognitoIdentityProviderClient(awsConfig(lab.session.cloud));
    const user = { UserPoolId: pool.userPoolId, Username: email };
    await cognito.send(
      new AdminCreateUserCommand({
        ...user,
        TemporaryPassword: sent,
        MessageAction: "SUPPRESS",
        UserAttributes: [
          { Name: "email", Value: email },
          { Name: "email_verified", Value: "true" },
        ],
      }),
    );
    await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName: "admin" }));
  });
  after(() => cognito?.destroy());

  const heading = (name: string) => page.getByRole("heading", { level: 1, name }).waitFor();

  it("asks who was invited for a password of their own, twice the same", async () => {
    page = await lab.newPage();
    await page.goto(lab.url);
    await signIn(page, email, sent);
    await heading("Choose a password");
    expect(await axeViolations(page)).to.deep.equal([]);
    await page.getByLabel("New password").fill(own);
    await page.getByLabel("Once more").fill(`${own}?`);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("The two passwords differ.").waitFor();
    await page.getByLabel("Once more").fill(own);
    await page.getByRole("button", { name: "Go on" }).click();
    await heading("Fleet");
  });

  it("asks for the code of an authenticator app, and takes no other", async () => {
    const secret = await enrol();
    page = await lab.newPage();
    await page.goto(lab.url);
    await signIn(page, email, own);
    await heading("Enter your code");
    expect(await axeViolations(page)).to.deep.equal([]);
    await page.getByLabel(/Six digits/).fill("000000");
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("That code is not right").waitFor();
    await page.getByLabel(/Six digits/).fill(totp(secret));
    await page.getByRole("button", { name: "Go on" }).click();
    await heading("Fleet");
  });

  it("leads back to where one was, once the session has ended and one has signed in again", async () => {
    page = await lab.signedIn("admin");
    await page.goto(`${lab.url}/anomalies`);
    await heading("Anomalies");
    // As after the refresh token's last day.
    await page.route("**/api/**", (route) => route.fulfill({ status: 401, body: "{}" }));
    await page.route("**/_aws/cognito-idp", (route) =>
      route.fulfill({ status: 400, body: JSON.stringify({ __type: "NotAuthorizedException" }) }),
    );
    await page.getByText("Your session has ended. Sign in again.").waitFor();
    await page.unrouteAll();
    await signIn(page, lab.user("admin").email, lab.user("admin").password);
    await heading("Anomalies");
  });

  /** An authenticator app for the user. @returns its secret */
  async function enrol(): Promise<string> {
    const { AuthenticationResult } = await cognito.send(
      new InitiateAuthCommand({
        AuthFlow: "USER_PASSWORD_AUTH",
        ClientId: pool.userPoolClientId,
        AuthParameters: { USERNAME: email, PASSWORD: own },
      }),
    );
    const AccessToken = AuthenticationResult?.AccessToken;
    const { SecretCode } = await cognito.send(new AssociateSoftwareTokenCommand({ AccessToken }));
    await cognito.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode: totp(SecretCode as string) }));
    await cognito.send(
      new AdminSetUserMFAPreferenceCommand({
        UserPoolId: pool.userPoolId,
        Username: email,
        SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true },
      }),
    );
    return SecretCode as string;
  }
});
