import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetAliasCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";
import type { lambda } from "@pulumi/aws";
import { type Context, orGone } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";
import { invokeArn } from "./function";

interface Statement {
  readonly Sid: string;
  readonly Action: string;
  readonly Principal: string | { readonly Service?: string; readonly AWS?: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** One statement of a function's policy; every change replaces it. */
export const permission: ResourceHandler<lambda.PermissionArgs, lambda.PermissionState> = {
  autoName: { property: "statementId", maxLength: 100 },

  async create(inputs, ctx) {
    await ctx.client(LambdaClient).send(
      new AddPermissionCommand({
        FunctionName: inputs.function,
        StatementId: inputs.statementId,
        Action: inputs.action,
        Principal: inputs.principal,
        SourceArn: inputs.sourceArn,
        SourceAccount: inputs.sourceAccount,
        PrincipalOrgID: inputs.principalOrgId,
        EventSourceToken: inputs.eventSourceToken,
        FunctionUrlAuthType: inputs.functionUrlAuthType as AddPermissionCommandInput["FunctionUrlAuthType"],
        Qualifier: inputs.qualifier,
      }),
    );
    return inputs.statementId!;
  },

  async read(StatementId, state, ctx) {
    const found = await orGone(
      ctx.client(LambdaClient).send(new GetPolicyCommand({ FunctionName: state.function, Qualifier: state.qualifier })),
    );
    const statements: Statement[] = JSON.parse(found?.Policy ?? "{}").Statement ?? [];
    const statement = statements.find((one) => one.Sid === StatementId);
    if (!statement) return undefined;
    const { Principal: principal, Condition: condition = {} } = statement;
    return {
      statementId: StatementId,
      action: statement.Action,
      principal: typeof principal === "string" ? principal : (principal.Service ?? principal.AWS),
      sourceArn: condition.ArnLike?.["AWS:SourceArn"],
      sourceAccount: condition.StringEquals?.["AWS:SourceAccount"],
    };
  },

  async delete(StatementId, state, ctx) {
    const where = { FunctionName: state.function, Qualifier: state.qualifier };
    await orGone(ctx.client(LambdaClient).send(new RemovePermissionCommand({ ...where, StatementId })));
  },
};

export const functionEventInvokeConfig: ResourceHandler<
  lambda.FunctionEventInvokeConfigArgs,
  lambda.FunctionEventInvokeConfigState
> = {
  replaceOn: ["functionName", "qualifier"],

  async create(inputs, ctx) {
    await putInvokeConfig(ctx, inputs);
    return inputs.qualifier ? `${inputs.functionName}:${inputs.qualifier}` : inputs.functionName;
  },

  async read(_id, state, ctx) {
    const found = await orGone(
      ctx
        .client(LambdaClient)
        .send(
          new GetFunctionEventInvokeConfigCommand({ FunctionName: state.functionName, Qualifier: state.qualifier }),
        ),
    );
    if (!found) return undefined;
    const { OnFailure, OnSuccess } = found.DestinationConfig ?? {};
    return {
      maximumEventAgeInSeconds: found.MaximumEventAgeInSeconds,
      maximumRetryAttempts: found.MaximumRetryAttempts,
      destinationConfig: {
        onFailure: OnFailure?.Destination ? { destination: OnFailure.Destination } : undefined,
        onSuccess: OnSuccess?.Destination ? { destination: OnSuccess.Destination } : undefined,
      },
    };
  },

  update: (_id, news, _olds, ctx) => putInvokeConfig(ctx, news),

  async delete(_id, state, ctx) {
    const where = { FunctionName: state.functionName, Qualifier: state.qualifier };
    await orGone(ctx.client(LambdaClient).send(new DeleteFunctionEventInvokeConfigCommand(where)));
  },
};

async function putInvokeConfig(ctx: Context, inputs: Inputs<lambda.FunctionEventInvokeConfigArgs>): Promise<void> {
  const { onFailure, onSuccess } = inputs.destinationConfig ?? {};
  await ctx.client(LambdaClient).send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: inputs.functionName,
      Qualifier: inputs.qualifier,
      MaximumEventAgeInSeconds: inputs.maximumEventAgeInSeconds,
      MaximumRetryAttempts: inputs.maximumRetryAttempts ?? 2,
      DestinationConfig: {
        ...(onFailure && { OnFailure: { Destination: onFailure.destination } }),
        ...(onSuccess && { OnSuccess: { Destination: onSuccess.destination } }),
      },
    }),
  );
}

export const alias: ResourceHandler<lambda.AliasArgs, lambda.AliasState> = {
  autoName: { property: "name" },
  replaceOn: ["name", "functionName"],

  async create(inputs, ctx) {
    const { AliasArn } = await ctx
      .client(LambdaClient)
      .send(new CreateAliasCommand({ FunctionName: inputs.functionName, Name: inputs.name, ...aliasTarget(inputs) }));
    return AliasArn!;
  },

  async read(arn, _state, ctx) {
    const [FunctionName, Name] = aliasOf(arn);
    const found = await orGone(ctx.client(LambdaClient).send(new GetAliasCommand({ FunctionName, Name })));
    if (!found) return undefined;
    const weights = found.RoutingConfig?.AdditionalVersionWeights;
    return {
      arn,
      invokeArn: invokeArn(ctx, arn),
      name: Name,
      functionVersion: found.FunctionVersion,
      description: found.Description,
      routingConfig: weights && { additionalVersionWeights: weights },
    };
  },

  async update(arn, news, _olds, ctx) {
    const [FunctionName, Name] = aliasOf(arn);
    await ctx.client(LambdaClient).send(new UpdateAliasCommand({ FunctionName, Name, ...aliasTarget(news) }));
  },

  async delete(arn, _state, ctx) {
    const [FunctionName, Name] = aliasOf(arn);
    await orGone(ctx.client(LambdaClient).send(new DeleteAliasCommand({ FunctionName, Name })));
  },
};

const aliasTarget = (inputs: Inputs<lambda.AliasArgs>) => ({
  FunctionVersion: inputs.functionVersion,
  Description: inputs.description ?? "",
  RoutingConfig: { AdditionalVersionWeights: inputs.routingConfig?.additionalVersionWeights ?? {} },
});

/** Function and alias of `arn:aws:lambda:<region>:<account>:function:<function>:<alias>`. */
function aliasOf(arn: string): [string, string] {
  const [name, alias] = arn.split(":").slice(-2);
  return [name!, alias!];
}
