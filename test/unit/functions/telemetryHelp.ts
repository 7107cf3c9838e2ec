import { gunzipSync } from "node:zlib";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type SinonStub, stub } from "sinon";
import type { StreamRecord } from "../../../functions/telemetry/telemetryRecords";
import type { TelemetryPrefix, TelemetryRow } from "../../../start/scenario/telemetryStore";

/** A record of one shard; its number is its place. */
export function recordOf(
  number: number,
  payload: unknown,
  { at = Date.UTC(2026, 10, 23, 10, 30), shard = "shardId-000000000000", topic = "my/things/cooler-1/state" } = {},
): StreamRecord {
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
  const sequenceNumber = String(number).padStart(20, "0");
  return {
    eventID: `${shard}:${sequenceNumber}`,
    kinesis: {
      partitionKey: topic,
      sequenceNumber,
      data: bytes.toString("base64"),
      approximateArrivalTimestamp: at / 1000,
    },
  };
}

/** A bucket in memory behind the S3 client; `fails` decides which writes are refused. */
export class FakeBucket {
  readonly objects = new Map<string, Buffer>();
  fails: (key: string) => boolean = () => false;
  private readonly send: SinonStub;

  constructor() {
    this.send = stub(S3Client.prototype, "send").callsFake(async (command: unknown) => {
      const { input } = command as PutObjectCommand;
      if (!(command instanceof PutObjectCommand)) throw new Error("the function may only put objects");
      if (this.fails(input.Key as string)) throw new Error("SlowDown");
      this.objects.set(input.Key as string, input.Body as Buffer);
      return {};
    });
  }

  get keys(): string[] {
    return [...this.objects.keys()].sort();
  }

  /** The rows under a prefix, in the order of their objects. */
  rows(prefix: TelemetryPrefix): TelemetryRow[] {
    return this.keys
      .filter((key) => key.startsWith(`${prefix}/`))
      .flatMap((key) =>
        gunzipSync(this.objects.get(key) as Buffer)
          .toString()
          .trimEnd()
          .split("\n"),
      )
      .map((line) => JSON.parse(line));
  }

  restore(): void {
    this.send.restore();
  }
}
