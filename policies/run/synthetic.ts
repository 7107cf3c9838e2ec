import { createHash } from "node:crypto";

/** The account and region that made-up ARNs name. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

type Outputs = Record<string, unknown>;

/** What AWS would answer, by type; `{name}` and the like stand for what the call knows. */
const shapes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "aws:sqs/queue:Queue": {
    arn: "arn:aws:sqs:{region}:{account}:{name}",
    url: "https://sqs.{region}.amazonaws.com/{account}/{name}",
    id: "https://sqs.{region}.amazonaws.com/{account}/{name}",
  },
  "aws:sns/topic:Topic": { arn: "arn:aws:sns:{region}:{account}:{name}", id: "arn:aws:sns:{region}:{account}:{name}" },
  "aws:lambda/function:Function": {
    arn: "arn:aws:lambda:{region}:{account}:function:{name}",
    qualifiedArn: "arn:aws:lambda:{region}:{account}:function:{name}:1",
    invokeArn:
      "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/arn:aws:lambda:{region}:{account}:function:{name}/invocations",
    version: "1",
  },
  "aws:lambda/alias:Alias": { arn: "arn:aws:lambda:{region}:{account}:function:{functionName}:{name}" },
  "aws:dynamodb/table:Table": {
    arn: "arn:aws:dynamodb:{region}:{account}:table/{name}",
    streamArn: "arn:aws:dynamodb:{region}:{account}:table/{name}/stream/2026-01-01T00:00:00.000",
  },
  "aws:kinesis/stream:Stream": { arn: "arn:aws:kinesis:{region}:{account}:stream/{name}" },
  "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": {
    arn: "arn:aws:firehose:{region}:{account}:deliverystream/{name}",
  },
  "aws:s3/bucket:Bucket": {
    arn: "arn:aws:s3:::{name}",
    bucket: "{name}",
    bucketDomainName: "{name}.s3.amazonaws.com",
    bucketRegionalDomainName: "{name}.s3.{region}.amazonaws.com",
  },
  "aws:iam/role:Role": { arn: "arn:aws:iam::{account}:role/{name}" },
  "aws:iam/policy:Policy": { arn: "arn:aws:iam::{account}:policy/{name}", id: "arn:aws:iam::{account}:policy/{name}" },
  "aws:cloudwatch/logGroup:LogGroup": { arn: "arn:aws:logs:{region}:{account}:log-group:{name}" },
  "aws:cloudwatch/metricAlarm:MetricAlarm": { arn: "arn:aws:cloudwatch:{region}:{account}:alarm:{name}" },
  "aws:cloudwatch/eventRule:EventRule": { arn: "arn:aws:events:{region}:{account}:rule/{name}" },
  "aws:sfn/stateMachine:StateMachine": {
    arn: "arn:aws:states:{region}:{account}:stateMachine:{name}",
    id: "arn:aws:states:{region}:{account}:stateMachine:{name}",
  },
  "aws:iot/topicRule:TopicRule": { arn: "arn:aws:iot:{region}:{account}:rule/{name}" },
  "aws:iot/thing:Thing": { arn: "arn:aws:iot:{region}:{account}:thing/{name}", defaultClientId: "{name}" },
  "aws:iot/thingGroup:ThingGroup": { arn: "arn:aws:iot:{region}:{account}:thinggroup/{name}" },
  "aws:iot/policy:Policy": { arn: "arn:aws:iot:{region}:{account}:policy/{name}" },
  "aws:iot/certificate:Certificate": {
    arn: "arn:aws:iot:{region}:{account}:cert/{hash}",
    id: "{hash}",
    certificatePem: "-----BEGIN CERTIFICATE-----\n{hash}\n-----END CERTIFICATE-----\n",
  },
  "aws:kms/key:Key": { arn: "arn:aws:kms:{region}:{account}:key/{hash}", id: "{hash}", keyId: "{hash}" },
  "aws:secretsmanager/secret:Secret": { arn: "arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf" },
  "aws:cognito/userPool:UserPool": {
    arn: "arn:aws:cognito-idp:{region}:{account}:userpool/{region}_{hash}",
    id: "{region}_{hash}",
    endpoint: "cognito-idp.{region}.amazonaws.com/{region}_{hash}",
  },
  "aws:apigateway/restApi:RestApi": {
    arn: "arn:aws:apigateway:{region}::/restapis/{hash}",
    id: "{hash}",
    executionArn: "arn:aws:execute-api:{region}:{account}:{hash}",
    rootResourceId: "{hash}",
  },
  "aws:apigateway/stage:Stage": { invokeUrl: "https://{restApi}.execute-api.{region}.amazonaws.com/{stageName}" },
  "aws:apigatewayv2/api:Api": {
    id: "{hash}",
    apiEndpoint: "https://{hash}.execute-api.{region}.amazonaws.com",
    executionArn: "arn:aws:execute-api:{region}:{account}:{hash}",
  },
  "aws:cloudfront/distribution:Distribution": {
    arn: "arn:aws:cloudfront::{account}:distribution/{hash}",
    id: "{hash}",
    domainName: "{hash}.cloudfront.net",
  },
};

/**
 * The id and outputs of a resource that is not made: its inputs, an automatic name as Pulumi gives it, and for the types above
 * what AWS would answer. Equal calls answer alike, so that two runs find the same.
 */
export function syntheticOutputs(
  type: string,
  logicalName: string,
  inputs: Outputs,
  place: Place,
): { id: string; outputs: Outputs } {
  const hash = createHash("sha256").update(`${type} ${logicalName}`).digest("hex");
  const named = inputs.name ?? inputs.bucket ?? inputs.functionName;
  const name =
    typeof named === "string" && type !== "aws:lambda/alias:Alias"
      ? named
      : (inputs.name ?? `${logicalName}-${hash.slice(0, 7)}`);
  const known: Outputs = { ...inputs, ...place, name, hash };
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, key: string) => String(known[key] ?? key));
  const [, module = "", resource = ""] = /^aws:(\w+)\/(\w+):/.exec(type) ?? [];
  const shape = shapes[type] ?? { arn: `arn:aws:${module}:{region}:{account}:${resource}/{name}` };
  const { id = String(name), ...outputs } = Object.fromEntries(
    Object.entries(shape).map(([key, text]) => [key, fill(text)]),
  );
  return { id, outputs: { ...inputs, name, ...outputs, id } };
}
