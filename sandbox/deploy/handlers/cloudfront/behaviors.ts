import type {
  CacheBehavior,
  DefaultCacheBehavior,
  EventType,
  Method,
  ViewerProtocolPolicy,
} from "@aws-sdk/client-cloudfront";
import type { cloudfront } from "@pulumi/aws";
import type { Inputs, Outputs } from "../../handler";
import { items } from "./items";

type BehaviorInputs = NonNullable<Inputs<cloudfront.DistributionArgs>["defaultCacheBehavior"]>;
type BehaviorState = NonNullable<Outputs<cloudfront.DistributionState>["defaultCacheBehavior"]>;

export function behaviorToAws(behavior: BehaviorInputs): Omit<CacheBehavior, "PathPattern"> {
  const methods = (list: readonly string[]) => ({ Quantity: list.length, Items: [...list] as Method[] });
  return {
    TargetOriginId: behavior.targetOriginId,
    ViewerProtocolPolicy: behavior.viewerProtocolPolicy as ViewerProtocolPolicy,
    AllowedMethods: { ...methods(behavior.allowedMethods), CachedMethods: methods(behavior.cachedMethods) },
    Compress: behavior.compress ?? false,
    CachePolicyId: behavior.cachePolicyId,
    OriginRequestPolicyId: behavior.originRequestPolicyId,
    ResponseHeadersPolicyId: behavior.responseHeadersPolicyId,
    FunctionAssociations: items(
      behavior.functionAssociations?.map(({ eventType, functionArn }) => ({
        EventType: eventType as EventType,
        FunctionARN: functionArn,
      })),
    ),
  };
}

export function behaviorFromAws(found: DefaultCacheBehavior | CacheBehavior): BehaviorState {
  return {
    targetOriginId: found.TargetOriginId!,
    viewerProtocolPolicy: found.ViewerProtocolPolicy!,
    allowedMethods: found.AllowedMethods?.Items ?? [],
    cachedMethods: found.AllowedMethods?.CachedMethods?.Items ?? [],
    compress: found.Compress,
    cachePolicyId: found.CachePolicyId,
    originRequestPolicyId: found.OriginRequestPolicyId,
    responseHeadersPolicyId: found.ResponseHeadersPolicyId,
    functionAssociations: found.FunctionAssociations?.Items?.map(({ EventType: eventType, FunctionARN }) => ({
      eventType: eventType!,
      functionArn: FunctionARN!,
    })),
  };
}
