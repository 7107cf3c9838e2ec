import { gzipSync } from "node:zlib";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { KinesisStreamBatchResponse } from "aws-lambda";
import { writeMetrics } from "../runtime/embeddedMetrics";
import { type Part, quarantined, runsOf, type StreamRecord, stored, type TelemetryTransform } from "./telemetryRecords";

/**
 * Writes the records of a Kinesis batch as gzipped lines of JSON to S3, one object per batch and hour, and what it can't
 * take to the quarantine beside it. A write that fails is told by its first record, so that Lambda goes on from there.
 *
 * Environment: BUCKET, MAXIMUM_BYTES, OBJECTS_ONLY ("true" or nothing).
 */
export function storeTelemetry(transform?: TelemetryTransform) {
  const s3 = new S3Client({});
  const rules = {
    maximumBytes: Number(process.env.MAXIMUM_BYTES),
    objectsOnly: process.env.OBJECTS_ONLY === "true",
    transform,
  };

  async function put(prefix: string, { key, lines }: Part): Promise<void> {
    if (key === undefined) return;
    await s3.send(
      new PutObjectCommand({
        Bucket: process.env.BUCKET,
        Key: `${prefix}/${key}`,
        // There is no date in it, so a batch that comes again gives the same bytes. Level 3 costs 5 % more CPU than 1.
        Body: gzipSync(`${lines.join("\n")}\n`, { level: 3 }),
        ContentType: "application/gzip",
      }),
    );
  }

  return async (event: { readonly Records: readonly StreamRecord[] }): Promise<KinesisStreamBatchResponse> => {
    const counts = { Stored: 0, Quarantined: 0, Dropped: 0 };
    const failures: { itemIdentifier: string }[] = [];
    for (const run of runsOf(event.Records, rules)) {
      try {
        await put(quarantined, run.quarantined);
        await put(stored, run.stored);
      } catch (error) {
        console.error(JSON.stringify({ message: "not written", run: run.folder, reason: String(error) }));
        failures.push({ itemIdentifier: run.firstSequenceNumber });
        break;
      }
      counts.Stored += run.stored.lines.length;
      counts.Quarantined += run.quarantined.lines.length;
      counts.Dropped += run.dropped;
      if (run.stored.key !== undefined) {
        // By this line a row of the store, which has its sequence number and its object, leads to the call that wrote it.
        const { key, lines } = run.stored;
        console.info(JSON.stringify({ message: "stored", key: `${stored}/${key}`, messages: lines.length }));
      }
      if (run.quarantined.key !== undefined) {
        const key = `${quarantined}/${run.quarantined.key}`;
        console.warn(JSON.stringify({ message: "quarantined", key, reasons: run.reasons }));
      }
    }
    writeMetrics(counts);
    return { batchItemFailures: failures };
  };
}
