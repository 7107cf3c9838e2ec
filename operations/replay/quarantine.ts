import { gunzipSync, gzipSync } from "node:zlib";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";

/** A message that could not be stored, as a row of the table `quarantine`. */
export interface SetAside {
  readonly topic: string;
  /** `YYYY-MM-DD HH:MM:SS.mmm`, UTC. */
  readonly arrived: string;
  readonly sequence: string;
  readonly reason: string;
  /** The payload, in base64. */
  readonly bytes: string;
}

/** The objects of a telemetry pipeline, stored or in quarantine, as a replay works on them. */
export class TelemetryObjects {
  private readonly s3: S3Client;

  constructor(
    config: S3ClientConfig,
    private readonly Bucket: string,
  ) {
    this.s3 = new S3Client(config);
  }

  /** The keys that begin with something. */
  async keys(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: this.s3 },
      { Bucket: this.Bucket, Prefix: prefix },
    )) {
      keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
    }
    return keys;
  }

  async read(key: string): Promise<SetAside[]> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.Bucket, Key: key }));
    const text = gunzipSync((await Body?.transformToByteArray()) ?? "").toString();
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  }

  async write(key: string, rows: readonly SetAside[]): Promise<void> {
    const Body = gzipSync(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    await this.s3.send(new PutObjectCommand({ Bucket: this.Bucket, Key: key, Body, ContentType: "application/gzip" }));
  }

  async delete(key: string): Promise<void> {
    await this.s3.send(new DeleteObjectCommand({ Bucket: this.Bucket, Key: key }));
  }

  close(): void {
    this.s3.destroy();
  }
}

/**
 * What the function names an object after: prefix, hour, shard and the first sequence number in it. A replay adds its count to
 * the shard (`shardId-000000000000.r2`), so what it makes has names of its own.
 */
export interface ObjectName {
  /** `telemetry` or `quarantine`. */
  readonly prefix: string;
  /** `dt=YYYY-MM-DD/hour=HH` */
  readonly folder: string;
  readonly shard: string;
  /** Times that its messages were replayed. */
  readonly replays: number;
  readonly sequence: string;
}

/** The shard as a record of a replay has it. */
export const shardOf = ({ shard, replays }: Pick<ObjectName, "shard" | "replays">) =>
  replays > 0 ? `${shard}.r${replays}` : shard;

/** The key up to the sequence number. */
export const beginningOf = (name: Omit<ObjectName, "sequence">) => `${name.prefix}/${name.folder}/${shardOf(name)}-`;

export const keyOf = (name: ObjectName) => `${beginningOf(name)}${name.sequence}.ndjson.gz`;

/** @returns undefined for a key that no object of telemetry has */
export function nameOfKey(key: string): ObjectName | undefined {
  const found = /^(\w+)\/(dt=[\d-]+\/hour=\d\d)\/(.+?)(?:\.r(\d+))?-(\d+)\.ndjson\.gz$/.exec(key);
  if (!found) return undefined;
  const [, prefix = "", folder = "", shard = "", replays = "0", sequence = ""] = found;
  return { prefix, folder, shard, replays: Number(replays), sequence };
}
