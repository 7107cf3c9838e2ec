import {
  CloudFrontClient,
  CreateDistributionWithTagsCommand,
  DeleteDistributionCommand,
  type DistributionConfig,
  GetDistributionCommand,
  type HttpVersion,
  ListTagsForResourceCommand,
  type MinimumProtocolVersion,
  type SSLSupportMethod,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateDistributionCommand,
} from "@aws-sdk/client-cloudfront";
import type { cloudfront } from "@pulumi/aws";
import { type Context, orGone } from "../../context";
import type { Inputs, Outputs, ResourceHandler } from "../../handler";
import { tagList, tagMap, updateTags } from "../../tags";
import { behaviorFromAws, behaviorToAws } from "./behaviors";
import { items } from "./items";
import { originFromAws, originToAws } from "./origins";

export const distribution: ResourceHandler<cloudfront.DistributionArgs, cloudfront.DistributionState> = {
  tagged: true,
  volatile: ["etag", "lastModifiedTime", "status"],

  async create(inputs, ctx, { urn }) {
    const config = settings(inputs, `${urn} ${Date.now()}`, ctx);
    const Tags = { Items: tagList(inputs.tagsAll) };
    const { Distribution } = await ctx
      .client(CloudFrontClient)
      .send(
        new CreateDistributionWithTagsCommand({ DistributionConfigWithTags: { DistributionConfig: config, Tags } }),
      );
    return Distribution!.Id!;
  },

  async read(Id, _state, ctx) {
    const client = ctx.client(CloudFrontClient);
    const found = await orGone(client.send(new GetDistributionCommand({ Id })));
    const config = found?.Distribution?.DistributionConfig;
    if (!found?.Distribution || !config) return undefined;
    const { ARN: Resource, DomainName, Status } = found.Distribution;
    const { Tags } = await client.send(new ListTagsForResourceCommand({ Resource }));
    return {
      ...configured(config, ctx),
      arn: Resource,
      domainName: DomainName,
      // CloudFront's own zone in Route 53, for alias records: the same everywhere.
      hostedZoneId: "Z2FDTNDATAQYW2",
      status: Status,
      etag: found.ETag,
      tagsAll: tagMap(Tags?.Items),
    };
  },

  async update(Id, news, olds, ctx) {
    const client = ctx.client(CloudFrontClient);
    const { Distribution, ETag: IfMatch } = await client.send(new GetDistributionCommand({ Id }));
    const DistributionConfig = settings(news, Distribution!.DistributionConfig!.CallerReference!, ctx);
    await client.send(new UpdateDistributionCommand({ Id, IfMatch, DistributionConfig }));
    const Resource = Distribution!.ARN!;
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (tags) => client.send(new TagResourceCommand({ Resource, Tags: { Items: tagList(tags) } })),
      remove: (Items) => client.send(new UntagResourceCommand({ Resource, TagKeys: { Items } })),
    });
  },

  /** Only one that is switched off can be deleted. */
  async delete(Id, _state, ctx) {
    const client = ctx.client(CloudFrontClient);
    const found = await orGone(client.send(new GetDistributionCommand({ Id })));
    if (!found) return;
    const DistributionConfig = { ...found.Distribution!.DistributionConfig!, Enabled: false };
    const { ETag } = await client.send(new UpdateDistributionCommand({ Id, IfMatch: found.ETag, DistributionConfig }));
    await orGone(client.send(new DeleteDistributionCommand({ Id, IfMatch: ETag })));
  },
};

function settings(inputs: Inputs<cloudfront.DistributionArgs>, reference: string, ctx: Context): DistributionConfig {
  const { viewerCertificate: certificate, restrictions } = inputs;
  return {
    CallerReference: reference,
    Comment: inputs.comment ?? "",
    Enabled: inputs.enabled,
    Aliases: items(inputs.aliases),
    DefaultRootObject: inputs.defaultRootObject ?? "",
    HttpVersion: inputs.httpVersion as HttpVersion | undefined,
    IsIPV6Enabled: inputs.isIpv6Enabled,
    Origins: items(inputs.origins.map((origin) => originToAws(origin, ctx))) as DistributionConfig["Origins"],
    DefaultCacheBehavior: behaviorToAws(inputs.defaultCacheBehavior),
    CacheBehaviors: items(
      inputs.orderedCacheBehaviors?.map((behavior) => ({
        PathPattern: behavior.pathPattern,
        ...behaviorToAws(behavior),
      })),
    ),
    ViewerCertificate: certificate.cloudfrontDefaultCertificate
      ? { CloudFrontDefaultCertificate: true }
      : {
          ACMCertificateArn: certificate.acmCertificateArn,
          SSLSupportMethod: certificate.sslSupportMethod as SSLSupportMethod,
          MinimumProtocolVersion: certificate.minimumProtocolVersion as MinimumProtocolVersion,
        },
    Restrictions: {
      GeoRestriction: {
        RestrictionType: restrictions.geoRestriction.restrictionType as "none",
        ...items(restrictions.geoRestriction.locations),
      },
    },
  };
}

function configured(found: DistributionConfig, ctx: Context): Outputs<cloudfront.DistributionState> {
  const { ViewerCertificate: certificate, Restrictions } = found;
  return {
    comment: found.Comment,
    enabled: found.Enabled,
    aliases: found.Aliases?.Items ?? [],
    defaultRootObject: found.DefaultRootObject,
    httpVersion: found.HttpVersion?.toLowerCase(),
    isIpv6Enabled: found.IsIPV6Enabled,
    origins: found.Origins?.Items?.map((origin) => originFromAws(origin, ctx)),
    defaultCacheBehavior: behaviorFromAws(found.DefaultCacheBehavior!),
    orderedCacheBehaviors: found.CacheBehaviors?.Items?.map((behavior) => ({
      ...behaviorFromAws(behavior),
      pathPattern: behavior.PathPattern!,
    })),
    viewerCertificate: certificate?.ACMCertificateArn
      ? {
          acmCertificateArn: certificate.ACMCertificateArn,
          sslSupportMethod: certificate.SSLSupportMethod,
          minimumProtocolVersion: certificate.MinimumProtocolVersion,
        }
      : { cloudfrontDefaultCertificate: true },
    restrictions: {
      geoRestriction: {
        restrictionType: Restrictions?.GeoRestriction?.RestrictionType as string,
        locations: Restrictions?.GeoRestriction?.Items ?? [],
      },
    },
  };
}
