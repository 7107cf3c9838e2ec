import type { Config } from "../config";

export interface Tokens {
  readonly accessToken: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Absent in the answer to a refresh: the old one goes on. */
  readonly refreshToken?: string;
}

/** What Cognito wants to know before it gives tokens. `session` belongs into the answer. */
export interface Challenge {
  readonly name: "NEW_PASSWORD_REQUIRED" | "SOFTWARE_TOKEN_MFA" | "MFA_SETUP";
  readonly session: string;
  readonly username: string;
}

export type Step = { readonly tokens: Tokens } | { readonly challenge: Challenge };

/** Cognito refused. `code` is its name of the error, e.g. `NotAuthorizedException`. */
export class SignInError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

interface AuthAnswer {
  readonly ChallengeName?: string;
  readonly Session?: string;
  readonly ChallengeParameters?: Readonly<Record<string, string>>;
  readonly AuthenticationResult?: {
    readonly AccessToken: string;
    readonly ExpiresIn: number;
    readonly RefreshToken?: string;
  };
}

/**
 * Sign-in against the user pool's own interface: six calls, for which the SDK would bring more script than the whole page
 * has. {@link https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html}
 */
export class Cognito {
  constructor(private readonly config: Pick<Config, "cognitoEndpoint" | "userPoolClientId">) {}

  async signIn(username: string, password: string): Promise<Step> {
    const answer = await this.call<AuthAnswer>("InitiateAuth", {
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: this.config.userPoolClientId,
      AuthParameters: { USERNAME: username, PASSWORD: password },
    });
    return stepOf(answer, username);
  }

  /** A password of the person's own, instead of the one that they were sent. */
  setNewPassword(challenge: Challenge, password: string): Promise<Step> {
    return this.respond(challenge, { NEW_PASSWORD: password });
  }

  /** The six digits of the authenticator app. */
  enterCode(challenge: Challenge, code: string): Promise<Step> {
    return this.respond(challenge, { SOFTWARE_TOKEN_MFA_CODE: code });
  }

  /** The secret to type into an authenticator app; `verifyApp` ends what this begins. */
  async setUpApp(challenge: Challenge): Promise<{ secret: string; challenge: Challenge }> {
    const { SecretCode, Session } = await this.call<{ SecretCode: string; Session: string }>("AssociateSoftwareToken", {
      Session: challenge.session,
    });
    return { secret: SecretCode, challenge: { ...challenge, session: Session } };
  }

  async verifyApp(challenge: Challenge, code: string): Promise<Step> {
    const { Session } = await this.call<{ Session: string }>("VerifySoftwareToken", {
      Session: challenge.session,
      UserCode: code,
      FriendlyDeviceName: "console",
    });
    return this.respond({ ...challenge, session: Session }, {});
  }

  async refresh(refreshToken: string): Promise<Tokens> {
    const answer = await this.call<AuthAnswer>("InitiateAuth", {
      AuthFlow: "REFRESH_TOKEN_AUTH",
      ClientId: this.config.userPoolClientId,
      AuthParameters: { REFRESH_TOKEN: refreshToken },
    });
    const step = stepOf(answer, "");
    if ("challenge" in step) throw new SignInError(step.challenge.name, "Please sign in again.");
    return step.tokens;
  }

  /** Ends what the refresh token can do, and the access tokens that came from it. */
  async revoke(refreshToken: string): Promise<void> {
    await this.call("RevokeToken", { Token: refreshToken, ClientId: this.config.userPoolClientId });
  }

  private async respond({ name, session, username }: Challenge, answers: Record<string, string>): Promise<Step> {
    const answer = await this.call<AuthAnswer>("RespondToAuthChallenge", {
      ClientId: this.config.userPoolClientId,
      ChallengeName: name,
      Session: session,
      ChallengeResponses: { USERNAME: username, ...answers },
    });
    return stepOf(answer, username);
  }

  private async call<T>(operation: string, input: object): Promise<T> {
    const answer = await fetch(this.config.cognitoEndpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify(input),
      credentials: "omit",
    }).catch((error) => {
      throw new SignInError("Unreachable", `The sign-in service cannot be reached (${(error as Error).message}).`);
    });
    const body = await answer.json().catch(() => ({}));
    if (answer.ok) return body;
    const code = String(body.__type ?? `HTTP ${answer.status}`).replace(/^.*#/, "");
    throw new SignInError(code, messageOf(code, body.message ?? body.Message));
  }
}

function stepOf({ AuthenticationResult: result, ...answer }: AuthAnswer, username: string): Step {
  if (result) {
    return {
      tokens: {
        accessToken: result.AccessToken,
        expiresAt: Date.now() + result.ExpiresIn * 1000,
        refreshToken: result.RefreshToken,
      },
    };
  }
  const name = answer.ChallengeName as Challenge["name"];
  if (!["NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA", "MFA_SETUP"].includes(name)) {
    throw new SignInError(
      name,
      `This console cannot answer the challenge ${name}; ask an administrator of the user pool.`,
    );
  }
  return {
    challenge: {
      name,
      session: answer.Session ?? "",
      // Who signed in by e-mail address has another name in the pool, and challenges are answered by that one.
      username: answer.ChallengeParameters?.USER_ID_FOR_SRP ?? username,
    },
  };
}

/** Cognito's own words where they help; and no hint whether a name exists. */
function messageOf(code: string, said: string | undefined): string {
  switch (code) {
    case "NotAuthorizedException":
    case "UserNotFoundException":
      return "E-mail address or password is wrong.";
    case "CodeMismatchException":
    case "EnableSoftwareTokenMFAException":
      return "That code is not right, or no longer. Take the one that your app shows now.";
    case "PasswordResetRequiredException":
      return "An administrator has reset your password. Ask them for the new one.";
    case "TooManyRequestsException":
    case "LimitExceededException":
      return "Too many attempts. Wait a minute, and try again.";
    default:
      return said ?? `Sign-in failed (${code}).`;
  }
}
