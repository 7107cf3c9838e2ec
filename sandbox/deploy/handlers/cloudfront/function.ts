import {
  CloudFrontClient,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DescribeFunctionCommand,
  type FunctionConfig,
  GetFunctionCommand,
  PublishFunctionCommand,
  UpdateFunctionCommand,
} from "@aws-sdk/client-cloudfront";
import type { cloudfront } from "@pulumi/aws";
import { type Context, orGone } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";

/** What was written last; what is published of it is LIVE. */
const Stage = "DEVELOPMENT";

type FunctionInputs = Inputs<cloudfront.FunctionArgs>;

/** A function that runs at the edge. A distribution uses what is published, and so does the local cloud. */
export const edgeFunction: ResourceHandler<cloudfront.FunctionArgs, cloudfront.FunctionState> = {
  autoName: { property: "name", maxLength: 64 },
  replaceOn: ["name"],
  volatile: ["etag", "liveStageEtag", "status"],

  async create(inputs, ctx) {
    const Name = inputs.name!;
    await ctx.client(CloudFrontClient).send(new CreateFunctionCommand({ Name, ...content(inputs) }));
    return { id: Name, finish: () => publish(ctx, inputs) };
  },

  async read(Name, _state, ctx) {
    const client = ctx.client(CloudFrontClient);
    const described = await orGone(client.send(new DescribeFunctionCommand({ Name, Stage })));
    if (!described) return undefined;
    const { FunctionCode = [] } = await client.send(new GetFunctionCommand({ Name, Stage }));
    const live = await orGone(client.send(new DescribeFunctionCommand({ Name, Stage: "LIVE" })));
    const { FunctionConfig, FunctionMetadata, Status } = described.FunctionSummary!;
    return {
      name: Name,
      arn: FunctionMetadata?.FunctionARN,
      comment: FunctionConfig?.Comment,
      runtime: FunctionConfig?.Runtime,
      code: Buffer.from(FunctionCode).toString("utf8"),
      status: Status,
      etag: described.ETag,
      liveStageEtag: live?.ETag ?? "",
      publish: live !== undefined,
    };
  },

  async update(Name, news, _olds, ctx) {
    const client = ctx.client(CloudFrontClient);
    const { ETag: IfMatch } = await client.send(new DescribeFunctionCommand({ Name, Stage }));
    await client.send(new UpdateFunctionCommand({ Name, IfMatch, ...content(news) }));
    await publish(ctx, { ...news, name: Name });
  },

  async delete(Name, _state, ctx) {
    const client = ctx.client(CloudFrontClient);
    const found = await orGone(client.send(new DescribeFunctionCommand({ Name, Stage })));
    if (found) await orGone(client.send(new DeleteFunctionCommand({ Name, IfMatch: found.ETag })));
  },
};

const content = (inputs: FunctionInputs) => ({
  FunctionConfig: { Comment: inputs.comment ?? "", Runtime: inputs.runtime as FunctionConfig["Runtime"] },
  FunctionCode: Buffer.from(inputs.code!, "utf8"),
});

async function publish(ctx: Context, { name: Name, publish = true }: FunctionInputs): Promise<void> {
  if (!publish) return;
  const client = ctx.client(CloudFrontClient);
  const { ETag: IfMatch } = await client.send(new DescribeFunctionCommand({ Name, Stage }));
  await client.send(new PublishFunctionCommand({ Name, IfMatch }));
}
