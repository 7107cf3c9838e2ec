import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DeleteCommand, DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import type { ReminderOutputs } from "../../common/stackOutputs";
import { waitFor } from "../../common/waitFor";
import type { JsonObject } from "../../devices";
import { type Loop, Loops } from "../../start/scenario/loops";
import { type ReceivedReminder, ReminderInbox } from "../../start/scenario/reminderInbox";
import { openApp } from "./support/app";
import { Fleet } from "./support/fleet";
import { openTarget, type Target } from "./support/target";

describe("an anomaly and its reminders", () => {
  let target: Target;
  let fleet: Fleet;
  let inbox: ReminderInbox;
  let loops: Loops;
  let table: DynamoDBDocumentClient;
  let stack: ReminderOutputs;

  before(async () => {
    // Every two seconds, where npm start has one: what is done between two reminders has to be done by then.
    target = await openTarget({ speed: 150 });
    stack = target.outputs.overheated as ReminderOutputs;
    fleet = new Fleet(target);
    loops = new Loops(target.aws, stack.stateMachineArn);
    table = DynamoDBDocumentClient.from(new DynamoDBClient(target.aws));
    inbox = await ReminderInbox.open(target.aws, stack.topicArn);
  });
  after(async () => {
    await fleet?.close();
    await inbox?.close();
    await target?.close();
  });

  /**
   * A device without an anomaly, and the number of loops that it had before. It says that it is well only if it was not, for
   * rules have no order: the delete by such a report could overtake the anomaly of the next one.
   */
  async function wellDevice(at: number) {
    const device = await fleet.device(at);
    await device.report({ temperature: 4 });
    if (await anomalyOf(device.thingName)) await device.report({ overheated: false });
    await noAnomaly(device.thingName);
    const before = (await loops.of(device.thingName)).length;
    const told = inbox.of(device.thingName).length;
    return {
      device,
      loops: async () => (await loops.of(device.thingName)).slice(before),
      reminders: () => inbox.of(device.thingName).slice(told),
    };
  }
  const anomalyOf = async (deviceId: string) =>
    (await table.send(new GetCommand({ TableName: stack.tableName, Key: { deviceId, kind: "anomaly" } }))).Item;
  const noAnomaly = (thing: string) => waitFor(`no anomaly of ${thing}`, async () => !(await anomalyOf(thing)));
  const anAnomaly = (thing: string) => waitFor(`an anomaly of ${thing}`, () => anomalyOf(thing));
  const patience = () => ({ seconds: stack.interval * (stack.count + 1) + 120, everyMs: 100 });

  /** Not by when they came: one that was looked for while the anomaly stood may be under way when it is over. */
  const dueAfter = (over: number, reminders: ReceivedReminder[]) =>
    reminders.filter(({ dueAt }) => Date.parse(dueAt) > over);

  async function loopsEnded(look: () => Promise<Loop[]>, count: number): Promise<Loop[]> {
    let last: Loop[] = [];
    await waitFor(
      `${count} loops to end`,
      async () => {
        last = await look();
        return last.length >= count && last.every(({ status }) => status !== "RUNNING");
      },
      { ...patience(), lastSeen: () => last },
    );
    return last;
  }
  const told = (reminders: () => unknown[], count: number) =>
    waitFor(`${count} reminders`, () => reminders().length >= count, { ...patience(), lastSeen: reminders });

  it("that is never fixed: exactly as many reminders as there should be, each at its time", async () => {
    const { device, loops: loopsOf, reminders } = await wellDevice(0);
    await device.report({ overheated: true });
    const [loop, ...others] = await loopsEnded(loopsOf, 1);
    await told(reminders, stack.count);

    expect(others).to.deep.equal([]);
    expect(loop).to.include({ status: "SUCCEEDED", endedBy: "count" });
    expect(reminders().map(({ index }) => index)).to.deep.equal(Array.from({ length: stack.count }, (_, at) => at + 1));
    for (const { index, dueAt, openedAt, receivedAt } of reminders()) {
      expect(Date.parse(dueAt) - Date.parse(openedAt), `due time of reminder ${index}`).to.equal(
        index * stack.interval * 1000,
      );
      // How much later it may be is no promise; the bench measures it.
      expect(receivedAt - Date.parse(dueAt), `lateness of reminder ${index}`).to.be.at.least(0);
    }
  });

  it("spends 3 transitions and 1 function call on a reminder, where the original spent 4 and 2", async () => {
    const device = await fleet.device(0);
    const loop = (await loops.of(device.thingName)).at(-1) as Loop;
    const history = await loops.history(loop.arn);
    const count = (type: RegExp) => history.filter((event) => type.test(event.type as string)).length;
    const transitions = count(/StateEntered$/);
    expect(count(/^(TaskScheduled|LambdaFunctionScheduled)$/)).to.equal(stack.count);
    // One more to enter Done.
    expect(transitions).to.equal(3 * stack.count + 1);
  });

  it("that the device reports solved: no reminder after that", async () => {
    const { device, loops: loopsOf, reminders } = await wellDevice(1);
    await device.report({ overheated: true });
    await told(reminders, 1);
    await device.report({ overheated: false });
    await noAnomaly(device.thingName);
    const over = Date.now();
    const [loop] = await loopsEnded(loopsOf, 1);
    expect(loop?.endedBy).to.equal("solved");
    expect(dueAfter(over, reminders())).to.deep.equal([]);
    expect(reminders().length).to.be.lessThan(stack.count);
  });

  it("is told to apps over MQTT, word for word what people are told", async () => {
    const app = await openApp(target, "my/things/+/reminders");
    try {
      const heard: string[] = [];
      await app.client.subscribe("my/things/+/reminders", (payload) => {
        heard.push(payload.toString());
      });
      const { device, loops: loopsOf, reminders } = await wellDevice(1);
      await device.report({ overheated: true });
      await told(reminders, 1);
      await waitFor("a reminder over MQTT", () => heard.length > 0);
      await device.report({ overheated: false });
      await loopsEnded(loopsOf, 1);
      const { receivedAt, ...reminder } = reminders()[0]!;
      expect(JSON.parse(heard[0]!)).to.deep.equal(reminder);
    } finally {
      await app.close();
    }
  });

  it("that the device takes out of its state is solved, too", async () => {
    const { device, loops: loopsOf } = await wellDevice(1);
    await device.report({ overheated: true });
    await anAnomaly(device.thingName);
    await device.report({ overheated: null });
    const [loop] = await loopsEnded(loopsOf, 1);
    expect(loop?.endedBy).to.equal("solved");
  });

  it("that the user solves, by deleting its item: no reminder after that", async () => {
    const { device, loops: loopsOf, reminders } = await wellDevice(0);
    await device.report({ overheated: true });
    await anAnomaly(device.thingName);
    const Key = { deviceId: device.thingName, kind: "anomaly" };
    await table.send(new DeleteCommand({ TableName: stack.tableName, Key }));
    const over = Date.now();
    const [loop] = await loopsEnded(loopsOf, 1);
    expect(loop?.endedBy).to.equal("solved");
    expect(dueAfter(over, reminders())).to.deep.equal([]);
  });

  it("that is reported again and again starts one loop", async () => {
    const { device, loops: loopsOf, reminders } = await wellDevice(1);
    for (const temperature of [81, 82, 83, 84]) await device.report({ overheated: true, temperature });
    await told(reminders, 1);
    await device.report({ overheated: true, temperature: 85 });
    await told(reminders, 2);
    await device.report({ overheated: false });
    expect(await loopsEnded(loopsOf, 1)).to.have.length(1);
    expect(new Set(reminders().map(({ index }) => index)).size).to.equal(reminders().length);
  });

  it("that comes back while the old loop waits leaves one loop, the new one", async () => {
    const { device, loops: loopsOf, reminders } = await wellDevice(0);
    await device.report({ overheated: true });
    await waitFor("the first loop", async () => (await loopsOf()).length === 1);
    await device.report({ overheated: false });
    await noAnomaly(device.thingName);
    await device.report({ overheated: true });
    const [old, current, ...others] = await loopsEnded(loopsOf, 2);
    await told(reminders, stack.count);
    expect(others).to.deep.equal([]);
    expect([old?.endedBy, current?.endedBy]).to.deep.equal(["superseded", "count"]);
    const tellers = new Set(reminders().map(({ reminderId }) => reminderId.replace(/-\d+$/, "")));
    expect([...tellers]).to.deep.equal([current?.input.loopId]);
    expect(reminders()).to.have.length(stack.count);
  });

  it("that Lambda delivers twice starts one execution", async () => {
    const thing = "delivered-twice";
    const record = {
      eventID: `${Date.now().toString(16).padStart(32, "0")}`,
      eventName: "INSERT",
      dynamodb: {
        SequenceNumber: String(Date.now()),
        NewImage: { deviceId: { S: thing }, kind: { S: "anomaly" }, openedAt: { N: String(Date.now()) } },
      },
    };
    const deliver = () =>
      new LambdaClient(target.aws).send(
        new InvokeCommand({ FunctionName: stack.startFunctionName, Payload: JSON.stringify({ Records: [record] }) }),
      );
    for (const { Payload, FunctionError } of [await deliver(), await deliver()]) {
      expect(FunctionError, Payload?.transformToString()).to.equal(undefined);
      expect(JSON.parse(Payload!.transformToString())).to.deep.equal({ batchItemFailures: [] });
    }
    const ended = await loopsEnded(() => loops.of(thing), 1);
    expect(ended.map(({ endedBy }) => endedBy)).to.deep.equal(["solved"]);
    const { FunctionError, Payload } = await deliver();
    expect(FunctionError, `after its end: ${Payload?.transformToString()}`).to.equal(undefined);
    expect(await loops.of(thing)).to.have.length(1);
  });

  it("is not seen in an update that the shadow refuses", async () => {
    const { device, loops: loopsOf } = await wellDevice(1);
    const refused = await device.report({ overheated: true }, { version: 1 }).catch((error: unknown) => error);
    expect(refused).to.include({ code: 409 });
    // A later update that is accepted passes the same rules, so the refused one has had its time by then.
    await device.report({ temperature: 20 });
    expect(await anomalyOf(device.thingName)).to.equal(undefined);
    expect(await loopsOf()).to.deep.equal([]);
  });

  it("is not seen in updates that say nothing about it", async () => {
    const { device, loops: loopsOf } = await wellDevice(0);
    const patches: JsonObject[] = [{ temperature: 99 }, { overheated: "yes" }, { overheated: 1 }];
    for (const patch of patches) await device.report(patch);
    await device.report({ overheated: false });
    await noAnomaly(device.thingName);
    expect(await loopsOf()).to.deep.equal([]);
  });
});
