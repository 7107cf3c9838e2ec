import * as pulumi from "@pulumi/pulumi";
import validate from "asl-validator";
import { expect } from "chai";
import { AnomalyReminder, type AnomalyReminderArgs } from "../../components";
import { record, recordFailing, statementsOf } from "../support/record";
import { refusedProperties } from "../support/refusal";

const args: AnomalyReminderArgs = { flag: "overheated", topicArn: "arn:aws:sns:eu-central-1:123456789012:people" };
const remindOf = (more: Partial<AnomalyReminderArgs> = {}, preview = false) =>
  record(() => new AnomalyReminder("hot", { ...args, ...more }), { preview });
const accepted = "FROM '$aws/things/+/shadow/update/accepted' WHERE";

describe("AnomalyReminder", () => {
  const conditions: [string, Partial<AnomalyReminderArgs>, string, string][] = [
    [
      "a flag",
      {},
      "state.reported.overheated = True",
      "state.reported.overheated = False OR isNull(state.reported.overheated)",
    ],
    [
      "a nested flag",
      { flag: "motor.blocked" },
      "state.reported.motor.blocked = True",
      "state.reported.motor.blocked = False OR isNull(state.reported.motor.blocked)",
    ],
    [
      "a condition",
      { flag: undefined, where: "state.reported.t > 80" },
      "state.reported.t > 80",
      "NOT (state.reported.t > 80)",
    ],
    [
      "two conditions",
      { flag: undefined, where: "state.reported.t > 80", solvedWhere: "state.reported.t < 70" },
      "state.reported.t > 80",
      "state.reported.t < 70",
    ],
  ];
  for (const [what, more, raised, solved] of conditions) {
    it(`listens to accepted updates for ${what}`, async () => {
      const { one } = await remindOf(more);
      expect(one("aws:iot/topicRule:TopicRule", "hot-raised-rule").inputs.sql).to.equal(
        `SELECT *, topic(3) AS deviceId, 'anomaly' AS kind, timestamp() AS openedAt, traceid() AS traceId ${accepted} ${raised}`,
      );
      expect(one("aws:iot/topicRule:TopicRule", "hot-solved-rule").inputs.sql).to.equal(
        `SELECT topic(3) AS deviceId ${accepted} ${solved}`,
      );
    });
  }

  it("writes an anomaly when it is raised and deletes just it when it is solved", async () => {
    const { one } = await remindOf();
    const raised = one("aws:iot/topicRule:TopicRule", "hot-raised-rule").inputs;
    const solved = one("aws:iot/topicRule:TopicRule", "hot-solved-rule").inputs;
    expect(raised.dynamodbv2s[0].putItem).to.deep.equal({ tableName: "hot-table-0000000" });
    const { roleArn, ...action } = solved.dynamodbs[0];
    expect(action).to.deep.equal({
      tableName: "hot-table-0000000",
      operation: "DELETE",
      hashKeyField: "deviceId",
      hashKeyValue: "${topic(3)}",
      rangeKeyField: "kind",
      rangeKeyValue: "anomaly",
    });
    for (const { errorAction } of [raised, solved]) expect(errorAction.sqs.queueUrl).to.match(/undelivered-queue/);
  });

  it("hears of anomalies that come and go and of nothing else, and sets aside what it can't start", async () => {
    const { one } = await remindOf();
    const mapping = one("aws:lambda/eventSourceMapping:EventSourceMapping").inputs;
    expect(JSON.parse(mapping.filterCriteria.filters[0].pattern)).to.deep.equal({
      eventName: ["INSERT", "REMOVE"],
      dynamodb: { Keys: { kind: { S: ["anomaly"] } } },
    });
    expect(mapping).to.deep.include({
      startingPosition: "TRIM_HORIZON",
      functionResponseTypes: ["ReportBatchItemFailures"],
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 5,
    });
    expect(mapping.destinationConfig.onFailure.destinationArn).to.match(/hot-start-failures-queue-0000000$/);
  });

  it("keeps anomalies in an encrypted table with a stream, recovery and a time to live", async () => {
    const { one } = await remindOf({ protectData: true });
    expect(one("aws:dynamodb/table:Table", "hot-table").inputs).to.deep.include({
      billingMode: "PAY_PER_REQUEST",
      hashKey: "deviceId",
      rangeKey: "kind",
      streamEnabled: true,
      streamViewType: "NEW_IMAGE",
      ttl: { enabled: true, attributeName: "expiresAt" },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true },
      deletionProtectionEnabled: true,
    });
  });

  it("keeps the history beside it, by device and time and by what became of it", async () => {
    const { one } = await remindOf({ protectData: true });
    const { inputs } = one("aws:dynamodb/table:Table", "hot-history");
    expect(inputs).to.deep.include({
      billingMode: "PAY_PER_REQUEST",
      hashKey: "deviceId",
      rangeKey: "openedAt",
      globalSecondaryIndexes: [{ name: "by-status", hashKey: "status", rangeKey: "openedAt", projectionType: "ALL" }],
      ttl: { enabled: true, attributeName: "expiresAt" },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true },
      deletionProtectionEnabled: true,
    });
    expect(inputs).not.to.have.property("streamEnabled");
    const { variables } = one("aws:lambda/function:Function", "hot-start-function").inputs.environment;
    expect(variables).to.include({ HISTORY_TABLE_NAME: "hot-history-0000000", HISTORY_DAYS: "90" });
  });

  it("lets the function that reminds read, note, tell people and apps, and nothing else", async () => {
    const { one } = await remindOf();
    const statements = statementsOf(one("aws:iam/rolePolicy:RolePolicy", "hot-remind-grants"));
    const own = statements.slice(3).map(({ Action, Resource }) => [Action, Resource]);
    expect(own).to.deep.equal([
      [["dynamodb:GetItem", "dynamodb:Query"], ["arn:aws:dynamodb:eu-central-1:123456789012:hot-table-0000000"]],
      [["dynamodb:UpdateItem"], ["arn:aws:dynamodb:eu-central-1:123456789012:hot-history-0000000"]],
      [["sns:Publish"], [args.topicArn]],
      [["iot:Publish"], ["arn:aws:iot:eu-central-1:123456789012:topic/my/things/*/reminders"]],
    ]);
  });

  it("has a state machine that an ASL validator finds nothing wrong with", async () => {
    const { one } = await remindOf();
    const { definition } = one("aws:sfn/stateMachine:StateMachine").inputs;
    expect(validate(JSON.parse(definition)).errors).to.deep.equal([]);
  });

  it("can be previewed", async () => {
    const { one } = await remindOf({}, true);
    expect(one("aws:sfn/stateMachine:StateMachine").name).to.equal("hot-loop");
  });

  const year = 365 * 24 * 3600;
  const refusals: [string, Partial<AnomalyReminderArgs>, string, RegExp][] = [
    ["an interval of 0", { interval: 0 }, "interval", /whole number of seconds from 1 to 31536000, not 0/],
    ["an interval of 1.5", { interval: 1.5 }, "interval", /not 1.5/],
    ["an interval of -1", { interval: -1 }, "interval", /not -1/],
    ['an interval of "abc"', { interval: "abc" as never }, "interval", /not "abc"/],
    ["an interval beyond a year", { interval: year + 1 }, "interval", /not 31536001/],
    ["a count of 0", { count: 0 }, "count", /from 1 to 1000, not 0/],
    ["reminders that outlast a year", { interval: year / 2, count: 3 }, "count", /after a year/],
    ["a history of no days", { historyDays: 0 }, "historyDays", /from 1 to 3650, not 0/],
    ["neither flag nor where", { flag: undefined }, "flag", /either flag/],
    ["flag and where", { where: "state.reported.t > 1" }, "flag", /either flag/],
    ["SQL in a flag", { flag: "a = True OR true" }, "flag", /names of letters/],
    ["a quote in a flag", { flag: "a'" }, "flag", /names of letters/],
    ["an empty flag", { flag: "" }, "flag", /names of letters/],
    ["a flag that ends in a dot", { flag: "motor." }, "flag", /names of letters/],
    ["a word of SQL as a flag", { flag: "motor.select" }, "flag", /a word of AWS IoT SQL/],
    ["solvedWhere with a flag", { solvedWhere: "x = 1" }, "solvedWhere", /goes with where/],
    ["an app topic with a wildcard", { appTopic: "my/+/reminders" }, "appTopic", /no "\+" or "#"/],
    ["a reserved app topic", { appTopic: "$aws/things/{thing}/x" }, "appTopic", /AWS reserves/],
    ["nobody to tell", { topicArn: undefined as never }, "topicArn", /ARN of the SNS topic/],
  ];
  for (const [what, bad, path, reason] of refusals) {
    it(`refuses ${what}, before anything is made`, async () => {
      const refused = await refusedProperties(() => new AnomalyReminder("hot", { ...args, ...bad }));
      expect(Object.keys(refused)).to.deep.equal([path]);
      expect(refused[path]).to.match(reason);
    });
  }

  it("refuses an interval that turns out bad only in the deployment, before the function that uses it", async () => {
    const { failures, resources } = await recordFailing(
      () => new AnomalyReminder("hot", { ...args, interval: pulumi.output(Promise.resolve(0)) }),
    );
    expect(failures.join("\n")).to.match(/interval: must be a whole number of seconds/);
    expect(resources.map(({ name }) => name)).not.to.include("hot-start-function");
  });
});
