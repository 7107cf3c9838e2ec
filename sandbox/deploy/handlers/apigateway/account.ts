import { APIGatewayClient, GetAccountCommand, UpdateAccountCommand } from "@aws-sdk/client-api-gateway";
import type { apigateway } from "@pulumi/aws";
import type { Context } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";

/** A setting of the account and region, of which there is always one; deleting the resource leaves it as it is. */
export const account: ResourceHandler<apigateway.AccountArgs, apigateway.AccountState> = {
  async create(inputs, ctx) {
    await setRole(ctx, inputs);
    return "api-gateway-account";
  },

  async read(_id, _state, ctx) {
    const found = await ctx.client(APIGatewayClient).send(new GetAccountCommand({}));
    return { cloudwatchRoleArn: found.cloudwatchRoleArn };
  },

  update: (_id, news, _olds, ctx) => setRole(ctx, news),

  async delete() {},
};

async function setRole(ctx: Context, { cloudwatchRoleArn = "" }: Inputs<apigateway.AccountArgs>): Promise<void> {
  await ctx.client(APIGatewayClient).send(
    new UpdateAccountCommand({
      patchOperations: [{ op: "replace", path: "/cloudwatchRoleArn", value: cloudwatchRoleArn }],
    }),
  );
}
