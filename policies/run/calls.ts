import { policyDocument } from "./policyDocument";
import type { Place } from "./synthetic";

type Values = Record<string, unknown>;

/** Answers a provider function without a provider; undefined where only AWS knows. */
export function answerCall(token: string, inputs: Values, { account, region }: Place): Values | undefined {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return {
        accountId: account,
        id: account,
        arn: `arn:aws:iam::${account}:role/deploy`,
        userId: "AROAEXAMPLE:deploy",
      };
    case "aws:index/getRegion:getRegion":
      return { region, name: region, id: region, description: region, endpoint: `ec2.${region}.amazonaws.com` };
    case "aws:index/getPartition:getPartition":
      return { partition: "aws", id: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" };
    case "aws:index/getAvailabilityZones:getAvailabilityZones":
      return { id: region, names: ["a", "b", "c"].map((zone) => region + zone), zoneIds: ["az1", "az2", "az3"] };
    case "aws:iot/getEndpoint:getEndpoint":
      return { id: region, endpointAddress: `example-ats.iot.${region}.amazonaws.com` };
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return policyDocument(inputs);
    default:
      return undefined;
  }
}
