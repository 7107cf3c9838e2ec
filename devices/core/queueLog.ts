import { crc32 } from "node:zlib";
import { isObject, type JsonObject, type JsonValue } from "./json";

/** One thing that happened to a queue. Numbers are places in the order in which messages were added. */
export type QueueRecord =
  | { readonly keep: number; readonly message: JsonValue }
  | { readonly forget: number }
  /** How many messages were thrown away and not told of yet. */
  | { readonly dropped: number };

/** What a log comes to. */
export interface QueueLog {
  /** What waits, by its place in the order. */
  readonly messages: ReadonlyMap<number, JsonValue>;
  readonly dropped: number;
  /**
   * Lines before the last good one that could not be read. What is torn at the end does not count: that is how a loss of power
   * ends a log.
   */
  readonly damaged: number;
}

/** A line: a checksum of what follows, and the record. JSON has no line breaks of its own. */
export function lineOf(record: QueueRecord): string {
  const json = JSON.stringify(record);
  return `${checksumOf(json)} ${json}\n`;
}

/** Reads a log as far as it can be read: each line stands for itself. */
export function readQueueLog(bytes: Buffer): QueueLog {
  const messages = new Map<number, JsonValue>();
  let dropped = 0;
  let damaged = 0;
  let bad = 0;
  for (const line of bytes.toString().split("\n").slice(0, -1)) {
    const record = recordIn(line);
    if (!record) {
      bad++;
      continue;
    }
    damaged += bad;
    bad = 0;
    if ("keep" in record) messages.set(record.keep, record.message);
    else if ("forget" in record) messages.delete(record.forget);
    else dropped = record.dropped;
  }
  const inOrder = [...messages].sort(([one], [other]) => one - other);
  return { messages: new Map(inOrder), dropped, damaged };
}

const checksumOf = (text: string) => crc32(text).toString(16).padStart(8, "0");

function recordIn(line: string): QueueRecord | undefined {
  const json = line.slice(9);
  if (line[8] !== " " || line.slice(0, 8) !== checksumOf(json)) return undefined;
  let record: unknown;
  try {
    record = JSON.parse(json);
  } catch {
    return undefined;
  }
  return isRecord(record) ? record : undefined;
}

function isRecord(value: unknown): value is QueueRecord {
  if (!isObject(value as JsonValue)) return false;
  const { keep, forget, dropped, message } = value as JsonObject;
  return (Number.isInteger(keep) && message !== undefined) || Number.isInteger(forget) || Number.isInteger(dropped);
}
