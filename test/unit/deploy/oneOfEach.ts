import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** A certificate signing request, made for these tests; its key is thrown away. */
const csr = `-----BEGIN CERTIFICATE REQUEST-----
MIHKMHICAQAwEDEOMAwGA1UEAwwFdGhpbmcwWTATBgcqhkjOPQIBBggqhkjOPQMB
BwNCAAT3fQOjl+j2f7q2YYajORrK7W8CVMYhHiCkTFhncnG9yutZk7qUT7OqbY5a
r4hi0bI0IwOIF9bXyFllw0bHrsWboAAwCgYIKoZIzj0EAwIDSAAwRQIgdwaLPRGO
P1TzTmGhnaZ5AH9b4pCISwtxLxynRbRkS34CIQCKZ39u8bTUOSHh0HgvUadSOn5v
XdILWSKt3p2rfaxWzw==
-----END CERTIFICATE REQUEST-----
`;

const trust = (service: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });

/** A program with one resource of every type that the local cloud plays, and outputs of several kinds. */
export async function oneOfEach(): Promise<Record<string, unknown>> {
  const identity = await aws.getCallerIdentity();
  const { region } = await aws.getRegion();
  const key = new aws.kms.Key("key", { description: "of the test", enableKeyRotation: true, deletionWindowInDays: 7 });
  new aws.kms.Alias("alias", { targetKeyId: key.keyId });

  const queue = new aws.sqs.Queue("queue", { visibilityTimeoutSeconds: 40, tags: { purpose: "test" } });
  new aws.sqs.QueuePolicy("queue-policy", {
    queueUrl: queue.url,
    policy: statement("sqs:SendMessage", queue.arn, "events.amazonaws.com"),
  });
  const topic = new aws.sns.Topic("topic", { displayName: "Test", kmsMasterKeyId: key.arn });
  new aws.sns.TopicPolicy("topic-policy", {
    arn: topic.arn,
    policy: statement("sns:Publish", topic.arn, "cloudwatch.amazonaws.com"),
  });
  new aws.sns.TopicSubscription("subscription", {
    topic: topic,
    protocol: "sqs",
    endpoint: queue.arn,
    rawMessageDelivery: true,
    filterPolicy: JSON.stringify({ kind: ["a"] }),
  });

  const role = new aws.iam.Role("role", { assumeRolePolicy: trust("lambda.amazonaws.com"), description: "runs it" });
  const managed = new aws.iam.Policy("managed", {
    policy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: ["logs:PutLogEvents"], Resource: "arn:aws:logs:*:*:log-group:none" }],
    },
  });
  new aws.iam.RolePolicyAttachment("attachment", { role, policyArn: managed.arn });
  const grants = new aws.iam.RolePolicy("grants", {
    role,
    policy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: ["sqs:SendMessage"], Resource: queue.arn },
        {
          Effect: "Allow",
          Action: ["dynamodb:*Stream*", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
          Resource: "*",
        },
      ],
    }),
  });

  const table = new aws.dynamodb.Table("table", {
    attributes: [
      { name: "deviceId", type: "S" },
      { name: "at", type: "N" },
      { name: "kind", type: "S" },
    ],
    hashKey: "deviceId",
    rangeKey: "at",
    billingMode: "PAY_PER_REQUEST",
    globalSecondaryIndexes: [{ name: "by-kind", hashKey: "kind", rangeKey: "at", projectionType: "ALL" }],
    streamEnabled: true,
    streamViewType: "NEW_AND_OLD_IMAGES",
    ttl: { attributeName: "expires", enabled: true },
    pointInTimeRecovery: { enabled: true },
    serverSideEncryption: { enabled: true, kmsKeyArn: key.arn },
  });

  const logs = new aws.cloudwatch.LogGroup("logs", { retentionInDays: 7 });
  const fn = new aws.lambda.Function(
    "function",
    {
      code: new pulumi.asset.AssetArchive({
        "index.js": new pulumi.asset.StringAsset("exports.handler = async (event) => ({ echo: event });"),
      }),
      handler: "index.handler",
      runtime: aws.lambda.Runtime.NodeJS20dX,
      architectures: ["arm64"],
      role: role.arn,
      publish: true,
      timeout: 5,
      memorySize: 256,
      reservedConcurrentExecutions: 3,
      environment: { variables: { GREETING: pulumi.secret("hello") } },
      tracingConfig: { mode: "Active" },
      loggingConfig: { logFormat: "JSON", applicationLogLevel: "INFO", systemLogLevel: "WARN", logGroup: logs.name },
    },
    { dependsOn: [grants] },
  );
  const permission = new aws.lambda.Permission("permission", {
    function: fn,
    action: "lambda:InvokeFunction",
    principal: "iot.amazonaws.com",
    sourceAccount: identity.accountId,
  });
  new aws.lambda.FunctionEventInvokeConfig("on-failure", {
    functionName: fn.name,
    maximumRetryAttempts: 1,
    maximumEventAgeInSeconds: 3600,
    destinationConfig: { onFailure: { destination: queue.arn } },
  });
  new aws.lambda.Alias("live", { functionName: fn.name, functionVersion: fn.version });
  new aws.lambda.Invocation("call", { functionName: fn.name, input: JSON.stringify({ hello: "world" }) });
  new aws.lambda.EventSourceMapping("mapping", {
    functionName: fn.name,
    eventSourceArn: table.streamArn,
    startingPosition: "LATEST",
    batchSize: 10,
    bisectBatchOnFunctionError: true,
    maximumRetryAttempts: 3,
    maximumRecordAgeInSeconds: 3600,
    functionResponseTypes: ["ReportBatchItemFailures"],
    destinationConfig: { onFailure: { destinationArn: queue.arn } },
    filterCriteria: { filters: [{ pattern: JSON.stringify({ eventName: ["INSERT"] }) }] },
  });

  const released = new aws.codedeploy.Application("released", { computePlatform: "Lambda", tags: { purpose: "test" } });
  const slowly = new aws.codedeploy.DeploymentConfig("slowly", {
    computePlatform: "Lambda",
    trafficRoutingConfig: { type: "TimeBasedLinear", timeBasedLinear: { percentage: 20, interval: 5 } },
  });
  new aws.codedeploy.DeploymentGroup("group", {
    appName: released.name,
    deploymentGroupName: "test-group",
    serviceRoleArn: role.arn,
    deploymentConfigName: slowly.id,
    deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
    alarmConfiguration: { enabled: true, alarms: ["some-alarm"] },
    autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_FAILURE"] },
    tags: { purpose: "test" },
  });

  const machineRole = new aws.iam.Role("machine-role", { assumeRolePolicy: trust("states.amazonaws.com") });
  new aws.sfn.StateMachine("machine", {
    roleArn: machineRole.arn,
    definition: JSON.stringify({ StartAt: "End", States: { End: { Type: "Succeed" } } }),
    loggingConfiguration: {
      level: "ERROR",
      includeExecutionData: false,
      logDestination: pulumi.interpolate`${logs.arn}:*`,
    },
    tracingConfiguration: { enabled: true },
  });

  const alarm = new aws.cloudwatch.MetricAlarm("alarm", {
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: queue.name },
    statistic: "Maximum",
    period: 60,
    evaluationPeriods: 1,
    threshold: 0,
    comparisonOperator: "GreaterThanThreshold",
    treatMissingData: "notBreaching",
    alarmActions: [topic],
  });
  new aws.cloudwatch.CompositeAlarm("composite", {
    alarmName: "thingstack-test-composite",
    alarmRule: pulumi.interpolate`ALARM("${alarm.name}")`,
    alarmActions: [topic.arn],
  });
  new aws.cloudwatch.Dashboard("dashboard", { dashboardName: "test", dashboardBody: JSON.stringify({ widgets: [] }) });
  const eventRule = new aws.cloudwatch.EventRule("nightly", { scheduleExpression: "rate(1 day)" });
  new aws.cloudwatch.EventTarget("nightly-target", {
    rule: eventRule.name,
    arn: queue.arn,
    input: JSON.stringify({ night: true }),
    deadLetterConfig: { arn: queue.arn },
    retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 60 },
  });

  const database = new aws.glue.CatalogDatabase("database", { description: "of the test" });
  new aws.glue.CatalogTable("catalog-table", {
    databaseName: database.name,
    tableType: "EXTERNAL_TABLE",
    parameters: { classification: "json", "projection.enabled": "true" },
    partitionKeys: [{ name: "dt", type: "string", comment: "the day" }],
    storageDescriptor: {
      location: "s3://none/data/",
      inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
      outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
      compressed: true,
      columns: [{ name: "payload", type: "struct<t:double>", comment: "what came" }],
      serDeInfo: {
        serializationLibrary: "org.openx.data.jsonserde.JsonSerDe",
        parameters: { "ignore.malformed.json": "true" },
      },
    },
  });
  new aws.athena.Workgroup("workgroup", {
    description: "of the test",
    forceDestroy: true,
    configuration: {
      enforceWorkgroupConfiguration: true,
      publishCloudwatchMetricsEnabled: true,
      resultConfiguration: {
        outputLocation: "s3://none/results/",
        encryptionConfiguration: { encryptionOption: "SSE_S3" },
      },
    },
    tags: { purpose: "test" },
  });
  const stream = new aws.kinesis.Stream("stream", { shardCount: 2, retentionPeriod: 48 });
  site(buckets(), region);
  people(logs, role, fn);
  const device = things(role, queue, fn, table, permission);
  return {
    queueUrl: queue.url,
    functionArn: fn.arn,
    tableStreamArn: table.streamArn,
    ...device,
    nested: { topic: topic.arn, list: [stream.name] },
    token: pulumi.secret("s3cret"),
    nothing: undefined,
  };
}

function statement(action: string, resource: pulumi.Output<string>, service: string): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: action, Resource: resource }],
  });
}

function buckets(): aws.s3.Bucket {
  const bucket = new aws.s3.Bucket("Releases", { forceDestroy: true, tags: { purpose: "test" } });
  const named = { bucket: bucket.bucket };
  new aws.s3.BucketVersioning("versioning", { ...named, versioningConfiguration: { status: "Enabled" } });
  new aws.s3.BucketOwnershipControls("ownership", { ...named, rule: { objectOwnership: "BucketOwnerEnforced" } });
  const block = new aws.s3.BucketPublicAccessBlock("block", {
    ...named,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  new aws.s3.BucketServerSideEncryptionConfiguration("encryption", {
    ...named,
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
  });
  new aws.s3.BucketLifecycleConfiguration("lifecycle", {
    ...named,
    rules: [
      {
        id: "old",
        status: "Enabled",
        filter: { prefix: "old/" },
        expiration: { days: 30 },
        noncurrentVersionExpiration: { noncurrentDays: 7 },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
      },
    ],
  });
  new aws.s3.BucketCorsConfiguration("cors", {
    ...named,
    corsRules: [{ allowedMethods: ["GET"], allowedOrigins: ["https://example.com"], maxAgeSeconds: 60 }],
  });
  new aws.s3.BucketPolicy(
    "bucket-policy",
    {
      ...named,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "logging.s3.amazonaws.com" },
            Action: "s3:PutObject",
            Resource: pulumi.interpolate`${bucket.arn}/*`,
          },
        ],
      }),
    },
    { dependsOn: [block] },
  );
  const send = new aws.sqs.Queue("uploads");
  const allow = new aws.sqs.QueuePolicy("uploads-policy", {
    queueUrl: send.url,
    policy: statement("sqs:SendMessage", send.arn, "s3.amazonaws.com"),
  });
  new aws.s3.BucketNotification(
    "notification",
    {
      bucket: bucket.bucket,
      queues: [
        { queueArn: send.arn, events: ["s3:ObjectCreated:*"], filterPrefix: "releases/", filterSuffix: ".json" },
      ],
    },
    { dependsOn: [allow] },
  );
  new aws.s3.BucketObjectv2("object", {
    bucket: bucket,
    key: "notes/a b.txt",
    content: "hello",
    contentType: "text/plain",
    metadata: { by: "test" },
    tags: { purpose: "test" },
  });
  return bucket;
}

function site(bucket: aws.s3.Bucket, region: string): void {
  const access = new aws.cloudfront.OriginAccessControl("access", {
    originAccessControlOriginType: "s3",
    signingBehavior: "always",
    signingProtocol: "sigv4",
  });
  const headers = new aws.cloudfront.ResponseHeadersPolicy("headers", {
    comment: "of the test",
    securityHeadersConfig: {
      contentSecurityPolicy: { contentSecurityPolicy: "default-src 'none'", override: true },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: "DENY", override: true },
      referrerPolicy: { referrerPolicy: "no-referrer", override: true },
      strictTransportSecurity: { accessControlMaxAgeSec: 60, includeSubdomains: true, override: true },
    },
    customHeadersConfig: { items: [{ header: "X-Test", value: "yes", override: true }] },
  });
  const edge = new aws.cloudfront.Function("edge", {
    comment: "of the test",
    runtime: "cloudfront-js-2.0",
    code: "function handler(event) { return event.request; }",
    publish: true,
  });
  const behavior = {
    viewerProtocolPolicy: "https-only",
    allowedMethods: ["GET", "HEAD"],
    cachedMethods: ["GET", "HEAD"],
    compress: true,
    cachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
  };
  new aws.cloudfront.Distribution("web", {
    comment: "of the test",
    enabled: true,
    isIpv6Enabled: true,
    httpVersion: "http2and3",
    defaultRootObject: "index.html",
    aliases: ["web.example.com"],
    viewerCertificate: {
      acmCertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/1",
      sslSupportMethod: "sni-only",
      minimumProtocolVersion: "TLSv1.2_2021",
    },
    restrictions: { geoRestriction: { restrictionType: "whitelist", locations: ["NO", "SE"] } },
    origins: [
      { originId: "files", domainName: bucket.bucketRegionalDomainName, originAccessControlId: access.id },
      {
        originId: "api",
        domainName: `abc123.execute-api.${region}.amazonaws.com`,
        originPath: "/live",
        customOriginConfig: {
          httpPort: 80,
          httpsPort: 443,
          originProtocolPolicy: "https-only",
          originSslProtocols: ["TLSv1.2"],
        },
      },
    ],
    defaultCacheBehavior: {
      ...behavior,
      targetOriginId: "files",
      responseHeadersPolicyId: headers.id,
      functionAssociations: [{ eventType: "viewer-request", functionArn: edge.arn }],
    },
    orderedCacheBehaviors: [
      {
        ...behavior,
        pathPattern: "/api/*",
        targetOriginId: "api",
        originRequestPolicyId: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
      },
    ],
    tags: { purpose: "test" },
  });
}

/** An OpenAPI document with all that the local cloud reads of one. */
const document = (invokeArn: string) => ({
  openapi: "3.0.3",
  info: { title: "test", version: "1" },
  security: [{ signedIn: [] }],
  paths: {
    "/": { get: { operationId: "root", security: [], ...integration(invokeArn) } },
    "/things/{thingName}": {
      patch: {
        operationId: "change",
        parameters: [
          { name: "thingName", in: "path", required: true, schema: { type: "string" } },
          { name: "verbose", in: "query", schema: { type: "boolean" } },
        ],
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Change" } } } },
        ...integration(invokeArn),
      },
    },
  },
  components: {
    schemas: {
      Change: { type: "object", properties: { by: { $ref: "#/components/schemas/Step" } } },
      Step: { type: "integer" },
    },
    securitySchemes: {
      signedIn: {
        type: "apiKey",
        name: "Authorization",
        in: "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
          type: "request",
          identitySource: "method.request.header.Authorization",
          authorizerUri: invokeArn,
          authorizerResultTtlInSeconds: 60,
        },
      },
    },
  },
  "x-amazon-apigateway-request-validators": { all: { validateRequestBody: true, validateRequestParameters: true } },
  "x-amazon-apigateway-request-validator": "all",
  "x-amazon-apigateway-gateway-responses": {
    UNAUTHORIZED: { statusCode: "401", responseTemplates: { "application/json": '{"title":"who?"}' } },
  },
});

const integration = (uri: string) => ({
  "x-amazon-apigateway-integration": {
    type: "aws_proxy",
    httpMethod: "POST",
    uri,
    passthroughBehavior: "when_no_match",
  },
});

function people(logs: aws.cloudwatch.LogGroup, role: aws.iam.Role, fn: aws.lambda.Function): void {
  const pool = new aws.cognito.UserPool("users", {
    usernameAttributes: ["email"],
    usernameConfiguration: { caseSensitive: false },
    autoVerifiedAttributes: ["email"],
    adminCreateUserConfig: { allowAdminCreateUserOnly: true },
    passwordPolicy: {
      minimumLength: 12,
      requireLowercase: true,
      requireUppercase: true,
      requireNumbers: true,
      requireSymbols: true,
      temporaryPasswordValidityDays: 3,
    },
    mfaConfiguration: "OPTIONAL",
    softwareTokenMfaConfiguration: { enabled: true },
    accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
    deletionProtection: "INACTIVE",
    tags: { purpose: "test" },
  });
  new aws.cognito.UserPoolClient("app", {
    userPoolId: pool.id,
    generateSecret: false,
    explicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    preventUserExistenceErrors: "ENABLED",
    enableTokenRevocation: true,
    accessTokenValidity: 15,
    idTokenValidity: 15,
    refreshTokenValidity: 7,
    tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "days" },
  });
  new aws.cognito.UserGroup("admins", { userPoolId: pool.id, name: "admin", description: "may do all", precedence: 1 });

  const api = new aws.apigateway.RestApi("api", {
    description: "of the test",
    body: fn.invokeArn.apply((arn) => JSON.stringify(document(arn))),
    endpointConfiguration: { types: "REGIONAL" },
    putRestApiMode: "overwrite",
    tags: { purpose: "test" },
  });
  const deployed = new aws.apigateway.Deployment(
    "deployment",
    { restApi: api.id, description: "first", triggers: { document: "1" } },
    { dependsOn: [api] },
  );
  const stage = new aws.apigateway.Stage("stage", {
    restApi: api.id,
    deployment: deployed.id,
    stageName: "live",
    description: "of the test",
    variables: { colour: "blue" },
    xrayTracingEnabled: true,
    accessLogSettings: { destinationArn: logs.arn, format: "$context.requestId" },
    tags: { purpose: "test" },
  });
  new aws.apigateway.MethodSettings("method-settings", {
    restApi: api.id,
    stageName: stage.stageName,
    methodPath: "*/*",
    settings: { metricsEnabled: true, throttlingRateLimit: 50, throttlingBurstLimit: 100 },
  });
  new aws.apigateway.Account("api-account", { cloudwatchRoleArn: role.arn });
}

function things(
  role: aws.iam.Role,
  queue: aws.sqs.Queue,
  fn: aws.lambda.Function,
  table: aws.dynamodb.Table,
  permission: aws.lambda.Permission,
) {
  const type = new aws.iot.ThingType("cooler", {
    properties: { description: "keeps cool", searchableAttributes: ["site"] },
  });
  new aws.iot.ThingGroup("site", {
    properties: { description: "a site", attributePayload: { attributes: { city: "Oslo" } } },
  });
  const thing = new aws.iot.Thing("thing", { thingTypeName: type.name, attributes: { site: "north", build: "12" } });
  const certificate = new aws.iot.Certificate("certificate", { active: true });
  const fromCsr = new aws.iot.Certificate("certificate-from-csr", { active: true, csr });
  new aws.iot.ThingPrincipalAttachment("thing-attachment", { thing: thing.name, principal: certificate.arn });
  const policy = new aws.iot.Policy("device-policy", {
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: ["iot:Connect"], Resource: ["*"] }],
    }),
  });
  new aws.iot.PolicyAttachment("policy-attachment", { policy: policy.name, target: certificate.arn });
  new aws.iot.TopicRule("rule_of_everything", {
    enabled: true,
    sql: "SELECT * FROM 'my/things/+/state'",
    sqlVersion: "2016-03-23",
    description: "every action that fills are made for",
    lambdas: [{ functionArn: fn.arn }],
    sqs: [{ queueUrl: queue.url, roleArn: role.arn, useBase64: false }],
    dynamodbv2s: [{ roleArn: role.arn, putItem: { tableName: table.name } }],
    republishes: [{ roleArn: role.arn, topic: "other/${topic(3)}", qos: 1 }],
    errorAction: { sqs: { queueUrl: queue.url, roleArn: role.arn, useBase64: false } },
    tags: { purpose: "test" },
  });
  new aws.iot.ProvisioningTemplate(
    "fleet",
    {
      provisioningRoleArn: role.arn,
      description: "things from the field",
      enabled: true,
      preProvisioningHook: { targetArn: fn.arn, payloadVersion: "2020-04-01" },
      templateBody: JSON.stringify({
        Parameters: { SerialNumber: { Type: "String" }, "AWS::IoT::Certificate::Id": { Type: "String" } },
        Resources: {
          thing: { Type: "AWS::IoT::Thing", Properties: { ThingName: { Ref: "SerialNumber" } } },
          certificate: {
            Type: "AWS::IoT::Certificate",
            Properties: { CertificateId: { Ref: "AWS::IoT::Certificate::Id" }, Status: "ACTIVE" },
          },
        },
      }),
    },
    { dependsOn: [permission] },
  );
  new aws.iot.EventConfigurations("events", { eventConfigurations: { JOB: true, JOB_EXECUTION: true } });
  new aws.iot.IndexingConfiguration("indexing", {
    thingIndexingConfiguration: {
      thingIndexingMode: "REGISTRY_AND_SHADOW",
      thingConnectivityIndexingMode: "STATUS",
      customFields: [{ name: "attributes.build", type: "Number" }],
    },
  });
  new aws.iot.LoggingOptions("logging", { roleArn: role.arn, defaultLogLevel: "WARN" });
  return {
    thingName: thing.name,
    certificatePem: certificate.certificatePem,
    privateKey: certificate.privateKey,
    csrCertificate: fromCsr.certificatePem,
  };
}
