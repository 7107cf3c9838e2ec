/**
 * Actions for which AWS takes no resource but `*`: in the Service Authorization Reference their column "Resource types" is
 * empty (https://docs.aws.amazon.com/service-authorization/latest/reference/, one page per service), or the service's own guide
 * demands `*`. Only what needs no excuse stands here; a service that is missing can be added by the pack's configuration.
 */
const bySource: Readonly<Record<string, readonly string[]>> = {
  // .../list_awsx-ray.html
  xray: [
    "PutTraceSegments",
    "PutTelemetryRecords",
    "GetSamplingRules",
    "GetSamplingTargets",
    "GetSamplingStatisticSummaries",
  ],
  // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html: logging of a state machine
  logs: [
    "CreateLogDelivery",
    "GetLogDelivery",
    "UpdateLogDelivery",
    "DeleteLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "DescribeResourcePolicies",
    "DescribeLogGroups",
  ],
  // .../list_amazoncloudwatch.html; narrow PutMetricData by the condition cloudwatch:namespace
  cloudwatch: ["PutMetricData", "GetMetricData", "GetMetricStatistics", "ListMetrics"],
  // .../list_awsiot.html
  iot: [
    "DescribeEndpoint",
    "DescribeEventConfigurations",
    "UpdateEventConfigurations",
    "GetIndexingConfiguration",
    "UpdateIndexingConfiguration",
    "GetV2LoggingOptions",
    "SetV2LoggingOptions",
    "CreateKeysAndCertificate",
    "CreateCertificateFromCsr",
    "ListThings",
    "ListThingTypes",
    "ListPolicies",
    "ListCertificates",
  ],
  // .../list_amazonec2.html; the network interfaces of a function in a VPC:
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
  ec2: ["CreateNetworkInterface", "DeleteNetworkInterface", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"],
  // .../list_amazonmessagegatewayservice.html
  ssmmessages: ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"],
  // One page each: list_awssecuritytokenservice, list_amazons3, list_amazondynamodb, list_amazonelasticcontainerregistry, ...
  sts: ["GetCallerIdentity"],
  s3: ["ListAllMyBuckets"],
  dynamodb: ["ListTables"],
  ecr: ["GetAuthorizationToken"],
  kms: ["CreateKey", "GenerateRandom", "ListAliases", "ListKeys"],
  ssm: ["DescribeParameters"],
  sns: ["ListTopics", "ListSubscriptions"],
  sqs: ["ListQueues"],
  lambda: ["ListFunctions", "ListEventSourceMappings"],
  states: ["ListStateMachines"],
  "cognito-idp": ["ListUserPools"],
  tag: ["GetResources"],
};

const unscopable = new Set(
  Object.entries(bySource).flatMap(([service, actions]) =>
    actions.map((action) => `${service}:${action}`.toLowerCase()),
  ),
);

/** Whether AWS leaves no other resource than `*` for an action. Nearly all of EC2's Describe actions are of this kind. */
export function isUnscopable(action: string): boolean {
  const lower = action.toLowerCase();
  return unscopable.has(lower) || (lower.startsWith("ec2:describe") && !lower.includes("*"));
}
