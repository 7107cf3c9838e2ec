import { quarantined, stored } from "../../functions/telemetry/telemetryRecords";
import { type Entry, groupsOf } from "./groups";
import {
  beginningOf,
  keyOf,
  nameOfKey,
  type ObjectName,
  type SetAside,
  shardOf,
  type TelemetryObjects,
} from "./quarantine";
import type { Outcome, ReplayOptions } from "./replay";
import type { Sent } from "./sender";

export interface QuarantineReplayOptions extends Pick<ReplayOptions, "dryRun" | "limit" | "onGroups"> {
  /** The function that stores telemetry. */
  readonly functionName: string;
}

/**
 * Hands messages of the quarantine to the function that stores telemetry once more, as the records that they were: with their
 * topic, sequence number and time of arrival.
 *
 * Each message ends up in one place, also when a replay is broken off and repeated. An object is handed over whole, and goes
 * when the function has taken it. What the function makes of it has names that follow from the object alone, and no other
 * object has: whatever a replay that was broken off has made is deleted, and made anew.
 */
export async function replayQuarantine(
  objects: Pick<TelemetryObjects, "keys" | "read" | "write" | "delete">,
  call: (event: object) => Promise<Sent>,
  { dryRun, limit, functionName, onGroups }: QuarantineReplayOptions,
): Promise<Outcome> {
  const failed: Record<string, number> = {};
  const stuck: Record<string, number> = {};
  const count = (reasons: Record<string, number>, reason: string, times: number) => {
    reasons[reason] = (reasons[reason] ?? 0) + times;
  };
  const all = async (beginnings: readonly string[]) =>
    (await Promise.all(beginnings.map((one) => objects.keys(one)))).flat();

  const { taken, leftovers } = await take(objects, limit);
  const source = `telemetry that function ${functionName} has set aside`;
  const groups = groupsOf(taken.flatMap(({ name, rows }) => rows.map((row) => entryOf(row, source, name.replays))));
  onGroups?.(groups);
  if (dryRun) return { groups, done: 0, failed, stuck };

  for (const key of leftovers) await objects.delete(key);
  let done = 0;
  for (const { name, rows, rest } of taken) {
    if (rest.length > 0) {
      // Broken off in between, both objects have the rest: then the next replay deletes that of the rest.
      await objects.write(keyOf({ ...name, sequence: rest[0]!.sequence }), rest);
      await objects.write(keyOf(name), rows);
    }
    const next = { ...name, replays: name.replays + 1 };
    const made = [stored, quarantined].map((prefix) => beginningOf({ ...next, prefix }));
    const isOurs = (key: string) => rows.some(({ sequence }) => nameOfKey(key)?.sequence === sequence);
    const before = (await all(made)).filter(isOurs);
    // Another replay may have made it just now, and deleted the object: then these are all that is left.
    if (before.length > 0) await objects.write(keyOf(name), rows);
    for (const key of before) await objects.delete(key);

    let sent: Sent;
    try {
      sent = await call({ Records: rows.map((row) => recordOf(row, shardOf(next))) });
    } catch (error) {
      count(stuck, error instanceof Error ? error.message : String(error), rows.length);
      // Another replay may have deleted it meanwhile.
      await objects.write(keyOf(name), rows);
      continue;
    }
    if (sent.result === "failed") {
      // Perhaps some of it was written: the whole object waits under its new count, and replaces that.
      for (const key of (await all(made)).filter(isOurs)) await objects.delete(key);
      await objects.write(keyOf(next), rows);
      count(failed, sent.reason, rows.length);
    } else {
      done += rows.length;
      for (const key of (await objects.keys(beginningOf(next))).filter(isOurs)) {
        for (const { reason } of await objects.read(key)) {
          count(failed, kindOf(reason), 1);
          done -= 1;
        }
      }
    }
    await objects.delete(keyOf(name));
  }
  return { groups, done, failed, stuck };
}

interface Taken {
  readonly name: ObjectName;
  readonly rows: readonly SetAside[];
  /** Messages of the object that are over the limit, and stay. */
  readonly rest: readonly SetAside[];
}

/** Reads as many messages as are asked for, and finds objects whose messages are in one of these, too. */
async function take(objects: Pick<TelemetryObjects, "keys" | "read">, limit: number) {
  const names = (await objects.keys(`${quarantined}/`)).flatMap((key) => nameOfKey(key) ?? []).sort(inOrder);
  const known = new Set(names.map(keyOf));
  const leftovers = new Set<string>();
  const taken: Taken[] = [];
  let left = limit;
  for (const name of names) {
    if (left <= 0) break;
    if (leftovers.has(keyOf(name))) continue;
    const rows = await objects.read(keyOf(name));
    // Of a replay that was broken off: a rest that was parted from it, or what the function has made of it.
    const copies = [
      ...rows.slice(1).map(({ sequence }) => keyOf({ ...name, sequence })),
      ...rows.map(({ sequence }) => keyOf({ ...name, replays: name.replays + 1, sequence })),
    ];
    for (const key of copies) if (known.has(key)) leftovers.add(key);
    taken.push({ name, rows: rows.slice(0, left), rest: rows.slice(left) });
    left -= rows.length;
  }
  return { taken, leftovers };
}

/** What was replayed less often first, so that an object comes before its leftovers; then in the order of arrival. */
function inOrder(a: ObjectName, b: ObjectName): number {
  if (a.replays !== b.replays) return a.replays - b.replays;
  if (a.folder !== b.folder) return a.folder < b.folder ? -1 : 1;
  return a.sequence.length - b.sequence.length || (a.sequence < b.sequence ? -1 : 1);
}

/** A record as the function gets it. */
const recordOf = ({ topic, arrived, sequence, bytes }: SetAside, shardId: string) => ({
  eventID: `${shardId}:${sequence}`,
  eventSource: "aws:kinesis",
  kinesis: {
    partitionKey: topic,
    sequenceNumber: sequence,
    data: bytes,
    approximateArrivalTimestamp: timeOf(arrived) / 1000,
  },
});

const timeOf = (arrived: string) => Date.parse(`${arrived.replace(" ", "T")}Z`);

/** A reason without what is different in each message; what a transform threw is told whole. */
const kindOf = (reason: string) => (reason.startsWith("the transform failed") ? reason : (reason.split(":")[0] ?? ""));

function entryOf(row: SetAside, source: string, replays: number): Entry {
  const { topic, arrived, reason, bytes } = row;
  const example = JSON.stringify({ topic, reason, payload: Buffer.from(bytes, "base64").toString() });
  return { source, reason: kindOf(reason), at: timeOf(arrived), replays, example };
}
