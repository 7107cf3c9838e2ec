import { asset } from "@pulumi/pulumi";
import type { Properties } from "../../../sandbox/deploy/handler";

const policy = (action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: [action], Resource: ["*"] }] });

const password = {
  requireLowercase: true,
  requireUppercase: true,
  requireNumbers: true,
  requireSymbols: true,
  temporaryPasswordValidityDays: 3,
};

const templateBody = (status: string) =>
  JSON.stringify({
    Parameters: { "AWS::IoT::Certificate::Id": { Type: "String" } },
    Resources: {
      certificate: {
        Type: "AWS::IoT::Certificate",
        Properties: { CertificateId: { Ref: "AWS::IoT::Certificate::Id" }, Status: status },
      },
    },
  });

/** Resources of `oneOfEach`, what a program may change of them in place, and what AWS says then (default: the same). */
export const updates: readonly (readonly [name: string, change: Properties, expected?: Properties])[] = [
  ["queue", { visibilityTimeoutSeconds: 45, delaySeconds: 5, tags: { purpose: "other", more: "1" } }],
  ["topic", { displayName: "Other", tags: { more: "1" } }],
  ["subscription", { rawMessageDelivery: false, filterPolicy: '{"kind":["b"]}' }],
  ["role", { description: "other", maxSessionDuration: 7200, tags: { more: "1" } }],
  ["role", { managedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }],
  ["grants", { policy: policy("sqs:ListQueues") }],
  ["managed", { policy: policy("logs:DescribeLogGroups"), tags: { more: "1" } }],
  ["logs", { retentionInDays: 14, tags: { more: "1" } }],
  ["function", { timeout: 9, memorySize: 512, environment: { variables: { OTHER: "1" } }, tags: { more: "1" } }],
  ["function", { reservedConcurrentExecutions: 5 }],
  ["on-failure", { maximumRetryAttempts: 0 }],
  ["live", { description: "serving" }],
  [
    "group",
    {
      deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
      alarmConfiguration: { enabled: false },
      autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_STOP_ON_ALARM"] },
      tags: { more: "1" },
    },
  ],
  ["released", { tags: { more: "1" } }],
  [
    "mapping",
    { batchSize: 20, maximumRetryAttempts: 5, filterCriteria: { filters: [{ pattern: '{"eventName":["REMOVE"]}' }] } },
  ],
  ["mapping", { enabled: false }],
  ["table", { ttl: { attributeName: "other", enabled: true } }],
  ["table", { pointInTimeRecovery: { enabled: false }, tags: { more: "1" } }],
  ["table", { streamViewType: "KEYS_ONLY" }],
  ["table", { deletionProtectionEnabled: true }],
  ["table", { globalSecondaryIndexes: [] }, {}],
  [
    "machine",
    { definition: '{"StartAt":"Wait","States":{"Wait":{"Type":"Wait","Seconds":1,"End":true}}}', tags: { more: "1" } },
  ],
  ["machine", { loggingConfiguration: { level: "OFF", includeExecutionData: false } }],
  ["alarm", { threshold: 5, alarmDescription: "too many", tags: { more: "1" } }],
  ["composite", { alarmRule: "FALSE", alarmDescription: "never" }],
  ["nightly", { scheduleExpression: "rate(2 days)", state: "DISABLED", tags: { more: "1" } }],
  ["nightly-target", { input: '{"night":false}' }],
  ["key", { description: "other", enableKeyRotation: false, tags: { more: "1" } }],
  ["database", { description: "other" }],
  ["catalog-table", { parameters: { classification: "json" }, description: "less" }],
  ["workgroup", { description: "other", state: "DISABLED", tags: { more: "1" } }],
  ["stream", { shardCount: 4, retentionPeriod: 24, tags: { more: "1" } }],
  ["stream", { retentionPeriod: 72, shardLevelMetrics: ["IncomingBytes"] }],
  ["Releases", { tags: { purpose: "other" } }],
  ["versioning", { versioningConfiguration: { status: "Suspended" } }],
  ["block", { blockPublicAcls: false }],
  [
    "encryption",
    { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" }, bucketKeyEnabled: true }] },
  ],
  ["lifecycle", { rules: [{ id: "new", status: "Disabled", filter: { prefix: "new/" }, expiration: { days: 3 } }] }],
  ["cors", { corsRules: [{ allowedMethods: ["PUT"], allowedOrigins: ["https://other.example"] }] }],
  [
    "object",
    { content: "other", contentType: "text/markdown", tags: { purpose: "other" } },
    { contentType: "text/markdown" },
  ],
  ["access", { description: "other", signingBehavior: "no-override" }],
  ["headers", { comment: "other", customHeadersConfig: { items: [] } }, { comment: "other" }],
  ["edge", { comment: "other", code: "function handler(event) { return { statusCode: 204 }; }" }],
  ["web", { comment: "other", aliases: [], tags: { more: "1" } }],
  ["web", { viewerCertificate: { cloudfrontDefaultCertificate: true }, orderedCacheBehaviors: [] }],
  ["thing", { attributes: { site: "south" } }],
  ["cooler", { deprecated: true, tags: { more: "1" } }],
  [
    "site",
    {
      properties: { description: "another site", attributePayload: { attributes: { city: "Bergen" } } },
      tags: { more: "1" },
    },
  ],
  ["certificate", { active: false }],
  ["device-policy", { policy: policy("iot:Publish"), tags: { more: "1" } }],
  [
    "rule_of_everything",
    { sql: "SELECT topic(3) AS thing FROM 'my/things/+/state'", enabled: false, tags: { more: "1" } },
  ],
  ["rule_of_everything", { description: "less", lambdas: [], dynamodbv2s: [] }, { description: "less" }],
  ["fleet", { description: "other", enabled: false, tags: { more: "1" } }],
  ["fleet", { preProvisioningHook: undefined }, {}],
  ["fleet", { templateBody: templateBody("INACTIVE") }],
  ["events", { eventConfigurations: { JOB: false, JOB_EXECUTION: true } }],
  ["indexing", { thingIndexingConfiguration: { thingIndexingMode: "REGISTRY" } }],
  [
    "function",
    { code: new asset.AssetArchive({ "index.js": new asset.StringAsset("exports.handler = async () => 'other';") }) },
    {},
  ],
  ["users", { passwordPolicy: { ...password, minimumLength: 16 }, tags: { more: "1" } }],
  ["users", { mfaConfiguration: "OFF", softwareTokenMfaConfiguration: { enabled: false } }],
  ["app", { accessTokenValidity: 30, explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"] }],
  ["api", { description: "other", tags: { more: "1" } }],
  ["api", { body: JSON.stringify({ openapi: "3.0.3", info: { title: "empty", version: "2" }, paths: {} }) }, {}],
  ["deployment", { description: "second" }],
  ["stage", { variables: { size: "1" }, xrayTracingEnabled: false, tags: { more: "1" } }],
  ["method-settings", { settings: { metricsEnabled: false, throttlingRateLimit: 10, throttlingBurstLimit: 20 } }],
];
