import type { Props, TestResource } from "./support";

const region = "eu-central-1";
export const account = "123456789012";
export const tags = { project: "shop", environment: "dev", owner: "team" };
export const arn = (service: string, name: string) => `arn:aws:${service}:${region}:${account}:${name}`;
export const document = (...statements: Props[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });

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

export function functions(): TestResource[] {
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

export function devices(): TestResource[] {
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

export function edge(): TestResource[] {
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

export function operations(): TestResource[] {
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
