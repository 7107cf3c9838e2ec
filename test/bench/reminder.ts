import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { ReminderOutputs } from "../../common/stackOutputs";
import { waitFor } from "../../common/waitFor";
import { Device } from "../../devices";
import { awsConfig } from "../../sandbox/aws";
import { openSession, type Session } from "../../sandbox/session";
import { Loops } from "../../start/scenario/loops";
import { ReminderInbox } from "../../start/scenario/reminderInbox";
import { type BenchResult, spread } from "./result";

const times = 100;

/** From a device's report to the item, to the loop, and how late each reminder is; and how long boot and deploy take. */
export async function run(): Promise<BenchResult> {
  const session = await openSession();
  try {
    const { toItem, toLoop } = await latencies(session);
    const late = await lateness(session);
    const { boot, deploy } = session.seconds;
    return {
      title: "From a fault to a reminder, on the local cloud",
      rows: [
        { what: "boot of the local cloud", value: `${boot.toFixed(1)} s`, note: "MiniStack installed before" },
        { what: "deployment", value: `${deploy.toFixed(1)} s`, note: `${session.resources.length} resources` },
        { what: "report to item in the table", value: spread(toItem), note: `${times} reports over mTLS` },
        { what: "report to loop started", value: spread(toLoop), note: "through the stream and a function" },
        {
          what: "reminder after it was due",
          value: spread(late),
          note: `${late.length} reminders, waits of ${session.interval} s in real time; Step Functions keeps whole seconds on AWS`,
        },
      ],
    };
  } finally {
    await session.stop();
  }
}

async function latencies(session: Session): Promise<{ toItem: number[]; toLoop: number[] }> {
  const { tableName, stateMachineArn } = session.outputs.overheated as ReminderOutputs;
  const table = DynamoDBDocumentClient.from(new DynamoDBClient(awsConfig(session.cloud)));
  const loops = new Loops(awsConfig(session.cloud), stateMachineArn);
  const device = await Device.connect({ ...session.devices[0]!, ...session.cloud.mqtt });
  const Key = { deviceId: device.thingName };
  const read = async (kind: string) =>
    (await table.send(new GetCommand({ TableName: tableName, Key: { ...Key, kind }, ConsistentRead: true }))).Item;
  const item = () => read("anomaly");
  /** Which loop follows the thing now. */
  const loopId = async () => (await read("loop"))?.loopId as string | undefined;
  const toItem: number[] = [];
  const reported: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const before = await loopId();
    const start = Date.now();
    reported.push(start);
    const exact = performance.now();
    const answered = device.report({ overheated: true });
    await waitFor("the item", item, { everyMs: 1 });
    toItem.push(performance.now() - exact);
    await answered;
    // One at a time: a queue before the function would be measured instead.
    await waitFor("the loop", async () => (await loopId()) !== before, { everyMs: 5 });
    await device.report({ overheated: false });
    await waitFor("the item to go", async () => !(await item()), { everyMs: 1 });
  }
  const started = await waitFor(
    "all loops",
    async () => {
      const found = await loops.of(device.thingName);
      return found.length >= times && found;
    },
    { seconds: 60, everyMs: 500 },
  );
  await device.close();
  return { toItem, toLoop: started.map(({ startedAt }, at) => startedAt - (reported[at] as number)) };
}

async function lateness(session: Session): Promise<number[]> {
  const { topicArn, count } = session.outputs.overheated as ReminderOutputs;
  const inbox = await ReminderInbox.open(awsConfig(session.cloud), topicArn);
  const devices = await Promise.all(
    session.devices.slice(1, 4).map((credentials) => Device.connect({ ...credentials, ...session.cloud.mqtt })),
  );
  for (const device of devices) await device.report({ overheated: true });
  await waitFor("all reminders", () => inbox.received.length >= count * devices.length, {
    seconds: session.interval * count + 60,
  });
  const late = inbox.received.map(({ dueAt, receivedAt }) => receivedAt - Date.parse(dueAt));
  await Promise.all(devices.map((device) => device.close()));
  await inbox.close();
  return late;
}
