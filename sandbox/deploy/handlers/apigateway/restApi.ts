import {
  APIGatewayClient,
  CreateRestApiCommand,
  type CreateRestApiCommandInput,
  DeleteRestApiCommand,
  GetResourcesCommand,
  GetRestApiCommand,
  GetTagsCommand,
  type PatchOperation,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateRestApiCommand,
} from "@aws-sdk/client-api-gateway";
import type { apigateway } from "@pulumi/aws";
import { orGone } from "../../context";
import type { ResourceHandler } from "../../handler";
import { updateTags } from "../../tags";
import { clearApi } from "./clearApi";
import { importDocument } from "./importDocument";

/**
 * A REST API, from an OpenAPI document. MiniStack's PutRestApi and ImportRestApi make no method, so the document is translated
 * into the calls that do: sandbox/deploy/handlers/apigateway/importDocument.ts.
 */
export const restApi: ResourceHandler<apigateway.RestApiArgs, apigateway.RestApiState> = {
  autoName: { property: "name" },
  tagged: true,
  notAtCreate: ["putRestApiMode"],

  async create(inputs, ctx) {
    const types = inputs.endpointConfiguration && [inputs.endpointConfiguration.types];
    const { id } = await ctx.client(APIGatewayClient).send(
      new CreateRestApiCommand({
        name: inputs.name,
        description: inputs.description,
        endpointConfiguration: types && ({ types } as CreateRestApiCommandInput["endpointConfiguration"]),
        tags: inputs.tagsAll,
      }),
    );
    const { body } = inputs;
    return { id: id!, finish: async () => body && importDocument(ctx, id!, body) };
  },

  async read(restApiId, _state, ctx) {
    const client = ctx.client(APIGatewayClient);
    const found = await orGone(client.send(new GetRestApiCommand({ restApiId })));
    if (!found) return undefined;
    const resourceArn = apiArn(ctx.region, restApiId);
    const [{ items = [] }, { tags }] = await Promise.all([
      client.send(new GetResourcesCommand({ restApiId, limit: 500 })),
      client.send(new GetTagsCommand({ resourceArn })),
    ]);
    return {
      arn: resourceArn,
      executionArn: ctx.arn("execute-api", restApiId),
      rootResourceId: items.find(({ path }) => path === "/")?.id,
      name: found.name,
      description: found.description,
      endpointConfiguration: { types: found.endpointConfiguration?.types?.[0] ?? "EDGE" },
      tagsAll: tags ?? {},
    };
  },

  async update(restApiId, news, olds, ctx) {
    const client = ctx.client(APIGatewayClient);
    const patchOperations: PatchOperation[] = [
      { op: "replace", path: "/name", value: news.name },
      { op: "replace", path: "/description", value: news.description ?? "" },
    ];
    await client.send(new UpdateRestApiCommand({ restApiId, patchOperations }));
    if (news.body !== olds.body) {
      await clearApi(ctx, restApiId);
      if (news.body) await importDocument(ctx, restApiId, news.body);
    }
    const resourceArn = apiArn(ctx.region, restApiId);
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (tags) => client.send(new TagResourceCommand({ resourceArn, tags })),
      remove: (tagKeys) => client.send(new UntagResourceCommand({ resourceArn, tagKeys })),
    });
  },

  async delete(restApiId, _state, ctx) {
    await orGone(ctx.client(APIGatewayClient).send(new DeleteRestApiCommand({ restApiId })));
  },
};

const apiArn = (region: string, restApiId: string) => `arn:aws:apigateway:${region}::/restapis/${restApiId}`;
