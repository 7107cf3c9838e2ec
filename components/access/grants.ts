import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/**
 * One thing a role may do: a few actions on named resources. Made by the functions below, one verb each; written by hand
 * only where none fits.
 */
export interface Grant {
  /** The statement's id in the policy, letters and digits; says what it is for. */
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly pulumi.Input<string>[];
}

/** May read items and query a table; not scan it. */
export const readItems = (table: aws.dynamodb.Table): Grant => ({
  sid: "ReadItems",
  actions: ["dynamodb:GetItem", "dynamodb:Query"],
  resources: [table.arn],
});

/** May put, change and delete items of a table. */
export const writeItems = (table: aws.dynamodb.Table): Grant => ({
  sid: "WriteItems",
  actions: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
  resources: [table.arn],
});

/** May change items of a table, or make them by changing. */
export const updateItems = (table: aws.dynamodb.Table): Grant => ({
  sid: "UpdateItems",
  actions: ["dynamodb:UpdateItem"],
  resources: [table.arn],
});

/** May put items into a table. */
export const putItems = (table: aws.dynamodb.Table): Grant => ({
  sid: "PutItems",
  actions: ["dynamodb:PutItem"],
  resources: [table.arn],
});

/** May delete items of a table. */
export const deleteItems = (table: aws.dynamodb.Table): Grant => ({
  sid: "DeleteItems",
  actions: ["dynamodb:DeleteItem"],
  resources: [table.arn],
});

/** May read a table's stream, as an event source mapping does. */
export const readStream = (table: aws.dynamodb.Table): Grant => ({
  sid: "ReadStream",
  actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
  resources: [table.streamArn],
});

/** May publish to an SNS topic. */
export const publishTo = (topicArn: pulumi.Input<string>): Grant => ({
  sid: "PublishToTopic",
  actions: ["sns:Publish"],
  resources: [topicArn],
});

/** May send messages to an SQS queue. */
export const sendTo = (queue: aws.sqs.Queue): Grant => ({
  sid: "SendToQueue",
  actions: ["sqs:SendMessage"],
  resources: [queue.arn],
});

/** May put records into a Kinesis stream. */
export const putRecords = (stream: aws.kinesis.Stream): Grant => ({
  sid: "PutRecords",
  actions: ["kinesis:PutRecord", "kinesis:PutRecords"],
  resources: [stream.arn],
});

/** May read the records of a Kinesis stream, as an event source mapping does. */
export const readRecords = (stream: aws.kinesis.Stream): Grant => ({
  sid: "ReadRecords",
  actions: [
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
  ],
  resources: [stream.arn],
});

/** May take messages from an SQS queue, as an event source mapping does. */
export const receiveFrom = (queue: aws.sqs.Queue): Grant => ({
  sid: "ReceiveFromQueue",
  actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
  resources: [queue.arn],
});

/** May write objects under some prefixes of a bucket. */
export const putObjects = (bucket: aws.s3.Bucket, ...prefixes: string[]): Grant => ({
  sid: "PutObjects",
  actions: ["s3:PutObject"],
  resources: prefixes.map((prefix) => pulumi.interpolate`${bucket.arn}/${prefix}/*`),
});

/** May read objects, and their earlier versions, under some prefixes of a bucket. */
export const readObjects = (bucket: aws.s3.Bucket, ...prefixes: string[]): Grant => ({
  sid: "ReadObjects",
  actions: ["s3:GetObject", "s3:GetObjectVersion"],
  resources: prefixes.map((prefix) => pulumi.interpolate`${bucket.arn}/${prefix}/*`),
});

/** May list a bucket. Without it S3 says of an object that is not there that it is forbidden. */
export const listBucket = (bucket: aws.s3.Bucket): Grant => ({
  sid: "ListBucket",
  actions: ["s3:ListBucket"],
  resources: [bucket.arn],
});

/** May start executions of a state machine. */
export const startExecutionsOf = (stateMachineArn: pulumi.Input<string>): Grant => ({
  sid: "StartExecutions",
  actions: ["states:StartExecution"],
  resources: [stateMachineArn],
});

/** May invoke a function. */
export const invoke = (functionArn: pulumi.Input<string>): Grant => ({
  sid: "InvokeFunction",
  actions: ["lambda:InvokeFunction"],
  resources: [functionArn],
});

/** May publish MQTT messages on topics; an ARN as AWS IoT has it, `*` spans levels. */
export const publishMqtt = (topicArn: pulumi.Input<string>): Grant => ({
  sid: "PublishMqtt",
  actions: ["iot:Publish"],
  resources: [topicArn],
});

/** May write to a log group. */
export const writeLogs = (logGroup: aws.cloudwatch.LogGroup): Grant => ({
  sid: "WriteLogs",
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [pulumi.interpolate`${logGroup.arn}:*`],
});

/** May send traces to X-Ray. AWS offers no narrower resource than `*` for these two actions. */
export const writeTraces: Grant = {
  sid: "WriteTraces",
  actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  resources: ["*"],
};

/** Step Functions sets up its log delivery by these; AWS offers no narrower resource than `*` for them. */
export const deliverMachineLogs: Grant = {
  sid: "DeliverLogs",
  actions: [
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
  ],
  resources: ["*"],
};

/** Sampling rules and segments of X-Ray; AWS offers no narrower resource than `*`. */
export const traceMachine: Grant = {
  sid: "WriteTraces",
  actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
  resources: ["*"],
};

/** The policy document of some grants. Statements of the same sid are numbered, as sids must differ in a policy. */
export function policyDocument(grants: readonly Grant[]): pulumi.Output<string> {
  const seen = new Map<string, number>();
  const statements = grants.map(({ sid, actions, resources }) => {
    const times = (seen.get(sid) ?? 0) + 1;
    seen.set(sid, times);
    return {
      Sid: times === 1 ? sid : `${sid}${times}`,
      Effect: "Allow",
      Action: [...actions],
      Resource: [...resources],
    };
  });
  return pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements });
}
