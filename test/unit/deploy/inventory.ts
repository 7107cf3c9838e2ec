import { APIGatewayClient, GetRestApisCommand } from "@aws-sdk/client-api-gateway";
import { AthenaClient, ListWorkGroupsCommand } from "@aws-sdk/client-athena";
import {
  CloudFrontClient,
  ListDistributionsCommand,
  ListFunctionsCommand as ListEdgeFunctionsCommand,
  ListOriginAccessControlsCommand,
  ListResponseHeadersPoliciesCommand,
} from "@aws-sdk/client-cloudfront";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CodeDeployClient, ListApplicationsCommand, ListDeploymentConfigsCommand } from "@aws-sdk/client-codedeploy";
import { CognitoIdentityProviderClient, ListUserPoolsCommand } from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { GetDatabasesCommand, GetTablesCommand, GlueClient } from "@aws-sdk/client-glue";
import { IAMClient, ListPoliciesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import {
  DescribeEventConfigurationsCommand,
  GetIndexingConfigurationCommand,
  IoTClient,
  ListCertificatesCommand,
  ListPoliciesCommand as ListIotPoliciesCommand,
  ListProvisioningTemplatesCommand,
  ListThingGroupsCommand,
  ListThingsCommand,
  ListThingTypesCommand,
  ListTopicRulesCommand,
} from "@aws-sdk/client-iot";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { DescribeKeyCommand, KMSClient, ListAliasesCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { LambdaClient, ListEventSourceMappingsCommand, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListStateMachinesCommand, SFNClient } from "@aws-sdk/client-sfn";
import { ListSubscriptionsCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Context } from "../../../sandbox/deploy/context";

/** Everything in the account that the types of `oneOfEach` could leave behind, asked from AWS and from no handler. */
export async function inventory(ctx: Context) {
  const iot = ctx.client(IoTClient);
  const kms = ctx.client(KMSClient);
  const { Keys = [] } = await kms.send(new ListKeysCommand({}));
  const keys = await Promise.all(Keys.map(({ KeyId }) => kms.send(new DescribeKeyCommand({ KeyId }))));
  const cloudFront = ctx.client(CloudFrontClient);
  const headers = await cloudFront.send(new ListResponseHeadersPoliciesCommand({ Type: "custom" }));
  const alarms = await ctx
    .client(CloudWatchClient)
    .send(new DescribeAlarmsCommand({ AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }));
  const indexing = await iot.send(new GetIndexingConfigurationCommand({}));
  const events = await iot.send(new DescribeEventConfigurationsCommand({}));
  const { DatabaseList = [] } = await ctx.client(GlueClient).send(new GetDatabasesCommand({}));
  const glueTables = DatabaseList.map(({ Name }) =>
    ctx.client(GlueClient).send(new GetTablesCommand({ DatabaseName: Name })),
  );
  return {
    applications: (await ctx.client(CodeDeployClient).send(new ListApplicationsCommand({}))).applications,
    deploymentConfigs: (await ctx.client(CodeDeployClient).send(new ListDeploymentConfigsCommand({})))
      .deploymentConfigsList,
    distributions: (await cloudFront.send(new ListDistributionsCommand({}))).DistributionList?.Quantity,
    originAccessControls: (await cloudFront.send(new ListOriginAccessControlsCommand({}))).OriginAccessControlList
      ?.Quantity,
    edgeFunctions: (await cloudFront.send(new ListEdgeFunctionsCommand({}))).FunctionList?.Quantity,
    responseHeadersPolicies: headers.ResponseHeadersPolicyList?.Quantity,
    databases: DatabaseList.map(({ Name }) => Name),
    catalogTables: (await Promise.all(glueTables)).flatMap(({ TableList = [] }) => TableList),
    workgroups: (await ctx.client(AthenaClient).send(new ListWorkGroupsCommand({}))).WorkGroups?.map(
      ({ Name }) => Name,
    ),
    restApis: (await ctx.client(APIGatewayClient).send(new GetRestApisCommand({}))).items ?? [],
    userPools: (await ctx.client(CognitoIdentityProviderClient).send(new ListUserPoolsCommand({ MaxResults: 60 })))
      .UserPools,
    queues: (await ctx.client(SQSClient).send(new ListQueuesCommand({}))).QueueUrls ?? [],
    topics: (await ctx.client(SNSClient).send(new ListTopicsCommand({}))).Topics,
    subscriptions: (await ctx.client(SNSClient).send(new ListSubscriptionsCommand({}))).Subscriptions,
    tables: (await ctx.client(DynamoDBClient).send(new ListTablesCommand({}))).TableNames,
    functions: (await ctx.client(LambdaClient).send(new ListFunctionsCommand({}))).Functions,
    mappings: (await ctx.client(LambdaClient).send(new ListEventSourceMappingsCommand({}))).EventSourceMappings,
    machines: (await ctx.client(SFNClient).send(new ListStateMachinesCommand({}))).stateMachines,
    streams: (await ctx.client(KinesisClient).send(new ListStreamsCommand({}))).StreamNames,
    buckets: (await ctx.client(S3Client).send(new ListBucketsCommand({}))).Buckets ?? [],
    logGroups: (await ctx.client(CloudWatchLogsClient).send(new DescribeLogGroupsCommand({}))).logGroups,
    alarms: [alarms.MetricAlarms ?? [], alarms.CompositeAlarms ?? []],
    eventRules: (await ctx.client(EventBridgeClient).send(new ListRulesCommand({}))).Rules,
    roles: (await ctx.client(IAMClient).send(new ListRolesCommand({}))).Roles,
    policies: (await ctx.client(IAMClient).send(new ListPoliciesCommand({ Scope: "Local" }))).Policies,
    keys: keys.filter(({ KeyMetadata }) => KeyMetadata?.KeyState !== "PendingDeletion"),
    keyAliases: (await kms.send(new ListAliasesCommand({}))).Aliases,
    things: (await iot.send(new ListThingsCommand({}))).things,
    thingTypes: (await iot.send(new ListThingTypesCommand({}))).thingTypes,
    thingGroups: (await iot.send(new ListThingGroupsCommand({}))).thingGroups,
    certificates: (await iot.send(new ListCertificatesCommand({}))).certificates,
    iotPolicies: (await iot.send(new ListIotPoliciesCommand({}))).policies,
    topicRules: (await iot.send(new ListTopicRulesCommand({}))).rules,
    provisioningTemplates: (await iot.send(new ListProvisioningTemplatesCommand({}))).templates,
    events: events.eventConfigurations,
    indexing: indexing.thingIndexingConfiguration?.thingIndexingMode,
  };
}
