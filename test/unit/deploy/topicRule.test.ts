import { CreateTopicRuleCommand, type TopicRulePayload } from "@aws-sdk/client-iot";
import { expect } from "chai";
import { type Context, makeContext } from "../../../sandbox/deploy/context";
import type { Properties } from "../../../sandbox/deploy/handler";
import { topicRule } from "../../../sandbox/deploy/handlers/iot/topicRule";

const roleArn = "arn:aws:iam::000000000000:role/rule";

/** One of every action, as @pulumi/aws takes them: list, name in an error action, name in AWS, fields. */
const actions: [list: string, single: string, aws: string, fields: Properties, awsFields?: Properties][] = [
  [
    "cloudwatchAlarms",
    "cloudwatchAlarm",
    "cloudwatchAlarm",
    { alarmName: "a", roleArn, stateReason: "r", stateValue: "OK" },
  ],
  ["cloudwatchLogs", "cloudwatchLogs", "cloudwatchLogs", { logGroupName: "g", roleArn, batchMode: true }],
  [
    "cloudwatchMetrics",
    "cloudwatchMetric",
    "cloudwatchMetric",
    { metricName: "m", metricNamespace: "n", metricUnit: "Count", metricValue: "1", roleArn },
  ],
  ["dynamodbs", "dynamodb", "dynamoDB", { hashKeyField: "h", hashKeyValue: "v", roleArn, tableName: "t" }],
  ["dynamodbv2s", "dynamodbv2", "dynamoDBv2", { putItem: { tableName: "t" }, roleArn }],
  ["elasticsearch", "elasticsearch", "elasticsearch", { endpoint: "e", id: "i", index: "x", roleArn, type: "t" }],
  ["firehoses", "firehose", "firehose", { deliveryStreamName: "d", roleArn, separator: "\n" }],
  [
    "https",
    "http",
    "http",
    { url: "https://example.com", httpHeaders: [{ key: "k", value: "v" }] },
    { url: "https://example.com", headers: [{ key: "k", value: "v" }] },
  ],
  ["iotAnalytics", "iotAnalytics", "iotAnalytics", { channelName: "c", roleArn }],
  ["iotEvents", "iotEvents", "iotEvents", { inputName: "i", roleArn, messageId: "m" }],
  ["kafkas", "kafka", "kafka", { destinationArn: "d", topic: "t", clientProperties: { acks: "1" } }],
  ["kineses", "kinesis", "kinesis", { streamName: "s", roleArn, partitionKey: "${topic(3)}" }],
  ["lambdas", "lambda", "lambda", { functionArn: "arn:aws:lambda:eu-central-1:000000000000:function:f" }],
  ["republishes", "republish", "republish", { topic: "t", roleArn, qos: 1 }],
  ["s3", "s3", "s3", { bucketName: "b", key: "k", roleArn, cannedAcl: "private" }],
  ["sns", "sns", "sns", { targetArn: "arn:aws:sns:eu-central-1:000000000000:t", roleArn, messageFormat: "RAW" }],
  ["sqs", "sqs", "sqs", { queueUrl: "u", roleArn, useBase64: false }],
  ["stepFunctions", "stepFunctions", "stepFunctions", { stateMachineName: "m", roleArn, executionNamePrefix: "p" }],
  [
    "timestreams",
    "timestream",
    "timestream",
    { databaseName: "d", tableName: "t", roleArn, dimensions: [{ name: "n", value: "v" }] },
  ],
];

/** Keeps what CreateTopicRule was given, and gives it back to GetTopicRule. */
function ruleStore(): { ctx: Context; payload: () => TopicRulePayload } {
  let stored: CreateTopicRuleCommand["input"] | undefined;
  const send = async (command: object) => {
    if (command instanceof CreateTopicRuleCommand) {
      stored = command.input;
      return {};
    }
    return { ruleArn: "arn", rule: { ruleName: stored?.ruleName, ...stored?.topicRulePayload } };
  };
  const ctx = makeContext({ endpoint: "http://127.0.0.1:9", region: "eu-central-1", accountId: "000000000000" });
  return { ctx: { ...ctx, client: <T>() => ({ send }) as T }, payload: () => stored!.topicRulePayload! };
}

const rule = { name: "r", enabled: true, sql: "SELECT * FROM 't'", sqlVersion: "2016-03-23" };
type RuleInputs = Parameters<typeof topicRule.create>[0];

describe("the actions of a topic rule", () => {
  for (const [list, single, aws, fields, awsFields = fields] of actions) {
    it(`${list} become ${aws} and come back, as an error action too`, async () => {
      const { ctx, payload } = ruleStore();
      const inputs = { ...rule, [list]: [fields, fields], errorAction: { [single]: fields } };
      await topicRule.create(inputs as RuleInputs, ctx, { urn: "", name: "r" });
      expect(payload().actions).to.deep.equal([{ [aws]: awsFields }, { [aws]: awsFields }]);
      expect(payload().errorAction).to.deep.equal({ [aws]: awsFields });
      const state = (await topicRule.read("r", {}, ctx)) as Properties;
      expect(state[list]).to.deep.equal([fields, fields]);
      expect(state.errorAction).to.deep.equal({ [single]: fields });
      for (const [other] of actions) if (other !== list) expect(state[other], other).to.equal(undefined);
    });
  }

  it("are all that @pulumi/aws has", () => {
    const { readFileSync } = require("node:fs");
    const source: string = readFileSync(require.resolve("@pulumi/aws/iot/topicRule.js"), "utf8");
    const known = new Set([...source.matchAll(/resourceInputs\["(\w+)"\]/g)].map((match) => match[1]!));
    for (const other of [
      "arn",
      "description",
      "enabled",
      "errorAction",
      "name",
      "region",
      "sql",
      "sqlVersion",
      "tags",
      "tagsAll",
    ]) {
      known.delete(other);
    }
    expect([...known].sort()).to.deep.equal(actions.map(([list]) => list).sort());
  });
});
