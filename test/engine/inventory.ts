import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import {
  IoTClient,
  ListCertificatesCommand,
  ListPoliciesCommand,
  ListTargetsForPolicyCommand,
  ListThingsCommand,
  ListTopicRulesCommand,
} from "@aws-sdk/client-iot";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { KMSClient, ListAliasesCommand } from "@aws-sdk/client-kms";
import { LambdaClient, ListEventSourceMappingsCommand, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListStateMachinesCommand, SFNClient } from "@aws-sdk/client-sfn";
import { ListSubscriptionsCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { type AwsConfig, type AwsTarget, awsConfig } from "../../sandbox/aws";
import { CLIENT_ID_PREFIX } from "../../sandbox/rules/brokerIdentity";

/** What each kind of resource is listed with; the accounts of the tests are small, so the first page is all. */
const lists: Readonly<Record<string, (config: AwsConfig) => Promise<(string | undefined)[] | undefined>>> = {
  alarms: async (config) =>
    (await new CloudWatchClient(config).send(new DescribeAlarmsCommand({}))).MetricAlarms?.map(
      (alarm) => alarm.AlarmName,
    ),
  aliases: async (config) =>
    (await new KMSClient(config).send(new ListAliasesCommand({}))).Aliases?.map((alias) => alias.AliasName),
  buckets: async (config) =>
    (await new S3Client(config).send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name),
  certificates: async (config) =>
    (await new IoTClient(config).send(new ListCertificatesCommand({}))).certificates?.map((one) => one.certificateId),
  functions: async (config) =>
    (await new LambdaClient(config).send(new ListFunctionsCommand({}))).Functions?.map((one) => one.FunctionName),
  iotPolicies: async (config) =>
    (await new IoTClient(config).send(new ListPoliciesCommand({}))).policies?.map((policy) => policy.policyName),
  logGroups: async (config) =>
    (await new CloudWatchLogsClient(config).send(new DescribeLogGroupsCommand({}))).logGroups?.map(
      (one) => one.logGroupName,
    ),
  mappings: async (config) =>
    (await new LambdaClient(config).send(new ListEventSourceMappingsCommand({}))).EventSourceMappings?.map(
      (one) => one.UUID,
    ),
  queues: async (config) => (await new SQSClient(config).send(new ListQueuesCommand({}))).QueueUrls,
  roles: async (config) =>
    (await new IAMClient(config).send(new ListRolesCommand({}))).Roles?.map((role) => role.RoleName),
  rules: async (config) =>
    (await new IoTClient(config).send(new ListTopicRulesCommand({}))).rules?.map((rule) => rule.ruleName),
  stateMachines: async (config) =>
    (await new SFNClient(config).send(new ListStateMachinesCommand({}))).stateMachines?.map((machine) => machine.name),
  // This client alone would speak HTTP/2, which the local cloud does not.
  streams: async (config) =>
    (await new KinesisClient({ ...config, requestHandler: new NodeHttpHandler() }).send(new ListStreamsCommand({})))
      .StreamNames,
  subscriptions: async (config) =>
    (await new SNSClient(config).send(new ListSubscriptionsCommand({}))).Subscriptions?.map(
      (one) => one.SubscriptionArn,
    ),
  tables: async (config) => (await new DynamoDBClient(config).send(new ListTablesCommand({}))).TableNames,
  things: async (config) =>
    (await new IoTClient(config).send(new ListThingsCommand({}))).things?.map((thing) => thing.thingName),
  topics: async (config) =>
    (await new SNSClient(config).send(new ListTopicsCommand({}))).Topics?.map((one) => one.TopicArn),
};

/** All that is in an account of the local cloud, by kind; kinds of which there is nothing are left out. */
export async function inventory(cloud: AwsTarget, accountId = cloud.accountId): Promise<Record<string, string[]>> {
  const config = awsConfig(cloud, accountId);
  const equipment = await identitiesOfRulesEngine(new IoTClient(config));
  const found = await Promise.all(
    Object.entries(lists).map(async ([kind, list]) => {
      const names = ((await list(config)) ?? []).filter((name) => name !== undefined && !equipment.has(name));
      return [kind, names.sort() as string[]] as const;
    }),
  );
  return Object.fromEntries(found.filter(([, names]) => names.length > 0));
}

/** The rules engine of the local cloud shows the broker a certificate of its own, which is no resource of a stack. */
async function identitiesOfRulesEngine(iot: IoTClient): Promise<Set<string>> {
  const { policies = [] } = await iot.send(new ListPoliciesCommand({}));
  const own = policies.flatMap(({ policyName }) => (policyName?.startsWith(CLIENT_ID_PREFIX) ? [policyName] : []));
  const targets = await Promise.all(own.map((policyName) => iot.send(new ListTargetsForPolicyCommand({ policyName }))));
  const arns = targets.flatMap((page) => page.targets ?? []);
  return new Set([...own, ...arns.map((arn) => arn.slice(arn.lastIndexOf("/") + 1))]);
}

/** Outputs that AWS draws anew for every deployment. */
const drawn = /"(?:restApiId|userPoolId|userPoolClientId|distributionId|distributionDomainName)":"([^"]+)"/g;

/**
 * Outputs of two deployments of one program, made comparable: names end on characters that every deployment draws anew, so do
 * ids wherever they are used, and every local cloud has ports of its own.
 */
export function comparable(outputs: Readonly<Record<string, unknown>>): unknown {
  const text = JSON.stringify(outputs);
  const ids = Array.from(text.matchAll(drawn), ([, id]) => id as string);
  return JSON.parse(
    ids
      .reduce((shown, id) => shown.replaceAll(id, "<drawn>"), text)
      .replace(/-[0-9a-f]{7}\b/g, "-<random>")
      .replace(/(127\.0\.0\.1|localhost):\d+/g, "<endpoint>"),
  );
}
