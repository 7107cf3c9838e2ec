import { DescribeEndpointCommand, IoTClient } from "@aws-sdk/client-iot";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Context } from "./context";
import type { Properties } from "./handler";
import { policyDocument } from "./policyDocument";

type Invoke = (args: Properties, ctx: Context) => Promise<Properties> | Properties;

/** The data sources of @pulumi/aws that the local cloud answers: token -> function. */
const invokes: Readonly<Record<string, Invoke>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": async (_args, ctx) => {
    const { Account, Arn, UserId } = await ctx.client(STSClient).send(new GetCallerIdentityCommand({}));
    return { id: Account, accountId: Account, arn: Arn, userId: UserId };
  },

  "aws:index/getRegion:getRegion": (args, ctx) => {
    const region = (args.region ?? args.name ?? ctx.region) as string;
    return {
      id: region,
      region,
      name: region,
      description: region,
      endpoint: `ec2.${region}.amazonaws.com`,
    };
  },

  "aws:index/getPartition:getPartition": () => ({
    id: "aws",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  }),

  "aws:index/getDefaultTags:getDefaultTags": (_args, ctx) => ({ id: "default-tags", tags: ctx.defaultTags }),

  "aws:index/getServicePrincipal:getServicePrincipal": (args, ctx) => ({
    id: `${args.serviceName}.${args.region ?? ctx.region}.amazonaws.com`,
    name: `${args.serviceName}.amazonaws.com`,
    region: args.region ?? ctx.region,
    serviceName: args.serviceName,
    suffix: "amazonaws.com",
  }),

  "aws:iot/getEndpoint:getEndpoint": async ({ endpointType }, ctx) => {
    const { endpointAddress } = await ctx
      .client(IoTClient)
      .send(new DescribeEndpointCommand({ endpointType: endpointType as string | undefined }));
    return { id: endpointAddress, endpointAddress, endpointType, region: ctx.region };
  },

  "aws:iam/getPolicyDocument:getPolicyDocument": policyDocument,
};

/**
 * Answers a data source of @pulumi/aws from the local cloud.
 *
 * @throws for one that it does not know
 */
export async function invoke(token: string, args: Properties, ctx: Context): Promise<Properties> {
  const answer = invokes[token];
  if (!answer) {
    throw new Error(
      `the local cloud does not answer ${token}. Add it to sandbox/deploy/invokes.ts; it answers ` +
        `${Object.keys(invokes).join(", ")}`,
    );
  }
  return answer(args, ctx);
}
