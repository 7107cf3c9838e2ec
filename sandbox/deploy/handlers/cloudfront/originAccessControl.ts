import {
  CloudFrontClient,
  CreateOriginAccessControlCommand,
  DeleteOriginAccessControlCommand,
  GetOriginAccessControlCommand,
  type OriginAccessControlConfig,
  UpdateOriginAccessControlCommand,
} from "@aws-sdk/client-cloudfront";
import type { cloudfront } from "@pulumi/aws";
import { orGone } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";

export const originAccessControl: ResourceHandler<
  cloudfront.OriginAccessControlArgs,
  cloudfront.OriginAccessControlState
> = {
  autoName: { property: "name", maxLength: 64 },
  volatile: ["etag"],

  async create(inputs, ctx) {
    const { OriginAccessControl } = await ctx
      .client(CloudFrontClient)
      .send(new CreateOriginAccessControlCommand({ OriginAccessControlConfig: settings(inputs) }));
    return OriginAccessControl!.Id!;
  },

  async read(Id, _state, ctx) {
    const found = await orGone(ctx.client(CloudFrontClient).send(new GetOriginAccessControlCommand({ Id })));
    const config = found?.OriginAccessControl?.OriginAccessControlConfig;
    return (
      config && {
        arn: `arn:aws:cloudfront::${ctx.accountId}:origin-access-control/${Id}`,
        etag: found.ETag,
        name: config.Name,
        description: config.Description,
        originAccessControlOriginType: config.OriginAccessControlOriginType,
        signingBehavior: config.SigningBehavior,
        signingProtocol: config.SigningProtocol,
      }
    );
  },

  async update(Id, news, _olds, ctx) {
    const client = ctx.client(CloudFrontClient);
    const { ETag: IfMatch } = await client.send(new GetOriginAccessControlCommand({ Id }));
    const OriginAccessControlConfig = settings(news);
    await client.send(new UpdateOriginAccessControlCommand({ Id, IfMatch, OriginAccessControlConfig }));
  },

  async delete(Id, _state, ctx) {
    const client = ctx.client(CloudFrontClient);
    const found = await orGone(client.send(new GetOriginAccessControlCommand({ Id })));
    if (found) await orGone(client.send(new DeleteOriginAccessControlCommand({ Id, IfMatch: found.ETag })));
  },
};

const settings = (inputs: Inputs<cloudfront.OriginAccessControlArgs>): OriginAccessControlConfig => ({
  Name: inputs.name,
  // As the AWS provider fills it in.
  Description: inputs.description ?? "Managed by Pulumi",
  OriginAccessControlOriginType:
    inputs.originAccessControlOriginType as OriginAccessControlConfig["OriginAccessControlOriginType"],
  SigningBehavior: inputs.signingBehavior as OriginAccessControlConfig["SigningBehavior"],
  SigningProtocol: inputs.signingProtocol as OriginAccessControlConfig["SigningProtocol"],
});
