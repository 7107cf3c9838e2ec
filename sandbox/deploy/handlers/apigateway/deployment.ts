import {
  APIGatewayClient,
  CreateDeploymentCommand,
  DeleteDeploymentCommand,
  GetDeploymentCommand,
  UpdateDeploymentCommand,
} from "@aws-sdk/client-api-gateway";
import type { apigateway } from "@pulumi/aws";
import { orGone } from "../../context";
import type { ResourceHandler } from "../../handler";

/** A snapshot of an API. MiniStack keeps only the gateway responses in it; paths and methods count at once. */
export const deployment: ResourceHandler<apigateway.DeploymentArgs, apigateway.DeploymentState> = {
  replaceOn: ["restApi", "triggers", "variables"],
  notAtCreate: ["triggers"],

  async create(inputs, ctx) {
    const { id } = await ctx.client(APIGatewayClient).send(
      new CreateDeploymentCommand({
        restApiId: inputs.restApi,
        description: inputs.description,
        variables: inputs.variables,
      }),
    );
    return id!;
  },

  async read(deploymentId, state, ctx) {
    const found = await orGone(
      ctx.client(APIGatewayClient).send(new GetDeploymentCommand({ restApiId: state.restApi as string, deploymentId })),
    );
    return (
      found && { restApi: state.restApi, description: found.description, createdDate: found.createdDate?.toISOString() }
    );
  },

  async update(deploymentId, news, _olds, ctx) {
    await ctx.client(APIGatewayClient).send(
      new UpdateDeploymentCommand({
        restApiId: news.restApi,
        deploymentId,
        patchOperations: [{ op: "replace", path: "/description", value: news.description ?? "" }],
      }),
    );
  },

  async delete(deploymentId, state, ctx) {
    const restApiId = state.restApi as string;
    await orGone(ctx.client(APIGatewayClient).send(new DeleteDeploymentCommand({ restApiId, deploymentId })));
  },
};
