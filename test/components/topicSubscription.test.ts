import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { TopicSubscription, type TopicSubscriptionArgs } from "../../components";
import { record, statementsOf } from "../support/record";
import { refusedProperties } from "../support/refusal";

const args: TopicSubscriptionArgs<unknown, void> = {
  description: "Listens",
  topicFilter: "my/things/+/log",
  callbackFactory: () => async () => {},
};
const subscribe = (more: Partial<TopicSubscriptionArgs<unknown, void>> = {}) =>
  record(() => new TopicSubscription("listener", { ...args, ...more }));
const ruleArn = "arn:aws:iot:eu-central-1:123456789012:thingstack_test_listener";

describe("TopicSubscription", () => {
  const statements: [string, Partial<TopicSubscriptionArgs<unknown, void>>, string][] = [
    ["everything by default", {}, "SELECT * FROM 'my/things/+/log'"],
    ["a select list", { select: "*, topic(3) AS deviceId" }, "SELECT *, topic(3) AS deviceId FROM 'my/things/+/log'"],
    ["a condition", { where: "level = 'error'" }, "SELECT * FROM 'my/things/+/log' WHERE level = 'error'"],
  ];
  for (const [what, more, sql] of statements) {
    it(`selects ${what}`, async () => {
      const { one } = await subscribe(more);
      expect(one("aws:iot/topicRule:TopicRule").inputs).to.deep.include({
        name: "thingstack_test_listener",
        sql,
        sqlVersion: "2016-03-23",
        enabled: true,
        lambdas: [{ functionArn: "arn:aws:lambda:eu-central-1:123456789012:listener-function-0000000:live" }],
      });
    });
  }

  it("lets AWS IoT call the function for this rule only", async () => {
    const { one } = await subscribe();
    expect(one("aws:lambda/permission:Permission").inputs).to.deep.equal({
      action: "lambda:InvokeFunction",
      function: "listener-function-0000000",
      qualifier: "live",
      principal: "iot.amazonaws.com",
      sourceArn: ruleArn,
    });
  });

  it("sends what the rule can't deliver to one queue and what the function fails on to another, each under an alarm", async () => {
    const { one, all } = await subscribe({ alarmTopicArn: "arn:alarms" });
    const { errorAction } = one("aws:iot/topicRule:TopicRule").inputs;
    const onFailure = one("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").inputs.destinationConfig;
    expect(errorAction.sqs.queueUrl).to.match(/listener-undelivered-queue-0000000$/);
    expect(errorAction.sqs.useBase64).to.equal(false);
    expect(onFailure.onFailure.destination).to.match(/listener-failures-queue-0000000$/);
    const alarms = all("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);
    const depths = alarms.filter(({ metricName }) => metricName === "ApproximateNumberOfMessagesVisible");
    expect(depths.map(({ dimensions }) => dimensions.QueueName).sort()).to.deep.equal([
      "listener-failures-queue-0000000",
      "listener-undelivered-queue-0000000",
    ]);
    const rings = one("aws:cloudwatch/compositeAlarm:CompositeAlarm").inputs;
    expect(rings.alarmActions).to.deep.equal(["arn:alarms"]);
    for (const queue of ["failures", "undelivered"]) {
      expect(rings.alarmRule).to.contain(`ALARM("listener-${queue}-alarm-0000000")`);
    }
  });

  it("lets the rule write to its own queue and do nothing else", async () => {
    const { one } = await subscribe();
    const statements = statementsOf(one("aws:iam/rolePolicy:RolePolicy", "listener-rule-grants"));
    expect(statements.map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([
      [["sqs:SendMessage"], ["arn:aws:sqs:eu-central-1:123456789012:listener-undelivered-queue-0000000"]],
    ]);
  });

  it("puts a queue between rule and function, with the same end for what fails", async () => {
    const { one, all } = await subscribe({ buffer: "sqs", batchSize: 50, batchingWindow: 2, timeout: 20 });
    const { sqs, lambdas } = one("aws:iot/topicRule:TopicRule").inputs;
    expect(lambdas).to.equal(undefined);
    expect(sqs[0].queueUrl).to.match(/listener-buffer-0000000$/);
    const queue = one("aws:sqs/queue:Queue", "listener-buffer").inputs;
    expect(queue).to.include({ sqsManagedSseEnabled: true, visibilityTimeoutSeconds: 122 });
    const failuresArn = "arn:aws:sqs:eu-central-1:123456789012:listener-failures-queue-0000000";
    expect(JSON.parse(queue.redrivePolicy)).to.deep.equal({ deadLetterTargetArn: failuresArn, maxReceiveCount: 5 });
    expect(one("aws:lambda/eventSourceMapping:EventSourceMapping").inputs).to.deep.equal({
      eventSourceArn: "arn:aws:sqs:eu-central-1:123456789012:listener-buffer-0000000",
      functionName: "arn:aws:lambda:eu-central-1:123456789012:listener-function-0000000:live",
      batchSize: 50,
      maximumBatchingWindowInSeconds: 2,
      functionResponseTypes: ["ReportBatchItemFailures"],
    });
    const { variables } = one("aws:lambda/function:Function").inputs.environment;
    expect(variables.MAXIMUM_ATTEMPTS).to.equal("3");
    expect(variables.FAILURE_QUEUE_URL).to.match(/listener-failures-queue-0000000$/);
    const grants = statementsOf(one("aws:iam/rolePolicy:RolePolicy", "listener-grants"));
    expect(grants.find(({ Sid }) => Sid === "SendToQueue")?.Resource).to.deep.equal([failuresArn]);
    expect(all("aws:lambda/permission:Permission")).to.deep.equal([]);
  });

  it("puts a stream between rule and function, by topic, with limits and an end for what fails", async () => {
    const { one } = await subscribe({ buffer: "kinesis", shardCount: 2 });
    const { kineses } = one("aws:iot/topicRule:TopicRule").inputs;
    expect(kineses[0]).to.include({ streamName: "listener-stream-0000000", partitionKey: "${topic()}" });
    expect(one("aws:lambda/eventSourceMapping:EventSourceMapping").inputs).to.deep.include({
      batchSize: 10,
      bisectBatchOnFunctionError: true,
      functionResponseTypes: ["ReportBatchItemFailures"],
      destinationConfig: {
        onFailure: { destinationArn: "arn:aws:sqs:eu-central-1:123456789012:listener-failures-queue-0000000" },
      },
    });
  });

  it("makes code of at most 12 KB, zipped, of a callback behind a buffer", async () => {
    for (const buffer of ["sqs", "kinesis"] as const) {
      const { one } = await subscribe({ buffer });
      const { code } = one("aws:lambda/function:Function").inputs;
      const assets: Record<string, { text: Promise<string> }> = await code.assets;
      expect(Object.keys(assets)).to.deep.equal(["__index.js"]);
      const text = await assets["__index.js"]!.text;
      expect(gzipSync(text).length).to.be.at.most(12 * 1024);
      expect(text).not.to.include("@pulumi/");
    }
  });

  const refusals: [string, Partial<TopicSubscriptionArgs<unknown, void>>, string, RegExp][] = [
    ["no topic filter", { topicFilter: "" }, "topicFilter", /must not be empty/],
    ["# in the middle", { topicFilter: "my/#/log" }, "topicFilter", /"#" in level 2.*at the end/],
    ["# glued to a name", { topicFilter: "my/things#" }, "topicFilter", /"#" in level 2/],
    ["+ inside a level", { topicFilter: "my/a+/log" }, "topicFilter", /"\+" inside level 2/],
    ["257 bytes", { topicFilter: "ü".repeat(129) }, "topicFilter", /258 bytes/],
    ["eight slashes", { topicFilter: "a/b/c/d/e/f/g/h/i" }, "topicFilter", /8 slashes/],
    ["a quote", { topicFilter: "a' WHERE true --" }, "topicFilter", /quotes/],
    ["an empty select", { select: " " }, "select", /must not be empty/],
    ["an empty where", { where: "" }, "where", /must not be empty/],
    ["a select that does not parse", { select: "a b" }, "select", /is no AWS IoT SQL/],
    ["an unknown buffer", { buffer: "redis" as never }, "buffer", /must be one of none, sqs, kinesis/],
    ["a window of ten minutes", { buffer: "sqs", batchingWindow: 600 }, "batchingWindow", /from 0 to 300/],
    [
      "a large batch without a window",
      { buffer: "sqs", batchSize: 11 },
      "batchingWindow",
      /at least 1 for a batch of 11/,
    ],
    ["a batch without a buffer", { batchSize: 5 }, "batchSize", /goes with buffer/],
    ["shards without a stream", { buffer: "sqs", shardCount: 1 }, "shardCount", /goes with buffer: "kinesis"/],
  ];
  for (const [what, bad, path, reason] of refusals) {
    it(`refuses ${what}, before anything is made`, async () => {
      const refused = await refusedProperties(() => new TopicSubscription("listener", { ...args, ...bad }));
      expect(Object.keys(refused)).to.deep.equal([path]);
      expect(refused[path]).to.match(reason);
    });
  }
});
