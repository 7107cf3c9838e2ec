import { gunzipSync } from "node:zlib";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type ApiAnswer, api } from "./answer";
import { type Owns, ownershipIn, thingOf } from "./ownership";
import { type ApiRequest, wholeNumber } from "./request";
import { type StoredMessage, telemetryNumbers } from "./telemetryNumbers";

/** An object of the telemetry bucket. */
export interface StoredObject {
  readonly key: string;
  /** Bytes, compressed. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** What the route works with. */
export interface Telemetry {
  owns: Owns;
  /** The objects under a prefix. */
  list(prefix: string): Promise<StoredObject[]>;
  /** The lines of an object. */
  lines(key: string): Promise<string>;
}

/** What one request may read: it looks through the messages of all things for those of one. */
export const readingLimits = { objects: 400, bytes: 16 * 2 ** 20, atOnce: 16 };
/** Milliseconds of a caller's time that are left for the answer. */
const reserve = 3000;
const hour = 3_600_000;

/**
 * How much a thing sent in the last hours, and what its numbers were. It reads what the telemetry pipeline stored, the newest
 * first, and stops at its limits: `complete` says whether it came to the end, `from` how far it came.
 */
export async function telemetrySummaryOf(telemetry: Telemetry, request: ApiRequest, now: number): Promise<ApiAnswer> {
  const thingName = await thingOf(request, telemetry.owns);
  const hours = wholeNumber(request, "hours", 3, 24);
  const wanted = now - hours * hour;
  const { objects, since } = withinLimits(await all());
  let from = Math.max(wanted, since);
  const bucketLength = hours * 60_000;
  const numbers = telemetryNumbers(wanted, bucketLength);

  for (let at = 0; at < objects.length; at += readingLimits.atOnce) {
    if (request.remaining() < reserve) {
      from = Math.max(from, objects[at]?.modified ?? 0);
      break;
    }
    const some = objects.slice(at, at + readingLimits.atOnce);
    for (const text of await Promise.all(some.map(({ key }) => telemetry.lines(key)))) {
      for (const message of messagesOf(text, thingName)) {
        if (message.arrived >= wanted && message.arrived <= now) numbers.add(message);
      }
    }
  }
  return {
    body: {
      thingName,
      from: new Date(from).toISOString(),
      to: new Date(now).toISOString(),
      complete: from === wanted,
      bucketSeconds: bucketLength / 1000,
      ...numbers.summary(),
    },
  };

  /** The objects of all hours, the newest first. */
  async function all(): Promise<StoredObject[]> {
    const prefixes: string[] = [];
    for (let at = Math.floor(wanted / hour); at <= Math.floor(now / hour); at++) {
      const [date = "", time = ""] = new Date(at * hour).toISOString().split("T");
      prefixes.push(`telemetry/dt=${date}/hour=${time.slice(0, 2)}/`);
    }
    const found = (await Promise.all(prefixes.map((prefix) => telemetry.list(prefix)))).flat();
    return found.sort((one, other) => other.modified - one.modified);
  }
}

/** The newest objects that may be read, and since when they hold all there is. */
function withinLimits(objects: readonly StoredObject[]): { objects: StoredObject[]; since: number } {
  let bytes = 0;
  const end = objects.findIndex(({ size }, at) => {
    bytes += size;
    return at >= readingLimits.objects || bytes > readingLimits.bytes;
  });
  return end < 0
    ? { objects: [...objects], since: 0 }
    : { objects: objects.slice(0, end), since: objects[end]?.modified ?? 0 };
}

/** A thing's messages among the lines of an object; only its own are parsed. */
function messagesOf(text: string, thingName: string): StoredMessage[] {
  const mine = `{"topic":"my/things/${thingName}/`;
  const found: StoredMessage[] = [];
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    if (text.startsWith(mine, at)) {
      const { arrived, payload } = JSON.parse(text.slice(at, end));
      found.push({ arrived: Date.parse(`${arrived.replace(" ", "T")}Z`), payload });
    }
    at = end + 1;
  }
  return found;
}

/** Environment: BUCKET, OWNERSHIP_TABLE_NAME. */
export function telemetrySummary() {
  const s3 = new S3Client({});
  const Bucket = process.env.BUCKET;
  const telemetry: Telemetry = {
    owns: ownershipIn(DynamoDBDocumentClient.from(new DynamoDBClient({}))),
    async list(Prefix) {
      const found: StoredObject[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }));
        for (const { Key = "", Size = 0, LastModified } of page.Contents ?? []) {
          found.push({ key: Key, size: Size, modified: LastModified?.getTime() ?? 0 });
        }
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken);
      return found;
    },
    async lines(Key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return gunzipSync((await Body?.transformToByteArray()) ?? "").toString("utf8");
    },
  };
  return api((request) => telemetrySummaryOf(telemetry, request, Date.now()));
}
