import {
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  type CreateUserPoolClientCommandInput,
  CreateUserPoolCommand,
  type CreateUserPoolCommandInput,
  DeleteGroupCommand,
  DeleteUserPoolClientCommand,
  DeleteUserPoolCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  GetGroupCommand,
  GetUserPoolMfaConfigCommand,
  SetUserPoolMfaConfigCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateUserPoolClientCommand,
  UpdateUserPoolCommand,
  type UserPoolMfaType,
} from "@aws-sdk/client-cognito-identity-provider";
import type { cognito } from "@pulumi/aws";
import { type Context, orGone } from "../context";
import type { Handlers, Inputs, ResourceHandler } from "../handler";
import { updateTags } from "../tags";

type Pool = Inputs<cognito.UserPoolArgs>;

const userPool: ResourceHandler<cognito.UserPoolArgs, cognito.UserPoolState> = {
  autoName: { property: "name", maxLength: 128 },
  tagged: true,
  replaceOn: ["usernameAttributes", "aliasAttributes", "usernameConfiguration"],

  async create(inputs, ctx) {
    const { UserPool } = await ctx.client(CognitoIdentityProviderClient).send(
      new CreateUserPoolCommand({
        PoolName: inputs.name as string,
        UsernameAttributes: inputs.usernameAttributes as CreateUserPoolCommandInput["UsernameAttributes"],
        UsernameConfiguration: inputs.usernameConfiguration && {
          CaseSensitive: inputs.usernameConfiguration.caseSensitive,
        },
        UserPoolTags: inputs.tagsAll,
        ...poolSettings(inputs),
      }),
    );
    return { id: UserPool!.Id!, finish: () => setMfa(ctx, UserPool!.Id!, inputs) };
  },

  async read(UserPoolId, _state, ctx) {
    const client = ctx.client(CognitoIdentityProviderClient);
    const found = (await orGone(client.send(new DescribeUserPoolCommand({ UserPoolId }))))?.UserPool;
    if (!found) return undefined;
    const mfa = await client.send(new GetUserPoolMfaConfigCommand({ UserPoolId }));
    const password = found.Policies?.PasswordPolicy;
    return {
      arn: found.Arn,
      name: found.Name,
      endpoint: `cognito-idp.${ctx.region}.amazonaws.com/${UserPoolId}`,
      usernameAttributes: found.UsernameAttributes,
      usernameConfiguration: found.UsernameConfiguration && {
        caseSensitive: found.UsernameConfiguration.CaseSensitive ?? false,
      },
      autoVerifiedAttributes: found.AutoVerifiedAttributes,
      adminCreateUserConfig: {
        allowAdminCreateUserOnly: found.AdminCreateUserConfig?.AllowAdminCreateUserOnly ?? false,
      },
      passwordPolicy: password && {
        minimumLength: password.MinimumLength,
        requireLowercase: password.RequireLowercase ?? false,
        requireUppercase: password.RequireUppercase ?? false,
        requireNumbers: password.RequireNumbers ?? false,
        requireSymbols: password.RequireSymbols ?? false,
        temporaryPasswordValidityDays: password.TemporaryPasswordValidityDays,
      },
      mfaConfiguration: mfa.MfaConfiguration,
      softwareTokenMfaConfiguration: { enabled: mfa.SoftwareTokenMfaConfiguration?.Enabled ?? false },
      accountRecoverySetting: {
        recoveryMechanisms: found.AccountRecoverySetting?.RecoveryMechanisms?.map(({ Name, Priority }) => ({
          name: Name!,
          priority: Priority!,
        })),
      },
      deletionProtection: found.DeletionProtection,
      tagsAll: found.UserPoolTags ?? {},
    };
  },

  async update(UserPoolId, news, olds, ctx) {
    const client = ctx.client(CognitoIdentityProviderClient);
    await client.send(new UpdateUserPoolCommand({ UserPoolId, ...poolSettings(news) }));
    await setMfa(ctx, UserPoolId, news);
    const ResourceArn = olds.arn;
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (Tags) => client.send(new TagResourceCommand({ ResourceArn, Tags })),
      remove: (TagKeys) => client.send(new UntagResourceCommand({ ResourceArn, TagKeys })),
    });
  },

  async delete(UserPoolId, _state, ctx) {
    await orGone(ctx.client(CognitoIdentityProviderClient).send(new DeleteUserPoolCommand({ UserPoolId })));
  },
};

/** What can be set at creation and changed later. */
const poolSettings = (inputs: Pool) => ({
  AutoVerifiedAttributes: inputs.autoVerifiedAttributes as CreateUserPoolCommandInput["AutoVerifiedAttributes"],
  AdminCreateUserConfig: inputs.adminCreateUserConfig && {
    AllowAdminCreateUserOnly: inputs.adminCreateUserConfig.allowAdminCreateUserOnly,
  },
  Policies: inputs.passwordPolicy && {
    PasswordPolicy: {
      MinimumLength: inputs.passwordPolicy.minimumLength,
      RequireLowercase: inputs.passwordPolicy.requireLowercase,
      RequireUppercase: inputs.passwordPolicy.requireUppercase,
      RequireNumbers: inputs.passwordPolicy.requireNumbers,
      RequireSymbols: inputs.passwordPolicy.requireSymbols,
      TemporaryPasswordValidityDays: inputs.passwordPolicy.temporaryPasswordValidityDays,
    },
  },
  AccountRecoverySetting: inputs.accountRecoverySetting && {
    RecoveryMechanisms: inputs.accountRecoverySetting.recoveryMechanisms?.map(({ name, priority }) => ({
      Name: name as "verified_email",
      Priority: priority,
    })),
  },
  DeletionProtection: inputs.deletionProtection as CreateUserPoolCommandInput["DeletionProtection"],
});

async function setMfa(ctx: Context, UserPoolId: string, inputs: Pool): Promise<void> {
  const { mfaConfiguration = "OFF", softwareTokenMfaConfiguration: software } = inputs;
  await ctx.client(CognitoIdentityProviderClient).send(
    new SetUserPoolMfaConfigCommand({
      UserPoolId,
      MfaConfiguration: mfaConfiguration as UserPoolMfaType,
      SoftwareTokenMfaConfiguration: software && { Enabled: software.enabled },
    }),
  );
}

const userPoolClient: ResourceHandler<cognito.UserPoolClientArgs, cognito.UserPoolClientState> = {
  autoName: { property: "name", maxLength: 128 },
  replaceOn: ["userPoolId", "generateSecret"],
  secretOutputs: ["clientSecret"],

  async create(inputs, ctx) {
    const { UserPoolClient } = await ctx
      .client(CognitoIdentityProviderClient)
      .send(new CreateUserPoolClientCommand({ GenerateSecret: inputs.generateSecret, ...clientSettings(inputs) }));
    return UserPoolClient!.ClientId!;
  },

  async read(ClientId, state, ctx) {
    const { UserPoolClient: found } =
      (await orGone(
        ctx
          .client(CognitoIdentityProviderClient)
          .send(new DescribeUserPoolClientCommand({ ClientId, UserPoolId: state.userPoolId })),
      )) ?? {};
    if (!found) return undefined;
    const { TokenValidityUnits: units } = found;
    return {
      userPoolId: found.UserPoolId,
      name: found.ClientName,
      generateSecret: found.ClientSecret !== undefined,
      clientSecret: found.ClientSecret,
      explicitAuthFlows: found.ExplicitAuthFlows,
      preventUserExistenceErrors: found.PreventUserExistenceErrors,
      enableTokenRevocation: found.EnableTokenRevocation,
      accessTokenValidity: found.AccessTokenValidity,
      idTokenValidity: found.IdTokenValidity,
      refreshTokenValidity: found.RefreshTokenValidity,
      tokenValidityUnits: units && {
        accessToken: units.AccessToken,
        idToken: units.IdToken,
        refreshToken: units.RefreshToken,
      },
    };
  },

  async update(ClientId, news, _olds, ctx) {
    await ctx
      .client(CognitoIdentityProviderClient)
      .send(new UpdateUserPoolClientCommand({ ClientId, ...clientSettings(news) }));
  },

  async delete(ClientId, state, ctx) {
    await orGone(
      ctx
        .client(CognitoIdentityProviderClient)
        .send(new DeleteUserPoolClientCommand({ ClientId, UserPoolId: state.userPoolId })),
    );
  },
};

const clientSettings = (inputs: Inputs<cognito.UserPoolClientArgs>) => ({
  UserPoolId: inputs.userPoolId,
  ClientName: inputs.name as string,
  ExplicitAuthFlows: inputs.explicitAuthFlows as CreateUserPoolClientCommandInput["ExplicitAuthFlows"],
  PreventUserExistenceErrors:
    inputs.preventUserExistenceErrors as CreateUserPoolClientCommandInput["PreventUserExistenceErrors"],
  EnableTokenRevocation: inputs.enableTokenRevocation,
  AccessTokenValidity: inputs.accessTokenValidity,
  IdTokenValidity: inputs.idTokenValidity,
  RefreshTokenValidity: inputs.refreshTokenValidity,
  TokenValidityUnits: inputs.tokenValidityUnits && {
    AccessToken: inputs.tokenValidityUnits.accessToken as "minutes",
    IdToken: inputs.tokenValidityUnits.idToken as "minutes",
    RefreshToken: inputs.tokenValidityUnits.refreshToken as "days",
  },
});

/** MiniStack has no UpdateGroup, so every change replaces. */
const userGroup: ResourceHandler<cognito.UserGroupArgs, cognito.UserGroupState> = {
  autoName: { property: "name", maxLength: 128 },
  deleteBeforeReplace: true,

  async create(inputs, ctx) {
    await ctx.client(CognitoIdentityProviderClient).send(
      new CreateGroupCommand({
        UserPoolId: inputs.userPoolId,
        GroupName: inputs.name,
        Description: inputs.description,
        Precedence: inputs.precedence,
        RoleArn: inputs.roleArn,
      }),
    );
    return `${inputs.userPoolId}/${inputs.name}`;
  },

  async read(id, _state, ctx) {
    const [UserPoolId, GroupName] = id.split("/");
    const found = await orGone(
      ctx.client(CognitoIdentityProviderClient).send(new GetGroupCommand({ UserPoolId, GroupName })),
    );
    const group = found?.Group;
    return (
      group && {
        userPoolId: UserPoolId,
        name: GroupName,
        description: group.Description,
        precedence: group.Precedence,
        roleArn: group.RoleArn,
      }
    );
  },

  async delete(id, _state, ctx) {
    const [UserPoolId, GroupName] = id.split("/");
    await orGone(ctx.client(CognitoIdentityProviderClient).send(new DeleteGroupCommand({ UserPoolId, GroupName })));
  },
};

export const handlers: Handlers = {
  "aws:cognito/userPool:UserPool": userPool,
  "aws:cognito/userPoolClient:UserPoolClient": userPoolClient,
  "aws:cognito/userGroup:UserGroup": userGroup,
};
