import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Grant, readItems } from "../../access/grants";
import type { ApiResources } from "../route";

/** Which things there are is known only when a caller names one, so the route itself looks who owns it. */
export const useThings = (
  { iotArn }: ApiResources,
  ...actions: ("iot:DescribeThing" | "iot:GetThingShadow" | "iot:UpdateThingShadow")[]
): Grant => ({
  sid: "AnyResourceBecauseTheFleetGrowsAndTheRouteChecksOwners",
  actions,
  resources: [pulumi.interpolate`${iotArn}:thing/*`],
});

export const searchFleet = ({ iotArn }: ApiResources): Grant => ({
  sid: "SearchFleet",
  actions: ["iot:SearchIndex"],
  resources: [pulumi.interpolate`${iotArn}:index/AWS_Things`],
});

/** Jobs are made by releases, under names that nobody knows before. */
export const useJobs = ({ iotArn }: ApiResources, action: "iot:DescribeJob" | "iot:CancelJob"): Grant => ({
  sid: "AnyResourceBecauseEachReleaseNamesItsOwnJob",
  actions: [action],
  resources: [pulumi.interpolate`${iotArn}:job/*`],
});

export const readOwnership = ({ ownership }: ApiResources): Grant => ({
  ...readItems(ownership),
  sid: "ReadOwnership",
});

/** May query the histories of all kinds of anomalies, by thing and by what became of them. */
export const readHistories = ({ anomalies }: ApiResources): Grant => ({
  sid: "ReadHistories",
  actions: ["dynamodb:GetItem", "dynamodb:Query"],
  resources: Object.values(anomalies).flatMap(({ history }) => [
    history.arn,
    pulumi.interpolate`${history.arn}/index/by-status`,
  ]),
});

/** May read and change single items of the anomalies and their histories. */
export const acknowledgeAnomalies = ({ anomalies }: ApiResources): Grant => ({
  sid: "AcknowledgeAnomalies",
  actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
  resources: Object.values(anomalies).flatMap(({ table, history }) => [table.arn, history.arn]),
});

export const scanItems = (table: aws.dynamodb.Table): Grant => ({
  sid: "ScanItems",
  actions: ["dynamodb:Scan"],
  resources: [table.arn],
});

export const listObjects = (bucket: aws.s3.Bucket): Grant => ({
  sid: "ListObjects",
  actions: ["s3:ListBucket"],
  resources: [bucket.arn],
});
