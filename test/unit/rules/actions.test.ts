import { expect } from "chai";
import { createEngine, ROLE, rulePayload, type Sent } from "./ruleHelp";

const RULE_ARN = "arn:aws:iot:eu-central-1:123456789012:rule/r";
const FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:fn";
const dynamo = { tableName: "t", hashKeyField: "id", hashKeyValue: "${topic(2)}", roleArn: ROLE };
const PAYLOAD = { n: 5, list: [1.5, null, "x"], deep: { yes: true } };
const MARSHALLED = {
  n: { N: "5" },
  list: { L: [{ N: "1.5" }, { NULL: true }, { S: "x" }] },
  deep: { M: { yes: { BOOL: true } } },
};

/** Puts one message through a rule with one action. */
async function run(action: object, payload: unknown = PAYLOAD, sql = "SELECT * FROM 'a/+'") {
  const engine = createEngine();
  const errors: string[] = [];
  engine.events.on("actionFailed", ({ errorMessage }) => errors.push(errorMessage));
  engine.put("r", rulePayload(sql, [action]));
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
  engine.recorded.send.callsFake(async (command) =>
    command.constructor.name === "GetPolicyCommand" ? { Policy: functionPolicy({}) } : {},
  );
  engine.dispatch({ topic: "a/thing1", payload: bytes });
  await engine.settled();
  return { sent: engine.recorded.sent, roles: engine.recorded.roles, errors };
}

function functionPolicy(change: object): string {
  const statement = {
    Effect: "Allow",
    Principal: { Service: "iot.amazonaws.com" },
    Action: "lambda:InvokeFunction",
    Resource: FUNCTION_ARN,
    Condition: { ArnLike: { "AWS:SourceArn": RULE_ARN } },
  };
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ ...statement, ...change }] });
}

describe("actions of rules", () => {
  const text = JSON.stringify(PAYLOAD);
  const cases: [what: string, action: object, sent: Sent, payload?: unknown][] = [
    [
      "dynamoDBv2 puts a column for each attribute",
      { dynamoDBv2: { roleArn: ROLE, putItem: { tableName: "${topic(1)}-table" } } },
      ["PutItemCommand", { TableName: "a-table", Item: MARSHALLED }],
    ],
    [
      "dynamoDB puts the whole into `payload`",
      { dynamoDB: dynamo },
      ["PutItemCommand", { TableName: "t", Item: { id: { S: "thing1" }, payload: { M: MARSHALLED } } }],
    ],
    [
      "dynamoDB takes a column, a range key and numbers",
      {
        dynamoDB: {
          ...dynamo,
          ...{ operation: "INSERT", payloadField: "data" },
          ...{ rangeKeyField: "at", rangeKeyValue: "${timestamp()}", rangeKeyType: "NUMBER" },
        },
      },
      [
        "PutItemCommand",
        { TableName: "t", Item: { id: { S: "thing1" }, at: { N: "1481825251155" }, data: { M: MARSHALLED } } },
      ],
    ],
    [
      "dynamoDB updates",
      { dynamoDB: { ...dynamo, operation: "UPDATE" } },
      [
        "UpdateItemCommand",
        {
          TableName: "t",
          Key: { id: { S: "thing1" } },
          UpdateExpression: "SET #payload = :payload",
          ExpressionAttributeNames: { "#payload": "payload" },
          ExpressionAttributeValues: { ":payload": { M: MARSHALLED } },
        },
      ],
    ],
    [
      "dynamoDB deletes, with an operation from the message",
      { dynamoDB: { ...dynamo, operation: "${what}" } },
      ["DeleteItemCommand", { TableName: "t", Key: { id: { S: "thing1" } } }],
      { what: "delete" },
    ],
    [
      "dynamoDB keeps what is no JSON as binary",
      { dynamoDB: dynamo },
      ["PutItemCommand", { TableName: "t", Item: { id: { S: "thing1" }, payload: { B: Buffer.from([0xff]) } } }],
      Buffer.from([0xff]),
    ],
    [
      "sqs sends compact JSON",
      { sqs: { queueUrl: "http://x/${topic(2)}", roleArn: ROLE } },
      ["SendMessageCommand", { QueueUrl: "http://x/thing1", MessageBody: text }],
    ],
    [
      "sqs sends base64",
      { sqs: { queueUrl: "http://x/q", roleArn: ROLE, useBase64: true } },
      ["SendMessageCommand", { QueueUrl: "http://x/q", MessageBody: "AP8=" }],
      Buffer.from([0x00, 0xff]),
    ],
    [
      "sns publishes raw",
      { sns: { targetArn: "arn:x", roleArn: ROLE } },
      ["PublishCommand", { TargetArn: "arn:x", Message: text, MessageStructure: undefined }],
    ],
    [
      "sns publishes a message per protocol",
      { sns: { targetArn: "arn:x", roleArn: ROLE, messageFormat: "JSON" } },
      ["PublishCommand", { TargetArn: "arn:x", Message: '{"default":"d"}', MessageStructure: "json" }],
      { default: "d" },
    ],
    [
      "kinesis puts a record under a key from the message",
      { kinesis: { streamName: "s", partitionKey: "${topic()}", roleArn: ROLE } },
      ["PutRecordCommand", { StreamName: "s", PartitionKey: "a/thing1", Data: Buffer.from(text) }],
    ],
    [
      "kinesis puts bytes that are no JSON, under a key of its own",
      { kinesis: { streamName: "${topic(1)}-stream", roleArn: ROLE } },
      ["PutRecordCommand", { StreamName: "a-stream", PartitionKey: "uuid-1", Data: Buffer.from([0xff]) }],
      Buffer.from([0xff]),
    ],
    [
      "firehose sends a record with its separator",
      { firehose: { deliveryStreamName: "${topic(1)}-delivery", separator: "\n", roleArn: ROLE } },
      ["PutRecordCommand", { DeliveryStreamName: "a-delivery", Record: { Data: Buffer.from(`${text}\n`) } }],
    ],
    [
      "firehose sends an array element by element",
      { firehose: { deliveryStreamName: "d", batchMode: true, roleArn: ROLE } },
      [
        "PutRecordBatchCommand",
        { DeliveryStreamName: "d", Records: [{ Data: Buffer.from("1") }, { Data: Buffer.from('{"a":2}') }] },
      ],
      [1, { a: 2 }],
    ],
    [
      "s3 puts an object under a key from the message",
      { s3: { bucketName: "b", key: "${topic()}/${timestamp()}", cannedAcl: "bucket-owner-read", roleArn: ROLE } },
      [
        "PutObjectCommand",
        { Bucket: "b", Key: "a/thing1/1481825251155", Body: Buffer.from(text), ACL: "bucket-owner-read" },
      ],
    ],
    [
      "s3 keeps bytes as they came",
      { s3: { bucketName: "b", key: "${topic(2)}", roleArn: ROLE } },
      ["PutObjectCommand", { Bucket: "b", Key: "thing1", Body: Buffer.from([0xff]), ACL: undefined }],
      Buffer.from([0xff]),
    ],
    [
      "republish publishes to a reserved topic",
      { republish: { topic: "$$aws/things/${topic(2)}/shadow/update", roleArn: ROLE, qos: 1 } },
      ["PublishCommand", { topic: "$aws/things/thing1/shadow/update", qos: 1, payload: Buffer.from(text) }],
    ],
    [
      "republish carries bytes that are no JSON, at QoS 0",
      { republish: { topic: "other", roleArn: ROLE } },
      ["PublishCommand", { topic: "other", qos: 0, payload: Buffer.from([0xff]) }],
      Buffer.from([0xff]),
    ],
  ];
  for (const [what, action, sent, payload] of cases) {
    it(what, async () => {
      const ran = await run(action, payload);
      expect(ran.errors).to.deep.equal([]);
      expect(ran.sent).to.deep.equal([sent]);
      expect(ran.roles, "as the rule's role").to.deep.equal([ROLE]);
    });
  }

  it("lambda invokes without waiting, when the function's policy lets the rule in", async () => {
    const { sent, errors } = await run({ lambda: { functionArn: `${FUNCTION_ARN}:live` } });
    expect(sent[0]).to.deep.equal(["GetPolicyCommand", { FunctionName: FUNCTION_ARN, Qualifier: "live" }]);
    expect(errors, "the policy is the function's, not the alias's").to.have.lengthOf(1);
    const ran = await run({ lambda: { functionArn: FUNCTION_ARN } });
    expect(ran.errors).to.deep.equal([]);
    const invoke = { FunctionName: FUNCTION_ARN, InvocationType: "Event", Payload: Buffer.from(text) };
    expect(ran.sent[1]).to.deep.equal(["InvokeCommand", invoke]);
  });

  const failing: [what: string, action: object, payload: unknown, reason: RegExp, sql?: string][] = [
    [
      "lambda takes no binary payload",
      { lambda: { functionArn: FUNCTION_ARN } },
      Buffer.from([0xff]),
      /not JSON: select/,
    ],
    [
      "dynamoDBv2 needs an object",
      { dynamoDBv2: { roleArn: ROLE, putItem: { tableName: "t" } } },
      [1],
      /gives no JSON object/,
    ],
    [
      "nothing is made of Undefined",
      { dynamoDBv2: { roleArn: ROLE, putItem: { tableName: "t" } } },
      {},
      /gives Undefined/,
      "SELECT VALUE gone FROM 'a/+'",
    ],
    [
      "dynamoDB knows three operations",
      { dynamoDB: { ...dynamo, operation: "${what}" } },
      { what: "UPSERT" },
      /"UPSERT"/,
    ],
    [
      "dynamoDB knows two types",
      { dynamoDB: { ...dynamo, hashKeyType: "${what}" } },
      { what: "B" },
      /STRING or NUMBER/,
    ],
    ["sqs has no FIFO queues", { sqs: { queueUrl: "http://x/q.fifo", roleArn: ROLE } }, {}, /does not support FIFO/],
    [
      "kinesis takes keys of 256 characters",
      { kinesis: { streamName: "s", partitionKey: "${key}", roleArn: ROLE } },
      { key: "k".repeat(257) },
      /257 characters; Kinesis takes 1 to 256/,
    ],
    [
      "kinesis needs a key where one is asked for",
      { kinesis: { streamName: "s", partitionKey: "${gone}", roleArn: ROLE } },
      {},
      /0 characters/,
    ],
    ["s3 needs a key", { s3: { bucketName: "b", key: "${gone}", roleArn: ROLE } }, {}, /key is empty/],
    [
      "firehose batches arrays only",
      { firehose: { deliveryStreamName: "d", batchMode: true, roleArn: ROLE } },
      {},
      /gives an array/,
    ],
    [
      "republish needs a topic",
      { republish: { topic: "x/${t}", roleArn: ROLE } },
      { t: "+" },
      /"x\/\+" is a topic filter/,
    ],
  ];
  for (const [what, action, payload, reason, sql] of failing) {
    it(what, async () => {
      const { sent, errors } = await run(action, payload, sql);
      expect(sent).to.deep.equal([]);
      expect(errors).to.have.lengthOf(1);
      expect(errors[0]).to.match(reason);
    });
  }
});
