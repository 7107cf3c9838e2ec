import { CloudWatchLogsClient, PutRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, UpdateContinuousBackupsCommand } from "@aws-sdk/client-dynamodb";
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  DeleteTopicRuleCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  UpdateThingCommand,
} from "@aws-sdk/client-iot";
import { LambdaClient, RemovePermissionCommand, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { DeletePublicAccessBlockCommand, S3Client } from "@aws-sdk/client-s3";
import { SNSClient, TagResourceCommand } from "@aws-sdk/client-sns";
import { SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Context } from "../../../sandbox/deploy/context";
import type { Properties } from "../../../sandbox/deploy/handler";
import type { Resource } from "../../../sandbox/deploy/lifecycle";

/** Something done behind the deployer's back to a resource of `oneOfEach`. */
export interface Drift {
  readonly resource: string;
  readonly what: string;
  by(resource: Resource, ctx: Context): Promise<unknown>;
  /** What a read has to say then; undefined: the resource is gone. */
  readonly seen: Properties | undefined;
}

const everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';

const text = (value: unknown) => value as string;

export const drifts: readonly Drift[] = [
  {
    resource: "queue",
    what: "a queue's timeout was changed",
    by: ({ id }, ctx) =>
      ctx
        .client(SQSClient)
        .send(new SetQueueAttributesCommand({ QueueUrl: id, Attributes: { VisibilityTimeout: "99" } })),
    seen: { visibilityTimeoutSeconds: 99 },
  },
  {
    resource: "topic",
    what: "a tag was added to a topic",
    by: ({ id }, ctx) =>
      ctx.client(SNSClient).send(new TagResourceCommand({ ResourceArn: id, Tags: [{ Key: "stranger", Value: "1" }] })),
    seen: { tags: { stranger: "1" }, tagsAll: { stranger: "1" } },
  },
  {
    resource: "grants",
    what: "a role was given more by hand",
    by: ({ inputs }, ctx) =>
      ctx.client(IAMClient).send(
        new PutRolePolicyCommand({
          RoleName: text(inputs.role),
          PolicyName: text(inputs.name),
          PolicyDocument: everything,
        }),
      ),
    seen: { policy: everything },
  },
  {
    resource: "grants",
    what: "a role's policy was deleted",
    by: ({ inputs }, ctx) =>
      ctx
        .client(IAMClient)
        .send(new DeleteRolePolicyCommand({ RoleName: text(inputs.role), PolicyName: text(inputs.name) })),
    seen: undefined,
  },
  {
    resource: "function",
    what: "a function's environment and timeout were changed in the console",
    by: ({ id }, ctx) =>
      ctx.client(LambdaClient).send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: id,
          Timeout: 60,
          Environment: { Variables: { GREETING: "hello", DEBUG: "1" } },
        }),
      ),
    seen: { timeout: 60, environment: { variables: { DEBUG: "1" } } },
  },
  {
    resource: "permission",
    what: "a permission was removed",
    by: ({ id, inputs }, ctx) =>
      ctx
        .client(LambdaClient)
        .send(new RemovePermissionCommand({ FunctionName: text(inputs.function), StatementId: id })),
    seen: undefined,
  },
  {
    resource: "table",
    what: "point-in-time recovery was turned off",
    by: ({ id }, ctx) =>
      ctx.client(DynamoDBClient).send(
        new UpdateContinuousBackupsCommand({
          TableName: id,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
        }),
      ),
    seen: { pointInTimeRecovery: { enabled: false } },
  },
  {
    resource: "logs",
    what: "logs are kept for another time",
    by: ({ id }, ctx) =>
      ctx.client(CloudWatchLogsClient).send(new PutRetentionPolicyCommand({ logGroupName: id, retentionInDays: 365 })),
    seen: { retentionInDays: 365 },
  },
  {
    resource: "block",
    what: "a bucket was opened to the public",
    by: ({ id }, ctx) => ctx.client(S3Client).send(new DeletePublicAccessBlockCommand({ Bucket: id })),
    seen: undefined,
  },
  {
    resource: "thing",
    what: "a thing got an attribute at run time",
    by: ({ id }, ctx) =>
      ctx.client(IoTClient).send(
        new UpdateThingCommand({
          thingName: id,
          attributePayload: { attributes: { firmware: "2" }, merge: true },
        }),
      ),
    seen: { attributes: { site: "north", build: "12", firmware: "2" } },
  },
  {
    resource: "thing-attachment",
    what: "a certificate was taken from its thing",
    by: ({ inputs }, ctx) =>
      ctx
        .client(IoTClient)
        .send(new DetachThingPrincipalCommand({ thingName: text(inputs.thing), principal: text(inputs.principal) })),
    seen: undefined,
  },
  {
    resource: "rule_of_everything",
    what: "a rule was deleted",
    by: ({ id }, ctx) => ctx.client(IoTClient).send(new DeleteTopicRuleCommand({ ruleName: id })),
    seen: undefined,
  },
];
