import type { Origin, OriginProtocolPolicy, SslProtocol } from "@aws-sdk/client-cloudfront";
import type { cloudfront } from "@pulumi/aws";
import type { Context } from "../../context";
import type { Inputs, Outputs } from "../../handler";
import { items } from "./items";

type OriginInputs = NonNullable<Inputs<cloudfront.DistributionArgs>["origins"]>[number];
type OriginState = NonNullable<Outputs<cloudfront.DistributionState>["origins"]>[number];

/** Where MiniStack serves the stages of API Gateway, below its endpoint. */
const stages = "/_aws/execute-api";

/**
 * An origin as the local cloud's CloudFront can reach it. MiniStack refuses to call hosts of AWS itself, so a stage of API
 * Gateway becomes what it is here: a path of the local endpoint. `read` undoes it, and the program sees what it said.
 */
export function originToAws(origin: OriginInputs, ctx: Context): Origin {
  const { customOriginConfig: custom } = origin;
  const { httpPort = 80, originProtocolPolicy } = custom ?? {};
  const api = /^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com$/.exec(origin.domainName)?.[1];
  const local = new URL(ctx.endpoint);
  return {
    Id: origin.originId,
    DomainName: api ? local.hostname : origin.domainName,
    OriginPath: api ? `${stages}/${api}${origin.originPath ?? ""}` : (origin.originPath ?? ""),
    CustomHeaders: items([]),
    ...(origin.originAccessControlId && { OriginAccessControlId: origin.originAccessControlId }),
    ...(custom
      ? {
          CustomOriginConfig: {
            HTTPPort: api ? Number(local.port) : httpPort,
            HTTPSPort: custom.httpsPort,
            OriginProtocolPolicy: (api ? "http-only" : originProtocolPolicy) as OriginProtocolPolicy,
            OriginSslProtocols: items(custom.originSslProtocols as SslProtocol[]) as {
              Quantity: number;
              Items: SslProtocol[];
            },
          },
        }
      : { S3OriginConfig: { OriginAccessIdentity: "" } }),
  };
}

export function originFromAws(found: Origin, ctx: Context): OriginState {
  const { CustomOriginConfig: custom, OriginPath = "" } = found;
  const [, api, path = ""] = new RegExp(`^${stages}/([a-z0-9]+)(/.*)?$`).exec(OriginPath) ?? [];
  return {
    originId: found.Id!,
    domainName: api ? `${api}.execute-api.${ctx.region}.amazonaws.com` : found.DomainName!,
    originPath: api ? path : OriginPath || undefined,
    originAccessControlId: found.OriginAccessControlId || undefined,
    customOriginConfig: custom && {
      httpPort: api ? 80 : custom.HTTPPort!,
      httpsPort: custom.HTTPSPort!,
      originProtocolPolicy: api ? "https-only" : custom.OriginProtocolPolicy!,
      originSslProtocols: custom.OriginSslProtocols?.Items ?? [],
    },
  };
}
