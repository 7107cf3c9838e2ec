import {
  APIGatewayClient,
  DeleteAuthorizerCommand,
  DeleteGatewayResponseCommand,
  DeleteMethodCommand,
  DeleteModelCommand,
  DeleteRequestValidatorCommand,
  DeleteResourceCommand,
  GetAuthorizersCommand,
  GetGatewayResponsesCommand,
  GetModelsCommand,
  GetRequestValidatorsCommand,
  GetResourcesCommand,
} from "@aws-sdk/client-api-gateway";
import type { Context } from "../../context";

/** Takes everything out of an API that a document brought into it; the root resource stays, as it always does. */
export async function clearApi(ctx: Context, restApiId: string): Promise<void> {
  const client = ctx.client(APIGatewayClient);
  const all = { restApiId, limit: 500 };
  const [resources, authorizers, models, validators, responses] = await Promise.all([
    client.send(new GetResourcesCommand(all)),
    client.send(new GetAuthorizersCommand(all)),
    client.send(new GetModelsCommand(all)),
    client.send(new GetRequestValidatorsCommand(all)),
    client.send(new GetGatewayResponsesCommand({ restApiId })),
  ]);
  const items = resources.items ?? [];
  const root = items.find(({ path }) => path === "/");
  await Promise.all([
    // A resource goes with those below it.
    ...items
      .filter(({ parentId }) => parentId === root?.id)
      .map(({ id }) => client.send(new DeleteResourceCommand({ restApiId, resourceId: id }))),
    ...Object.keys(root?.resourceMethods ?? {}).map((httpMethod) =>
      client.send(new DeleteMethodCommand({ restApiId, resourceId: root?.id, httpMethod })),
    ),
    ...(authorizers.items ?? []).map(({ id }) =>
      client.send(new DeleteAuthorizerCommand({ restApiId, authorizerId: id })),
    ),
    ...(models.items ?? []).map(({ name }) => client.send(new DeleteModelCommand({ restApiId, modelName: name }))),
    ...(validators.items ?? []).map(({ id }) =>
      client.send(new DeleteRequestValidatorCommand({ restApiId, requestValidatorId: id })),
    ),
    ...(responses.items ?? [])
      .filter(({ defaultResponse }) => !defaultResponse)
      .map(({ responseType }) => client.send(new DeleteGatewayResponseCommand({ restApiId, responseType }))),
  ]);
}
