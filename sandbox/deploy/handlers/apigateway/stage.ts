import {
  APIGatewayClient,
  CreateStageCommand,
  DeleteStageCommand,
  GetStageCommand,
  GetTagsCommand,
  type PatchOperation,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import type { apigateway } from "@pulumi/aws";
import { type Context, orGone } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";
import { updateTags } from "../../tags";

/** A stage is `ags-<api>-<stage>` to the AWS provider. */
export const stage: ResourceHandler<apigateway.StageArgs, apigateway.StageState> = {
  tagged: true,
  replaceOn: ["restApi", "stageName"],

  async create(inputs, ctx) {
    const { canarySettings: canary } = inputs;
    const restApiId = inputs.restApi;
    await ctx.client(APIGatewayClient).send(
      new CreateStageCommand({
        restApiId,
        stageName: inputs.stageName,
        deploymentId: inputs.deployment,
        description: inputs.description,
        variables: inputs.variables,
        tracingEnabled: inputs.xrayTracingEnabled,
        canarySettings: canary && {
          deploymentId: canary.deploymentId,
          percentTraffic: canary.percentTraffic,
          stageVariableOverrides: canary.stageVariableOverrides,
          useStageCache: canary.useStageCache,
        },
      }),
    );
    const log = inputs.accessLogSettings;
    const finish = async () => {
      const resourceArn = stageArn(ctx, restApiId, inputs.stageName);
      await ctx.client(APIGatewayClient).send(new TagResourceCommand({ resourceArn, tags: inputs.tagsAll ?? {} }));
      if (log) await patch(ctx, restApiId, inputs.stageName, accessLog(log.destinationArn, log.format));
    };
    return { id: `ags-${restApiId}-${inputs.stageName}`, finish };
  },

  async read(_id, state, ctx) {
    const restApiId = state.restApi as string;
    const client = ctx.client(APIGatewayClient);
    const found = await orGone(client.send(new GetStageCommand({ restApiId, stageName: state.stageName })));
    if (!found) return undefined;
    const { accessLogSettings: log, canarySettings: canary } = found;
    const arn = stageArn(ctx, restApiId, found.stageName!);
    const { tags } = await client.send(new GetTagsCommand({ resourceArn: arn }));
    const executionArn = `${ctx.arn("execute-api", restApiId)}/${found.stageName}`;
    return {
      arn,
      executionArn,
      invokeUrl: `${await endpointOf(client)}/_aws/execute-api/${restApiId}/${found.stageName}`,
      restApi: restApiId,
      stageName: found.stageName,
      deployment: found.deploymentId,
      description: found.description,
      variables: found.variables,
      xrayTracingEnabled: found.tracingEnabled ?? false,
      accessLogSettings: log?.destinationArn ? { destinationArn: log.destinationArn, format: log.format! } : undefined,
      canarySettings: canary && { deploymentId: canary.deploymentId!, percentTraffic: canary.percentTraffic },
      tagsAll: tags ?? {},
    };
  },

  async update(_id, news, olds, ctx) {
    const restApiId = news.restApi;
    const log = news.accessLogSettings;
    const removed = Object.keys(olds.variables ?? {}).filter((name) => !(name in (news.variables ?? {})));
    await patch(ctx, restApiId, news.stageName, [
      { op: "replace", path: "/deploymentId", value: news.deployment },
      { op: "replace", path: "/description", value: news.description ?? "" },
      { op: "replace", path: "/tracingEnabled", value: String(news.xrayTracingEnabled ?? false) },
      ...removed.map((name) => ({ op: "remove" as const, path: `/variables/${name}` })),
      ...Object.entries(news.variables ?? {}).map(([name, value]) => ({
        op: "replace" as const,
        path: `/variables/${name}`,
        value,
      })),
      ...(log ? accessLog(log.destinationArn, log.format) : [{ op: "remove" as const, path: "/accessLogSettings" }]),
    ]);
    const resourceArn = stageArn(ctx, restApiId, news.stageName);
    const client = ctx.client(APIGatewayClient);
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (tags) => client.send(new TagResourceCommand({ resourceArn, tags })),
      remove: (tagKeys) => client.send(new UntagResourceCommand({ resourceArn, tagKeys })),
    });
  },

  async delete(_id, state, ctx) {
    const where = { restApiId: state.restApi as string, stageName: state.stageName };
    await orGone(ctx.client(APIGatewayClient).send(new DeleteStageCommand(where)));
  },
};

const accessLog = (destinationArn: string, format: string): PatchOperation[] => [
  { op: "replace", path: "/accessLogSettings/destinationArn", value: destinationArn },
  { op: "replace", path: "/accessLogSettings/format", value: format },
];

const stageArn = (ctx: Context, restApiId: string, name: string) =>
  `arn:aws:apigateway:${ctx.region}::/restapis/${restApiId}/stages/${name}`;

/** The front door, which is all that the SDK client of a context talks to. */
async function endpointOf(client: APIGatewayClient): Promise<string> {
  const { protocol, hostname, port } = await client.config.endpoint!();
  return `${protocol}//${hostname}:${port}`;
}

const settings = {
  metricsEnabled: "metrics/enabled",
  loggingLevel: "logging/loglevel",
  dataTraceEnabled: "logging/dataTrace",
  throttlingBurstLimit: "throttling/burstLimit",
  throttlingRateLimit: "throttling/rateLimit",
} as const;

/** Settings of some methods of a stage, by `<resource path>/<method>`; an asterisk stands for all. */
export const methodSettings: ResourceHandler<apigateway.MethodSettingsArgs, apigateway.MethodSettingsState> = {
  replaceOn: ["restApi", "stageName", "methodPath"],

  async create(inputs, ctx) {
    await patch(ctx, inputs.restApi, inputs.stageName, settingOperations(inputs));
    return `${inputs.restApi}-${inputs.stageName}-${inputs.methodPath}`;
  },

  async read(_id, state, ctx) {
    const { stageName, methodPath } = state;
    const restApiId = state.restApi as string;
    const found = await orGone(ctx.client(APIGatewayClient).send(new GetStageCommand({ restApiId, stageName })));
    const all = found?.methodSettings?.[methodPath!];
    if (!all) return undefined;
    const known = Object.keys(settings).map((name) => [name, all[name as keyof typeof settings]]);
    return { restApi: restApiId, stageName, methodPath, settings: Object.fromEntries(known) };
  },

  async update(_id, news, _olds, ctx) {
    await patch(ctx, news.restApi, news.stageName, settingOperations(news));
  },

  async delete(_id, state, ctx) {
    const remove = [{ op: "remove" as const, path: pointer(state.methodPath!) }];
    await orGone(patch(ctx, state.restApi as string, state.stageName!, remove));
  },
};

function settingOperations({ methodPath, settings: said }: Inputs<apigateway.MethodSettingsArgs>): PatchOperation[] {
  return Object.entries(settings).flatMap(([name, path]) => {
    const value = said[name as keyof typeof settings];
    return value === undefined ? [] : [{ op: "replace", path: `${pointer(methodPath)}/${path}`, value: String(value) }];
  });
}

/** `things/{thingName}/GET` as the JSON pointer of a patch: the slashes of the resource's path are escaped. */
function pointer(methodPath: string): string {
  const at = methodPath.lastIndexOf("/");
  return `/${methodPath.slice(0, at).replace(/\//g, "~1")}/${methodPath.slice(at + 1)}`;
}

const patch = (ctx: Context, restApiId: string, stageName: string, patchOperations: PatchOperation[]) =>
  ctx.client(APIGatewayClient).send(new UpdateStageCommand({ restApiId, stageName, patchOperations }));
