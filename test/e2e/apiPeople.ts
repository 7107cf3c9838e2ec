import { randomBytes } from "node:crypto";
import {
  AdminDeleteUserCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  InitiateAuthCommand,
  SignUpCommand,
  UpdateUserPoolClientCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import type { ApiOutputs } from "../../common/stackOutputs";
import { demoPassword, makeUser } from "../../sandbox/demoUser";

export interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
}

export interface Person extends Tokens {
  readonly sub: string;
  readonly email: string;
  readonly password: string;
}

/** Part of a token: the claims, or the header (0). */
export const claimsOf = (token: string, part: 0 | 1 = 1): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split(".")[part]!, "base64url").toString());

/** Users of the stack's pool that a test makes, and takes away again. */
export class ApiPeople {
  private readonly cognito: CognitoIdentityProviderClient;
  private readonly emails: string[] = [];

  constructor(
    private readonly aws: { readonly region: string },
    private readonly api: ApiOutputs,
  ) {
    this.cognito = new CognitoIdentityProviderClient(aws);
  }

  /** Makes somebody, and signs them in. */
  async signUp({ group, things = [] }: { group?: "admin" | "user"; things?: readonly string[] }): Promise<Person> {
    const email = `e2e-${randomBytes(6).toString("hex")}@example.com`;
    const password = demoPassword();
    const sub = await makeUser(this.aws, this.api, { email, password, group, things });
    this.emails.push(email);
    return { sub, email, password, ...(await this.signIn(email, password)) };
  }

  async signIn(email: string, password: string, ClientId = this.api.userPoolClientId): Promise<Tokens> {
    const { AuthenticationResult: result } = await this.cognito.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: "USER_PASSWORD_AUTH",
        AuthParameters: { USERNAME: email, PASSWORD: password },
      }),
    );
    return { accessToken: result!.AccessToken!, idToken: result!.IdToken!, refreshToken: result!.RefreshToken! };
  }

  /** A token that ends after two seconds, of which the local cloud knows no least; and when that is, in milliseconds. */
  async shortToken({ email, password }: Person): Promise<{ accessToken: string; ends: number }> {
    const where = { UserPoolId: this.api.userPoolId, ClientId: this.api.userPoolClientId };
    const { UserPoolClient } = await this.cognito.send(new DescribeUserPoolClientCommand(where));
    const { AccessTokenValidity, TokenValidityUnits } = UserPoolClient!;
    const set = (AccessTokenValidity: number | undefined, AccessToken: "seconds" | "minutes" | undefined) =>
      this.cognito.send(
        new UpdateUserPoolClientCommand({
          ...where,
          AccessTokenValidity,
          TokenValidityUnits: { ...TokenValidityUnits, AccessToken } as never,
        }),
      );
    await set(2, "seconds");
    try {
      const { accessToken } = await this.signIn(email, password);
      return { accessToken, ends: (claimsOf(accessToken).exp as number) * 1000 };
    } finally {
      await set(AccessTokenValidity, TokenValidityUnits?.AccessToken as "minutes");
    }
  }

  /** Signs somebody up as anybody could try to. */
  async signUpUninvited(): Promise<void> {
    const { userPoolClientId: ClientId } = this.api;
    const Username = `e2e-${randomBytes(6).toString("hex")}@example.com`;
    this.emails.push(Username);
    await this.cognito.send(new SignUpCommand({ ClientId, Username, Password: demoPassword() }));
  }

  /** What Cognito says to something it does not do; empty when it does. */
  async problemOf(act: () => Promise<unknown>): Promise<string> {
    return act().then(
      () => "",
      (error: Error) => error.message,
    );
  }

  async close(): Promise<void> {
    for (const Username of this.emails) {
      const user = { UserPoolId: this.api.userPoolId, Username };
      await this.cognito.send(new AdminDeleteUserCommand(user)).catch((error: Error) => {
        if (error.name !== "UserNotFoundException") throw error;
      });
    }
  }
}
