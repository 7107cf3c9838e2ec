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
        lambdas: [{ functionArn: "arn:aws:lambda:eu-central-1:123456789012:listener-function-0000000" }],
      });
    });
  }

  it("lets AWS IoT call the function for this rule only", async () => {
    const { one } = await subscribe();
    expect(one("aws:lambda/permission:Permission").inputs).to.deep.equal({
      action: "lambda:InvokeFunction",
      function: "listener-function-0000000",
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
    expect(alarms.map(({ dimensions }) => dimensions.QueueName).sort()).to.deep.equal([
      "listener-failures-queue-0000000",
      "listener-undelivered-queue-0000000",
    ]);
    for (const { alarmActions } of alarms) expect(alarmActions).to.deep.equal(["arn:alarms"]);
  });

  it("lets the rule write to its own queue and do nothing else", async () => {
    const { one } = await subscribe();
    const statements = statementsOf(one("aws:iam/rolePolicy:RolePolicy", "listener-rule-grants"));
    expect(statements.map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([
      [["sqs:SendMessage"], ["arn:aws:sqs:eu-central-1:123456789012:listener-undelivered-queue-0000000"]],
    ]);
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
  ];
  for (const [what, bad, path, reason] of refusals) {
    it(`refuses ${what}, before anything is made`, async () => {
      const refused = await refusedProperties(() => new TopicSubscription("listener", { ...args, ...bad }));
      expect(Object.keys(refused)).to.deep.equal([path]);
      expect(refused[path]).to.match(reason);
    });
  }
});
