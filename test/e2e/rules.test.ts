import { GetItemCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import * as iotApi from "@aws-sdk/client-iot";
import { AddPermissionCommand, DeleteFunctionCommand } from "@aws-sdk/client-lambda";
import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import type { LocalCloud } from "../../sandbox/localCloud";
import { markPassedOn } from "../../sandbox/passOn";
import { Account, allow, type Device } from "./rulesHelp";
import { RulesLab } from "./rulesLab";

describe("the rules engine on the local cloud", () => {
  let lab: RulesLab;
  let cloud: LocalCloud;
  let account: Account;
  let device: Device;
  let said: string[];
  const settled = () => lab.settled();

  before("start the local cloud, its rules engine and a device", async () => {
    lab = await RulesLab.open();
    ({ cloud, account, device, said } = lab);
  });
  after(() => lab?.close());

  it("writes an item when a shadow update over mTLS says True, and none when it says False", async () => {
    const roleArn = await account.createRole(
      "on-role",
      allow("dynamodb:PutItem", await account.createTable("anomalies")),
    );
    await account.createRule(
      "anomalies",
      "SELECT *, topic(3) AS deviceId FROM '$aws/things/+/shadow/update' WHERE state.reported.f = True",
      [{ dynamoDBv2: { roleArn, putItem: { tableName: "anomalies" } } }],
    );
    // The broker keeps their order, so what False leads to happens first.
    await device.publish("$aws/things/thing2/shadow/update", { state: { reported: { f: false } } });
    await device.publish("$aws/things/thing1/shadow/update", { state: { reported: { f: true, level: 3 } } });
    const key = { deviceId: { S: "thing1" } };
    const read = new GetItemCommand({ TableName: "anomalies", Key: key });
    const item = await waitFor("the item of thing1", async () => (await account.dynamo.send(read)).Item, {
      lastSeen: () => said,
    });
    expect(item.state).to.deep.equal({ M: { reported: { M: { f: { BOOL: true }, level: { N: "3" } } } } });
    await settled();
    expect((await account.dynamo.send(new ScanCommand({ TableName: "anomalies" }))).Count).to.equal(1);
  });

  it("deletes an item by the key that its template names (dynamoDB)", async () => {
    const roleArn = await account.createRole(
      "ok-role",
      allow("dynamodb:DeleteItem", await account.createTable("solved")),
    );
    const item = { deviceId: { S: "thing1" } };
    await account.dynamo.send(new PutItemCommand({ TableName: "solved", Item: item }));
    const key = { hashKeyField: "deviceId", hashKeyValue: "${topic(2)}" };
    const dynamoDB = { roleArn, tableName: "solved", operation: "DELETE", ...key };
    await account.createRule("solved", "SELECT * FROM 'solved/+' WHERE ok = True", [{ dynamoDB }]);
    await device.publish("solved/thing1", { ok: true });
    const read = new GetItemCommand({ TableName: "solved", Key: item });
    await waitFor("the item to be gone", async () => !(await account.dynamo.send(read)).Item, { lastSeen: () => said });
  });

  it("tells the error action once of two failures: a role without the right, a role that trusts others", async () => {
    const reports = await account.createQueue("reports");
    const table = await account.createTable("forbidden");
    const powerless = await account.createRole("powerless", allow("dynamodb:GetItem", table));
    const foreign = await account.createRole("foreign", allow("dynamodb:PutItem", table), "lambda.amazonaws.com");
    const actions = [powerless, foreign].map((roleArn) => ({
      dynamoDBv2: { roleArn, putItem: { tableName: "forbidden" } },
    }));
    const errorAction = { sqs: { queueUrl: reports.url, roleArn: reports.role } };
    await account.createRule("failing", "SELECT * FROM 'failing/+'", actions, { errorAction });
    await device.publish("failing/thing1", { deviceId: "thing1" });
    const [report] = await account.receive(reports, 1);
    expect(report).to.include({ ruleName: "failing", topic: "failing/thing1", clientId: "N/A" });
    expect(report!.cloudwatchTraceId).to.match(/^[0-9a-f-]{36}$/);
    const original = Buffer.from(String(report!.base64OriginalPayload), "base64").toString();
    expect(JSON.parse(original)).to.deep.equal({ deviceId: "thing1" });
    const [first, second] = report!.failures as Record<string, string>[];
    expect(first).to.include({ failedAction: "DynamoDBv2Action", failedResource: "forbidden" });
    expect(first!.errorMessage).to.match(/not authorized to perform: dynamodb:PutItem.*Message arrived on: failing/);
    expect(second!.errorMessage).to.contain("trust policy does not let iot.amazonaws.com");
    await settled();
    expect(await account.countMessages(reports), "one message for both failures").to.equal(0);
  });

  it("invokes a function only with its permission, and reports when it is deleted", async () => {
    const reports = await account.createQueue("lambda-reports");
    const calls = await account.createQueue("calls");
    const functionArn = await account.createFunction(
      "fn",
      allow("sqs:SendMessage", calls.arn),
      `const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs");
      exports.handler = async (event) => {
        await new SQSClient({}).send(
          new SendMessageCommand({ QueueUrl: "${calls.url}", MessageBody: JSON.stringify(event) }));
      };`,
    );
    const errorAction = { sqs: { queueUrl: reports.url, roleArn: reports.role } };
    await account.createRule("calling", "SELECT n FROM 'calling/+'", [{ lambda: { functionArn } }], { errorAction });
    const failure = async () => {
      const [report] = await account.receive(reports, 1);
      return (report!.failures as Record<string, string>[])[0]!;
    };
    await device.publish("calling/thing1", { n: 1 });
    const SourceArn = account.arn("iot", "rule/calling");
    expect((await failure()).errorMessage).to.contain(`sourceArn ${SourceArn}`);

    const permission = { Action: "lambda:InvokeFunction", Principal: "iot.amazonaws.com", StatementId: "rule" };
    await account.lambda.send(new AddPermissionCommand({ FunctionName: "fn", SourceArn, ...permission }));
    await device.publish("calling/thing1", { n: 2 });
    expect(await account.receive(calls, 1)).to.deep.equal([{ n: 2 }]);

    await account.lambda.send(new DeleteFunctionCommand({ FunctionName: "fn" }));
    await device.publish("calling/thing1", { n: 3 });
    expect(await failure()).to.include({ failedAction: "LambdaAction", failedResource: functionArn });
    await settled();
    expect(await account.countMessages(reports)).to.equal(0);
    expect(await account.countMessages(calls)).to.equal(0);
  });

  it("republishes to a topic made from the message, a reserved one too", async () => {
    const topics = ["topic/told/*", "topic/$aws/*"].map((topic) => account.arn("iot", topic));
    const roleArn = await account.createRole("republish-role", allow("iot:Publish", topics));
    await account.createRule("telling", "SELECT 5 AS state.reported.seen FROM 'tell/+'", [
      { republish: { roleArn, topic: "told/${topic(2)}/${kind}", qos: 1 } },
      { republish: { roleArn, topic: "$$aws/things/${topic(2)}/shadow/update" } },
    ]);
    const heard = await device.listen("told/#", "$aws/things/thing1/shadow/update/accepted");
    await device.publish("tell/thing1", { kind: "a" });
    await waitFor("both messages", async () => heard.length >= 2, { lastSeen: () => ({ heard, said }) });
    const byTopic = Object.fromEntries(heard.map(({ topic, json }) => [topic, json]));
    expect(byTopic["told/thing1/a"]).to.deep.equal({ state: { reported: { seen: 5 } } });
    expect(byTopic["$aws/things/thing1/shadow/update/accepted"]).to.have.nested.property("state.reported.seen", 5);
  });

  it("publishes to SNS", async () => {
    const { TopicArn: targetArn } = await account.sns.send(new CreateTopicCommand({ Name: "told" }));
    const queue = await account.createQueue("from-sns");
    const fromSns = { Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage" };
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [{ ...fromSns, Resource: queue.arn }] });
    await account.sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { Policy } }));
    const subscription = { TopicArn: targetArn, Protocol: "sqs", Endpoint: queue.arn };
    const Attributes = { RawMessageDelivery: "true" };
    await account.sns.send(new SubscribeCommand({ ...subscription, Attributes }));
    const roleArn = await account.createRole("sns-role", allow("sns:Publish", targetArn!));
    await account.createRule("notify", "SELECT n FROM 'notify/+'", [{ sns: { targetArn, roleArn } }]);
    await device.publish("notify/x", { n: 1 });
    expect(await account.receive(queue, 1)).to.deep.equal([{ n: 1 }]);
  });

  it("creates one of two rules of the same name that come at once", async () => {
    const names = ["twins", "twins"];
    const created = await Promise.allSettled(names.map((name) => account.createRule(name, "SELECT * FROM 'x'", [])));
    const reasons = created.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.name] : []));
    expect(reasons).to.deep.equal(["ResourceAlreadyExistsException"]);
  });

  it("follows a rule that is replaced, disabled, enabled and deleted", async () => {
    const queue = await account.createQueue("changing");
    const actions = [{ sqs: { queueUrl: queue.url, roleArn: queue.role } }];
    await account.createRule("changing", "SELECT topic() AS topic, n FROM 'before/+'", actions);
    // Published last, and its rule is always there: when it has come, the others would have.
    await account.createRule("marker", "SELECT topic() AS topic, n FROM 'changed/marker'", actions);
    const firedFor = async (n: number, count: number) => {
      for (const topic of ["before/x", "after/x", "changed/marker"]) await device.publish(topic, { n });
      const messages = await account.receive(queue, count);
      return messages.map((message) => `${message.topic} ${message.n}`).sort();
    };
    expect(await firedFor(1, 2)).to.deep.equal(["before/x 1", "changed/marker 1"]);
    const sql = "SELECT topic() AS topic, n FROM 'after/+'";
    const topicRulePayload = { sql, actions, awsIotSqlVersion: "2016-03-23" };
    await account.iot.send(new iotApi.ReplaceTopicRuleCommand({ ruleName: "changing", topicRulePayload }));
    expect(await firedFor(2, 2)).to.deep.equal(["after/x 2", "changed/marker 2"]);
    await account.iot.send(new iotApi.DisableTopicRuleCommand({ ruleName: "changing" }));
    expect(await firedFor(3, 1)).to.deep.equal(["changed/marker 3"]);
    await account.iot.send(new iotApi.EnableTopicRuleCommand({ ruleName: "changing" }));
    expect(await firedFor(4, 2)).to.deep.equal(["after/x 4", "changed/marker 4"]);
    await account.iot.send(new iotApi.DeleteTopicRuleCommand({ ruleName: "changing" }));
    expect(await firedFor(5, 1)).to.deep.equal(["changed/marker 5"]);
  });

  it("passes tags of other things on to MiniStack, and keeps those of rules", async () => {
    const { thingTypeArn } = await account.iot.send(new iotApi.CreateThingTypeCommand({ thingTypeName: "lamp" }));
    await account.createRule("tagged", "SELECT * FROM 'tagged'", []);
    for (const resourceArn of [thingTypeArn!, account.arn("iot", "rule/tagged")]) {
      const tags = [{ Key: "team", Value: "lights & lamps" }];
      await account.iot.send(new iotApi.TagResourceCommand({ resourceArn, tags }));
      const listed = await account.iot.send(new iotApi.ListTagsForResourceCommand({ resourceArn }));
      expect(listed.tags, resourceArn).to.deep.equal(tags);
    }
  });

  it("MiniStack itself never matches `= True`: the day this fails, sandbox/rules may go", async () => {
    const queue = await account.createQueue("theirs");
    const direct = new Account(cloud);
    markPassedOn(direct.iot);
    const actions = [{ sqs: { queueUrl: queue.url, roleArn: queue.role } }];
    // MiniStack runs its rules in the order of their creation, so the second's message comes last.
    await direct.createRule(
      "theirs_true",
      "SELECT 'true' AS rule FROM 'theirs' WHERE state.reported.f = True",
      actions,
    );
    await direct.createRule("theirs_3", "SELECT '3' AS rule FROM 'theirs' WHERE state.reported.level > 3", actions);
    await device.publish("theirs", { state: { reported: { f: true, level: 4 } } });
    expect(await account.receive(queue, 1)).to.deep.equal([{ rule: "3" }]);
    expect(await account.countMessages(queue)).to.equal(0);
  });
});
