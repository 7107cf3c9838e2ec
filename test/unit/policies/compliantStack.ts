import type { Props, TestResource } from "./support";

const region = "eu-central-1";
const account = "123456789012";
const tags = { project: "shop", environment: "dev", owner: "team" };
const arn = (service: string, name: string) => `arn:aws:${service}:${region}:${account}:${name}`;
const document = (...statements: Props[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** ARNs and the like that tests write too. */
export const arns = {
  failures: arn("sqs", "failures"),
  orders: arn("sqs", "orders"),
  worker: arn("lambda", "function:worker"),
  live: arn("lambda", "function:worker:live"),
  machine: arn("states", "stateMachine:machine"),
  alarms: arn("sns", "alarms"),
  stream: arn("kinesis", "stream/stream"),
};

/**
 * A stack in which every policy of every pack finds nothing: it has one of everything they are about, so that a test breaks
 * one field and sees exactly one violation. `dependencies` say what the engine would have recorded.
 */
export function compliantStack(): TestResource[] {
  // Copies: the parts share objects, and tests change them.
  return structuredClone([
    ...identities(),
    ...storage(),
    ...messaging(),
    ...functions(),
    ...devices(),
    ...edge(),
    ...operations(),
  ]);
}

function identities(): TestResource[] {
  const trust = document({ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" });
  const grants = document(
    { Sid: "WriteTraces", Effect: "Allow", Action: ["xray:PutTraceSegments"], Resource: "*" },
    {
      Sid: "ReadOrders",
      Effect: "Allow",
      Action: ["dynamodb:Query"],
      Resource: [arn("dynamodb", "table/orders/index/*")],
    },
  );
  return [
    {
      type: "aws:iam/role:Role",
      name: "role",
      props: {
        tags,
        name: "role",
        arn: `arn:aws:iam::${account}:role/role`,
        description: "What the worker may do",
        assumeRolePolicy: trust,
      },
    },
    { type: "aws:iam/rolePolicy:RolePolicy", name: "grants", props: { role: "role", policy: grants } },
    {
      type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      name: "read-only",
      props: { role: "role", policyArn: "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess" },
    },
    {
      type: "aws:kms/key:Key",
      name: "key",
      props: {
        tags,
        description: "Encrypts the topic of the alarms",
        policy: document({
          Effect: "Allow",
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: "kms:*",
          Resource: "*",
        }),
      },
    },
  ];
}

function storage(): TestResource[] {
  const bucket = "arn:aws:s3:::bucket";
  const tlsOnly = {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucket, `${bucket}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  return [
    { type: "aws:s3/bucket:Bucket", name: "bucket", props: { tags, id: "bucket", bucket: "bucket", arn: bucket } },
    {
      type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
      name: "block",
      props: {
        bucket: "bucket",
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      dependencies: { bucket: ["bucket"] },
    },
    {
      type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      name: "encryption",
      props: { bucket: "bucket", rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      dependencies: { bucket: ["bucket"] },
    },
    {
      type: "aws:s3/bucketPolicy:BucketPolicy",
      name: "bucket-policy",
      props: { bucket: "bucket", policy: document(tlsOnly) },
      dependencies: { bucket: ["bucket"], policy: ["bucket"] },
    },
    { type: "aws:s3/bucketAcl:BucketAcl", name: "acl", props: { bucket: "bucket", acl: "private" } },
    {
      type: "aws:dynamodb/table:Table",
      name: "table",
      props: { tags, name: "table", arn: arn("dynamodb", "table/table"), pointInTimeRecovery: { enabled: true } },
      opts: { protect: true },
    },
  ];
}

function messaging(): TestResource[] {
  const redrive = JSON.stringify({ deadLetterTargetArn: arns.failures, maxReceiveCount: 5 });
  const queue = (name: string, more: Props = {}): TestResource => ({
    type: "aws:sqs/queue:Queue",
    name,
    props: {
      tags,
      name,
      arn: arn("sqs", name),
      url: `https://sqs/${name}`,
      id: `https://sqs/${name}`,
      sqsManagedSseEnabled: true,
      ...more,
    },
  });
  return [
    queue("failures"),
    { ...queue("orders", { redrivePolicy: redrive }), dependencies: { redrivePolicy: ["failures"] } },
    {
      type: "aws:sqs/queuePolicy:QueuePolicy",
      name: "queue-policy",
      props: {
        queueUrl: "https://sqs/orders",
        policy: document({
          Effect: "Allow",
          Principal: "*",
          Action: "sqs:SendMessage",
          Resource: arns.orders,
          Condition: { ArnEquals: { "aws:SourceArn": arns.alarms } },
        }),
      },
    },
    {
      type: "aws:sns/topic:Topic",
      name: "alarms",
      props: { tags, name: "alarms", arn: arns.alarms, id: arns.alarms, kmsMasterKeyId: "key" },
    },
    {
      type: "aws:kinesis/stream:Stream",
      name: "stream",
      props: { tags, name: "stream", arn: arns.stream, encryptionType: "KMS", kmsKeyId: "alias/aws/kinesis" },
    },
    {
      type: "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
      name: "delivery",
      props: { tags, name: "delivery", serverSideEncryption: { enabled: true } },
    },
  ];
}

function functions(): TestResource[] {
  return [
    {
      type: "aws:cloudwatch/logGroup:LogGroup",
      name: "logs",
      props: {
        tags,
        name: "worker-logs",
        id: "worker-logs",
        arn: arn("logs", "log-group:worker-logs"),
        retentionInDays: 30,
      },
    },
    {
      type: "aws:lambda/function:Function",
      name: "worker",
      props: {
        tags,
        name: "worker",
        id: "worker",
        arn: arns.worker,
        description: "Works on orders",
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        reservedConcurrentExecutions: 5,
        loggingConfig: { logFormat: "JSON", logGroup: "worker-logs" },
        environment: { variables: { TABLE_NAME: "table", DB_PASSWORD_ARN: "arn:aws:secretsmanager:x" } },
      },
      dependencies: { loggingConfig: ["logs"], environment: ["table"] },
    },
    {
      type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
      name: "on-failure",
      props: { functionName: "worker", destinationConfig: { onFailure: { destination: arns.failures } } },
      dependencies: { functionName: ["worker"], destinationConfig: ["failures"] },
    },
    {
      type: "aws:lambda/permission:Permission",
      name: "permission",
      props: {
        function: "worker",
        principal: "iot.amazonaws.com",
        action: "lambda:InvokeFunction",
        sourceArn: arn("iot", "rule/rule"),
      },
      dependencies: { function: ["worker"], sourceArn: ["rule"] },
    },
    {
      type: "aws:lambda/functionUrl:FunctionUrl",
      name: "url",
      props: { functionName: "worker", authorizationType: "AWS_IAM" },
    },
    {
      type: "aws:lambda/eventSourceMapping:EventSourceMapping",
      name: "stream-mapping",
      props: {
        tags,
        functionName: "worker",
        eventSourceArn: arns.stream,
        startingPosition: "LATEST",
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: 3,
        maximumRecordAgeInSeconds: 3600,
        destinationConfig: { onFailure: { destinationArn: arns.failures } },
      },
      dependencies: { functionName: ["worker"], eventSourceArn: ["stream"], destinationConfig: ["failures"] },
    },
    {
      type: "aws:lambda/eventSourceMapping:EventSourceMapping",
      name: "queue-mapping",
      props: { tags, functionName: "worker", eventSourceArn: arns.orders },
      dependencies: { functionName: ["worker"], eventSourceArn: ["orders"] },
    },
    {
      type: "aws:sfn/stateMachine:StateMachine",
      name: "machine",
      props: {
        tags,
        arn: arns.machine,
        id: arns.machine,
        loggingConfiguration: { level: "ERROR", logDestination: `${arn("logs", "log-group:machine")}:*` },
      },
    },
  ];
}

function devices(): TestResource[] {
  const own = "${iot:Connection.Thing.ThingName}";
  return [
    {
      type: "aws:iot/topicRule:TopicRule",
      name: "rule",
      props: {
        tags,
        name: "rule",
        arn: arn("iot", "rule/rule"),
        description: "Hands what devices say to the worker",
        lambdas: [{ functionArn: arns.worker }],
        errorAction: { sqs: { queueUrl: "https://sqs/failures", roleArn: "role", useBase64: false } },
      },
      dependencies: { lambdas: ["worker"], errorAction: ["failures", "role"] },
    },
    {
      type: "aws:iot/policy:Policy",
      name: "device-policy",
      props: {
        tags,
        name: "device-policy",
        policy: document(
          { Effect: "Allow", Action: "iot:Connect", Resource: arn("iot", `client/${own}`) },
          {
            Effect: "Allow",
            Action: ["iot:Publish", "iot:Receive"],
            Resource: [arn("iot", `topic/$aws/things/${own}/shadow/*`)],
          },
          { Effect: "Allow", Action: "iot:Subscribe", Resource: arn("iot", `topicfilter/my/things/${own}/commands/*`) },
        ),
      },
    },
    {
      type: "aws:iot/indexingConfiguration:IndexingConfiguration",
      name: "indexing",
      props: { thingIndexingConfiguration: { thingIndexingMode: "REGISTRY" } },
      opts: { protect: true },
    },
  ];
}

function edge(): TestResource[] {
  const body = {
    openapi: "3.0.1",
    paths: { "/things": { get: { security: [{ user: [] }] }, options: {} } },
  };
  return [
    {
      type: "aws:apigateway/restApi:RestApi",
      name: "api",
      props: { tags, description: "For apps", body: JSON.stringify(body) },
    },
    { type: "aws:apigateway/method:Method", name: "method", props: { httpMethod: "GET", authorization: "CUSTOM" } },
    {
      type: "aws:apigatewayv2/route:Route",
      name: "route",
      props: { routeKey: "GET /things", authorizationType: "JWT" },
    },
    { type: "aws:apigateway/domainName:DomainName", name: "domain", props: { tags, securityPolicy: "TLS_1_2" } },
    {
      type: "aws:cloudfront/distribution:Distribution",
      name: "site",
      props: {
        tags,
        defaultCacheBehavior: { viewerProtocolPolicy: "redirect-to-https" },
        orderedCacheBehaviors: [{ viewerProtocolPolicy: "https-only" }],
        viewerCertificate: { acmCertificateArn: "arn", minimumProtocolVersion: "TLSv1.2_2021" },
        origins: [
          { originId: "bucket", domainName: "bucket.s3.amazonaws.com" },
          {
            originId: "other",
            domainName: "example.com",
            customOriginConfig: { originProtocolPolicy: "https-only", originSslProtocols: ["TLSv1.2"] },
          },
        ],
      },
    },
  ];
}

function operations(): TestResource[] {
  const alarm = (
    name: string,
    namespace: string,
    metricName: string,
    dimensions: Props,
    dependency: string,
  ): TestResource => ({
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    name,
    props: {
      tags,
      name,
      alarmDescription: "Something failed for good",
      namespace,
      metricName,
      dimensions,
      alarmActions: [arns.alarms],
    },
    dependencies: { dimensions: [dependency], alarmActions: ["alarms"] },
  });
  return [
    alarm("failures-alarm", "AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: "failures" }, "failures"),
    alarm("machine-alarm", "AWS/States", "ExecutionsFailed", { StateMachineArn: arns.machine }, "machine"),
  ];
}
