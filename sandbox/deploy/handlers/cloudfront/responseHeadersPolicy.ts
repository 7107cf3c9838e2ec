import {
  CloudFrontClient,
  CreateResponseHeadersPolicyCommand,
  DeleteResponseHeadersPolicyCommand,
  type FrameOptionsList,
  GetResponseHeadersPolicyCommand,
  type ReferrerPolicyList,
  type ResponseHeadersPolicyConfig,
  UpdateResponseHeadersPolicyCommand,
} from "@aws-sdk/client-cloudfront";
import type { cloudfront } from "@pulumi/aws";
import { orGone } from "../../context";
import type { Inputs, Outputs, ResourceHandler } from "../../handler";
import { items } from "./items";

type State = Outputs<cloudfront.ResponseHeadersPolicyState>;

export const responseHeadersPolicy: ResourceHandler<
  cloudfront.ResponseHeadersPolicyArgs,
  cloudfront.ResponseHeadersPolicyState
> = {
  autoName: { property: "name", maxLength: 128 },
  volatile: ["etag"],

  async create(inputs, ctx) {
    const ResponseHeadersPolicyConfig = settings(inputs);
    const { ResponseHeadersPolicy } = await ctx
      .client(CloudFrontClient)
      .send(new CreateResponseHeadersPolicyCommand({ ResponseHeadersPolicyConfig }));
    return ResponseHeadersPolicy!.Id!;
  },

  async read(Id, _state, ctx) {
    const found = await orGone(ctx.client(CloudFrontClient).send(new GetResponseHeadersPolicyCommand({ Id })));
    const config = found?.ResponseHeadersPolicy?.ResponseHeadersPolicyConfig;
    return (
      config && {
        arn: `arn:aws:cloudfront::${ctx.accountId}:response-headers-policy/${Id}`,
        etag: found.ETag,
        name: config.Name,
        comment: config.Comment,
        securityHeadersConfig: securityHeaders(config.SecurityHeadersConfig),
        customHeadersConfig: {
          items: config.CustomHeadersConfig?.Items?.map(({ Header, Value, Override }) => ({
            header: Header!,
            value: Value!,
            override: Override!,
          })),
        },
      }
    );
  },

  async update(Id, news, _olds, ctx) {
    const client = ctx.client(CloudFrontClient);
    const { ETag: IfMatch } = await client.send(new GetResponseHeadersPolicyCommand({ Id }));
    const ResponseHeadersPolicyConfig = settings(news);
    await client.send(new UpdateResponseHeadersPolicyCommand({ Id, IfMatch, ResponseHeadersPolicyConfig }));
  },

  async delete(Id, _state, ctx) {
    const client = ctx.client(CloudFrontClient);
    const found = await orGone(client.send(new GetResponseHeadersPolicyCommand({ Id })));
    if (found) await orGone(client.send(new DeleteResponseHeadersPolicyCommand({ Id, IfMatch: found.ETag })));
  },
};

function settings(inputs: Inputs<cloudfront.ResponseHeadersPolicyArgs>): ResponseHeadersPolicyConfig {
  const { securityHeadersConfig: security, customHeadersConfig: custom } = inputs;
  const { contentSecurityPolicy: csp, contentTypeOptions, frameOptions, referrerPolicy } = security ?? {};
  const transport = security?.strictTransportSecurity;
  return {
    Name: inputs.name,
    Comment: inputs.comment,
    SecurityHeadersConfig: security && {
      ContentSecurityPolicy: csp && { ContentSecurityPolicy: csp.contentSecurityPolicy, Override: csp.override },
      ContentTypeOptions: contentTypeOptions && { Override: contentTypeOptions.override },
      FrameOptions: frameOptions && {
        FrameOption: frameOptions.frameOption as FrameOptionsList,
        Override: frameOptions.override,
      },
      ReferrerPolicy: referrerPolicy && {
        ReferrerPolicy: referrerPolicy.referrerPolicy as ReferrerPolicyList,
        Override: referrerPolicy.override,
      },
      StrictTransportSecurity: transport && {
        AccessControlMaxAgeSec: transport.accessControlMaxAgeSec,
        IncludeSubdomains: transport.includeSubdomains,
        Preload: transport.preload,
        Override: transport.override,
      },
    },
    CustomHeadersConfig:
      custom &&
      items(custom.items?.map(({ header, value, override }) => ({ Header: header, Value: value, Override: override }))),
  };
}

function securityHeaders(found: ResponseHeadersPolicyConfig["SecurityHeadersConfig"]): State["securityHeadersConfig"] {
  const csp = found?.ContentSecurityPolicy;
  const transport = found?.StrictTransportSecurity;
  return (
    found && {
      contentSecurityPolicy: csp && { contentSecurityPolicy: csp.ContentSecurityPolicy!, override: csp.Override! },
      contentTypeOptions: found.ContentTypeOptions && { override: found.ContentTypeOptions.Override! },
      frameOptions: found.FrameOptions && {
        frameOption: found.FrameOptions.FrameOption!,
        override: found.FrameOptions.Override!,
      },
      referrerPolicy: found.ReferrerPolicy && {
        referrerPolicy: found.ReferrerPolicy.ReferrerPolicy!,
        override: found.ReferrerPolicy.Override!,
      },
      strictTransportSecurity: transport && {
        accessControlMaxAgeSec: transport.AccessControlMaxAgeSec!,
        includeSubdomains: transport.IncludeSubdomains,
        preload: transport.Preload,
        override: transport.Override!,
      },
    }
  );
}
