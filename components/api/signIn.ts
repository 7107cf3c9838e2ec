import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { groups } from "../../functions/signIn/authorizerDecision";
import { ArgumentErrors } from "../args/argumentErrors";
import { oneOf, wholeNumber } from "../args/checks";

export interface SignInArgs {
  /**
   * Whether users have a second factor (an authenticator app): `OFF`, `OPTIONAL` (each decides), or `ON` for all.
   * @default "OPTIONAL"
   */
  readonly mfa?: pulumi.Input<"OFF" | "OPTIONAL" | "ON">;
  /**
   * Whether people may sign up by themselves. Whoever does is in no group, and so may nothing, until an operator puts them
   * into one; the group `admin` is never given by itself.
   * @default false: an operator invites
   */
  readonly selfSignUp?: pulumi.Input<boolean>;
  /**
   * Minutes that an access token is taken, 5 to 1,440: how long someone who was taken out of a group keeps its rights.
   * @default 15
   */
  readonly accessTokenMinutes?: pulumi.Input<number>;
  /**
   * Days until a user has to sign in again, 1 to 3,650.
   * @default 7
   */
  readonly refreshTokenDays?: pulumi.Input<number>;
  /**
   * Whether the pool, and with it every user, is protected from deletion, by Pulumi and by Cognito.
   * @default false
   */
  readonly protectData?: boolean;
}

/**
 * Who may use the API and the console: a Cognito user pool, a client for both, and the groups `admin` and `user`.
 *
 * Users sign in with their e-mail address and a password of 12 characters or more of all four kinds. Nothing tells whether
 * an address is known. Refresh tokens can be revoked.
 *
 * ```ts
 * const signIn = new SignIn("people", { mfa: "ON" });
 * ```
 *
 * Then `aws cognito-idp admin-create-user` invites, and `admin-add-user-to-group` says what for: see docs/api.md.
 */
export class SignIn extends pulumi.ComponentResource {
  readonly userPool: aws.cognito.UserPool;
  /** For apps that can keep no secret: it has none. Signs in by SRP, or by password over TLS. */
  readonly client: aws.cognito.UserPoolClient;

  constructor(name: string, args: SignInArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:api:SignIn", name, {}, opts);
    const { mfa, accessTokenMinutes, refreshTokenDays } = checkArgs(name, args);
    const protect = args.protectData ?? false;

    this.userPool = new aws.cognito.UserPool(
      `${name}-pool`,
      {
        usernameAttributes: ["email"],
        usernameConfiguration: { caseSensitive: false },
        autoVerifiedAttributes: ["email"],
        adminCreateUserConfig: {
          allowAdminCreateUserOnly: pulumi.output(args.selfSignUp ?? false).apply((open) => !open),
        },
        passwordPolicy: {
          minimumLength: 12,
          requireLowercase: true,
          requireUppercase: true,
          requireNumbers: true,
          requireSymbols: true,
          temporaryPasswordValidityDays: 3,
        },
        mfaConfiguration: mfa,
        softwareTokenMfaConfiguration: mfa.apply((when) => ({ enabled: when !== "OFF" })),
        accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
        deletionProtection: protect ? "ACTIVE" : "INACTIVE",
      },
      { parent: this, protect },
    );
    this.client = new aws.cognito.UserPoolClient(
      `${name}-client`,
      {
        userPoolId: this.userPool.id,
        generateSecret: false,
        explicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        preventUserExistenceErrors: "ENABLED",
        enableTokenRevocation: true,
        accessTokenValidity: accessTokenMinutes,
        idTokenValidity: accessTokenMinutes,
        refreshTokenValidity: refreshTokenDays,
        tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "days" },
      },
      { parent: this },
    );
    for (const [group, description] of Object.entries(descriptions)) {
      new aws.cognito.UserGroup(
        `${name}-${group}`,
        { userPoolId: this.userPool.id, name: group, description },
        { parent: this },
      );
    }
    this.registerOutputs({ userPool: this.userPool, client: this.client });
  }
}

const descriptions: Readonly<Record<keyof typeof groups, string>> = {
  admin: "May use every route of the API, and every thing",
  user: "May use their own things",
};

function checkArgs(name: string, args: SignInArgs) {
  const errors = new ArgumentErrors(`SignIn ${JSON.stringify(name)}`);
  const checked = {
    mfa: errors.input<string>("mfa", args.mfa, "OPTIONAL", oneOf(["OFF", "OPTIONAL", "ON"])),
    accessTokenMinutes: errors.input(
      "accessTokenMinutes",
      args.accessTokenMinutes,
      15,
      wholeNumber(5, 1440, "minutes"),
    ),
    refreshTokenDays: errors.input("refreshTokenDays", args.refreshTokenDays, 7, wholeNumber(1, 3650, "days")),
  };
  errors.throwIfAny();
  return checked;
}
