import { isUtf8 } from "node:buffer";

/**
 * What becomes of the records of one Kinesis batch, decided without any AWS call.
 *
 * Every record ends in exactly one place: a row of the store, a row of the quarantine, or dropped by the transform. Rows
 * go into objects whose name follows from the records alone, so a batch that is delivered again writes the same objects.
 */

/** Where in the bucket messages are stored; the name of their table, too. */
export const stored = "telemetry";
/** Where those lie that could not be stored. */
export const quarantined = "quarantine";

/** One message of a device, as a `transform` gets it. */
export interface TelemetryMessage {
  /** The MQTT topic it was published on. */
  readonly topic: string;
  /** When Kinesis took it: milliseconds since 1970. */
  readonly arrived: number;
  /** The payload, parsed. */
  readonly payload: unknown;
}

/**
 * Reshapes a payload, or drops the message by returning undefined. Synchronous, and with the same answer
 * each time: Lambda may deliver a message again. A message that it throws at goes to the quarantine, and so does one that it makes no JSON of.
 */
export type TelemetryTransform = (message: TelemetryMessage) => unknown;

/** What a record of a Kinesis event has, as far as it matters here. */
export interface StreamRecord {
  /** `<shard id>:<sequence number>` */
  readonly eventID: string;
  readonly kinesis: {
    /** The rule's `${topic()}`. */
    readonly partitionKey: string;
    readonly sequenceNumber: string;
    /** Base64. */
    readonly data: string;
    /** Seconds since 1970, with a fraction. */
    readonly approximateArrivalTimestamp: number;
  };
}

export interface TelemetryRules {
  /** Bytes that a payload may have, before and after the transform. */
  readonly maximumBytes: number;
  /** Whether only JSON objects may be stored, as the table's payload column is a struct. */
  readonly objectsOnly: boolean;
  readonly transform?: TelemetryTransform;
}

/** What becomes one object. */
export interface Part {
  /**
   * `dt=YYYY-MM-DD/hour=HH/<shard>-<first sequence number>.ndjson.gz`, in UTC. The number is that of the first record in it:
   * when Lambda parts a batch and delivers it again, that record is still the first of its kind, so the object is replaced,
   * and none is left behind that has records which are now in another. Undefined while there are none.
   */
  key?: string;
  /** JSON, one record each. */
  readonly lines: string[];
}

/** Neighbouring records of one hour. */
export interface Run {
  readonly folder: string;
  readonly firstSequenceNumber: string;
  readonly stored: Part;
  readonly quarantined: Part;
  /** Why, each with how often. */
  readonly reasons: Record<string, number>;
  dropped: number;
}

/** A deeper payload is set aside: the JSON reader of Athena walks it by recursion, and would fail the whole query. */
export const maximumDepth = 100;

/**
 * Sorts the records of one shard into runs.
 *
 * A run never reaches over a record of another hour. So when a run can't be written, everything before its first record
 * is stored and everything from there on is not: that record is where Lambda has to go on, with nothing written twice.
 */
export function runsOf(records: readonly StreamRecord[], rules: TelemetryRules): Run[] {
  const runs: Run[] = [];
  const topics = new Map<string, string>();
  let current: Run | undefined;
  let second = Number.NaN;
  let date = "";
  for (const record of records) {
    const { kinesis } = record;
    const { partitionKey, sequenceNumber } = kinesis;
    const arrived = Math.round(kinesis.approximateArrivalTimestamp * 1000);
    // Thousands of records share a second and a few topics: their texts are made once.
    if (Math.floor(arrived / 1000) !== second) {
      second = Math.floor(arrived / 1000);
      date = new Date(second * 1000).toISOString().slice(0, 19);
    }
    const hour = `dt=${date.slice(0, 10)}/hour=${date.slice(11, 13)}`;
    if (current === undefined || hour !== current.folder) {
      const nothing = () => ({ lines: [] });
      const parts = { stored: nothing(), quarantined: nothing() };
      current = { folder: hour, firstSequenceNumber: sequenceNumber, ...parts, reasons: {}, dropped: 0 };
      runs.push(current);
    }
    let topic = topics.get(partitionKey);
    if (topic === undefined) {
      topic = JSON.stringify(partitionKey);
      topics.set(partitionKey, topic);
    }
    const time = `${date.slice(0, 10)} ${date.slice(11)}.${String(arrived - second * 1000).padStart(3, "0")}`;
    place(current, record, arrived, `{"topic":${topic},"arrived":"${time}","sequence":"${sequenceNumber}"`, rules);
  }
  return runs;
}

/** Puts one record where it belongs; whatever is wrong with it is its own affair and stops no other. */
function place(run: Run, record: StreamRecord, arrived: number, head: string, rules: TelemetryRules): void {
  const { partitionKey: topic, data } = record.kinesis;
  try {
    const text = textOf(data, topic, arrived, rules);
    if (text === undefined) run.dropped += 1;
    else add(run.stored, run, record, `${head},"payload":${text}}`);
  } catch (error) {
    const { kind, message } = error as { kind: string; message: string };
    run.reasons[kind] = (run.reasons[kind] ?? 0) + 1;
    add(run.quarantined, run, record, `${head},"reason":${JSON.stringify(message)},"bytes":"${data}"}`);
  }
}

function add(part: Part, { folder }: Run, { eventID, kinesis }: StreamRecord, line: string): void {
  // The id is `<shard>:<sequence number>`.
  part.key ??= `${folder}/${eventID.slice(0, eventID.indexOf(":"))}-${kinesis.sequenceNumber}.ndjson.gz`;
  part.lines.push(line);
}

/** The JSON of a payload in one line; undefined when the transform drops it. @throws a refusal, and nothing else */
function textOf(data: string, topic: string, arrived: number, rules: TelemetryRules): string | undefined {
  const bytes = Buffer.from(data, "base64");
  if (bytes.length > rules.maximumBytes) throw refusal("too large", tooLarge(bytes.length, rules.maximumBytes));
  if (!isUtf8(bytes)) throw refusal("not JSON", "not JSON: the bytes are no UTF-8");
  const text = bytes.toString("utf8");
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch (error) {
    throw refusal("not JSON", `not JSON: ${(error as Error).message}`);
  }
  const { transform } = rules;
  // What is not changed is stored as it came, to the last digit of a number: parsing was only the test of it.
  if (transform === undefined) return inOneLine(checked(text, payload, rules));
  const { made, json } = transformed(transform, { topic, arrived, payload });
  if (json === undefined) return undefined;
  const size = Buffer.byteLength(json);
  if (size > rules.maximumBytes)
    throw refusal("too large", `after the transform ${tooLarge(size, rules.maximumBytes)}`);
  return checked(json, made, rules);
}

/** What the user's own code makes of a message; without JSON when it drops it. */
function transformed(transform: TelemetryTransform, message: TelemetryMessage): { made: unknown; json?: string } {
  try {
    const made = transform(message);
    if (made === undefined) return { made };
    if (typeof (made as { then?: unknown } | null)?.then === "function") {
      throw new Error("it returned a promise, but has to be synchronous");
    }
    const json = JSON.stringify(made);
    if (json === undefined) throw new Error(`it returned a ${typeof made}, which is no JSON`);
    return { made, json };
  } catch (error) {
    throw refusal("the transform failed", `the transform failed: ${error instanceof Error ? error.message : error}`);
  }
}

function checked(text: string, payload: unknown, { objectsOnly }: TelemetryRules): string {
  if (objectsOnly && (typeof payload !== "object" || payload === null || Array.isArray(payload))) {
    throw refusal("not an object", "not an object, as the columns of the table want it");
  }
  if (isDeeper(text, maximumDepth)) {
    throw refusal("nested too deeply", `nested more than ${maximumDepth} levels deep`);
  }
  return text;
}

/** Whether JSON has more levels of objects and arrays than a limit. Most has not even so many brackets. */
function isDeeper(json: string, limit: number): boolean {
  let brackets = 0;
  for (const bracket of "{[") {
    for (let at = json.indexOf(bracket); at >= 0 && brackets <= limit; at = json.indexOf(bracket, at + 1))
      brackets += 1;
  }
  if (brackets <= limit) return false;
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    if (depth > limit) return true;
  }
  return false;
}

/** Line breaks in valid JSON are nothing but layout. */
function inOneLine(json: string): string {
  return json.includes("\n") || json.includes("\r") ? json.replace(/[\r\n]+/g, " ") : json;
}

function tooLarge(size: number, maximum: number): string {
  return `too large: ${size} bytes, ${maximum} at most`;
}

/** A reason to set a record aside: `kind` is what is counted, the message says all. */
function refusal(kind: string, message: string): Error {
  return Object.assign(new Error(message), { kind });
}
