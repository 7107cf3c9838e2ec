import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { ReminderOutputs } from "../../common/stackOutputs";
import { waitFor, within } from "../../common/waitFor";
import { anomalyKind } from "../../functions/reminder/reminderLoop";
import { awsConfig } from "../../sandbox/aws";
import type { Session } from "../../sandbox/session";
import type { Timeline } from "../timeline";
import { DemoDevice, wish } from "./demoDevices";
import { expectedReminders } from "./expectation";
import { playRelease, type ReleaseOutcome } from "./firmware";
import { type Loop, Loops } from "./loops";
import { type ReceivedReminder, ReminderInbox } from "./reminderInbox";
import { playTelemetry, type TelemetryOutcome } from "./telemetry";

/** What a device of the scenario does, and how many reminders its owner should get. */
export interface Role {
  readonly thing: string;
  /** Whether it reports the anomaly. */
  readonly fails: boolean;
  /** After how many reminders somebody repairs it; undefined: never. */
  readonly repairedAfter?: number;
}

/** What came of one device. */
export interface ReminderOutcome {
  readonly thing: string;
  readonly expected: number;
  readonly sent: number;
  /** What ended its loop: `solved`, `count`, `superseded`, or `nothing` (it never failed). */
  readonly endedBy: string;
}

export interface Outcome {
  readonly ok: boolean;
  readonly seconds: number;
  readonly reminders: readonly ReminderOutcome[];
  readonly telemetry: TelemetryOutcome;
  readonly release: ReleaseOutcome;
  /** What did not happen as it should; empty when ok. */
  readonly problems: readonly string[];
}

/** Two devices are well, one fails and is repaired after two reminders, one is never repaired. */
export function rolesFor(things: readonly string[]): Role[] {
  const [well, alsoWell, repaired, neglected] = things;
  if (!well || !alsoWell || !repaired || !neglected) {
    throw new Error(`the scenario needs four devices; thingstack:devices in Pulumi.local.yaml names ${things.length}`);
  }
  return [
    { thing: well, fails: false },
    { thing: alsoWell, fails: false },
    { thing: repaired, fails: true, repairedAfter: 2 },
    { thing: neglected, fails: true },
  ];
}

/** The devices of a session, connected, and who watches over what happens to them. */
export class Scenario {
  private readonly table: DynamoDBDocumentClient;
  private readonly solvedAt = new Map<string, number>();

  private constructor(
    private readonly session: Session,
    private readonly timeline: Timeline,
    private readonly roles: readonly Role[],
    private readonly devices: ReadonlyMap<string, DemoDevice>,
    private readonly inbox: ReminderInbox,
    private readonly loops: Loops,
  ) {
    this.table = DynamoDBDocumentClient.from(new DynamoDBClient(awsConfig(session.cloud)));
  }

  /** Connects the devices over mTLS and opens the inbox that reminders come to. */
  static async prepare(session: Session, timeline: Timeline): Promise<Scenario> {
    const config = awsConfig(session.cloud);
    const reminders = session.outputs.overheated as ReminderOutputs;
    const roles = rolesFor(session.devices.map(({ thingName }) => thingName));
    const inbox = await ReminderInbox.open(config, reminders.topicArn);
    const loops = new Loops(config, reminders.stateMachineArn);
    const devices = new Map<string, DemoDevice>();
    const scenario = new Scenario(session, timeline, roles, devices, inbox, loops);
    inbox.onReminder((reminder) => timeline.say("reminder", reminder.deviceId, describe(reminder)));
    try {
      for (const { thing } of roles) devices.set(thing, await DemoDevice.join(session, thing, timeline));
      return scenario;
    } catch (error) {
      await scenario.close();
      throw error;
    }
  }

  /** Lets it all happen, and says what came of it. */
  async play(): Promise<Outcome> {
    const started = performance.now();
    const telemetry = playTelemetry(this.session, [...this.devices.values()], this.timeline);
    const release = playRelease(this.session, [...this.devices.values()], this.timeline);
    const stories = await Promise.allSettled(
      this.roles.map((role) => within(2 * this.patience, `the story of ${role.thing}`, this.follow(role))),
    );
    // Only now: a loop that should not be there may belong to a device whose own story was over first.
    const results = await Promise.all(this.roles.map((role) => this.outcomeOf(role)));
    const { outcome: telemetryOutcome, problems: telemetryProblems } = await telemetry;
    const { outcome: releaseOutcome, problems: releaseProblems } = await release;
    const problems = [
      ...stories.flatMap((story) => (story.status === "rejected" ? [String(story.reason.message)] : [])),
      ...results.flatMap(({ problems }) => problems),
      ...telemetryProblems,
      ...releaseProblems,
    ];
    return {
      ok: problems.length === 0,
      seconds: (performance.now() - started) / 1000,
      reminders: results.map(({ outcome }) => outcome),
      telemetry: telemetryOutcome,
      release: releaseOutcome,
      problems,
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.devices.values()].map((device) => device.leave()));
    await this.inbox.close();
  }

  private async follow({ thing, fails, repairedAfter }: Role): Promise<void> {
    const device = this.devices.get(thing) as DemoDevice;
    await device.reportAllIsWell();
    if (!fails) return wish(this.session, thing, { setpoint: 3 }, this.timeline);
    await device.fail();
    if (repairedAfter !== undefined) {
      await this.remindersOf(thing, repairedAfter);
      await device.recover();
      this.solvedAt.set(thing, await this.endOfAnomaly(thing));
    }
    await this.endOfLoop(thing);
  }

  private async outcomeOf({
    thing,
    fails,
    repairedAfter,
  }: Role): Promise<{ outcome: ReminderOutcome; problems: string[] }> {
    const sent = this.inbox.of(thing).length;
    const loops = await this.loops.of(thing);
    const { count, interval } = this.session;
    const openedAt = loops[0] && Date.parse(loops[0].input.openedAt);
    const solvedAt = this.solvedAt.get(thing);
    const expected = fails ? expectedReminders({ sent, count, interval, repairedAfter, openedAt, solvedAt }) : 0;
    // A machine so busy that all were due before the repair was seen: then there is nothing left that it could end.
    const shouldEndBy = fails ? (expected === count ? "count" : "solved") : "nothing";
    const endedBy = loops.map((loop) => loop.endedBy ?? loop.status.toLowerCase()).join(", ") || "nothing";
    const problems: string[] = [];
    if (sent !== expected) problems.push(`${thing}: ${sent} reminders came, ${expected} were due`);
    if (endedBy !== shouldEndBy) problems.push(`${thing}: its loop ended by ${endedBy}, not by ${shouldEndBy}`);
    return { outcome: { thing, expected, sent, endedBy }, problems };
  }

  private async remindersOf(thing: string, count: number): Promise<void> {
    await waitFor(`reminder ${count} about ${thing}`, () => this.inbox.of(thing).length >= count, {
      seconds: this.patience,
      lastSeen: () => this.inbox.of(thing),
    });
  }

  /** When the anomaly's item was gone, and no look at it could find it any more: milliseconds since 1970. */
  private async endOfAnomaly(deviceId: string): Promise<number> {
    const { tableName: TableName } = this.session.outputs.overheated as ReminderOutputs;
    const Key = { deviceId, kind: anomalyKind };
    return waitFor(
      `the anomaly of ${deviceId} to be gone`,
      async () => {
        const { Item } = await this.table.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
        return Item === undefined && Date.now();
      },
      { everyMs: 10 },
    );
  }

  /** A loop is over when Step Functions says so; and its last reminder has to be here by then, or soon after. */
  private async endOfLoop(thing: string): Promise<void> {
    let loops: Loop[] = [];
    await waitFor(
      `the end of the loop of ${thing}`,
      async () => {
        loops = await this.loops.of(thing);
        return loops.length > 0 && loops.every(({ status }) => status !== "RUNNING");
      },
      { seconds: this.patience, everyMs: 200, lastSeen: () => loops },
    );
    for (const { status, endedBy, input } of loops) {
      this.timeline.say("loop", thing, status === "SUCCEEDED" ? `ended by ${endedBy}` : status.toLowerCase());
      if (endedBy === "count") await this.remindersOf(thing, input.count);
    }
  }

  /** All reminders of one loop, and some time for a slow machine. */
  private get patience(): number {
    return this.session.interval * (this.session.count + 1) + 30;
  }
}

function describe({ index, count, dueAt, receivedAt }: ReceivedReminder): string {
  return `${index} of ${count}, ${receivedAt - Date.parse(dueAt)} ms after it was due`;
}
