import { randomUUID } from "node:crypto";
import { type KinesisClient, ListShardsCommand } from "@aws-sdk/client-kinesis";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { deliver, type GivenUp, type KinesisRecord } from "./deliver";
import type { MappingSettings } from "./settings";
import { ShardReader, type StartingPosition, wait } from "./shardReader";

/** What a mapping works with. The clients of stream and destination act as the function's role, as on AWS. */
export interface MappingMeans {
  readonly kinesis: KinesisClient;
  readonly lambda: LambdaClient;
  readonly roleArn: string;
  readonly region: string;
  /** Sends what is given up to the mapping's destination; does nothing without one. */
  readonly report: (destination: string | undefined, body: string) => Promise<void>;
  /** Seconds before the first retry; doubled up to a minute. */
  readonly retryBaseSeconds: number;
  readonly log: (text: string) => void;
}

const RESHARD_SECONDS = 10;

/** One stream that calls one function: a loop per shard, each record in its order. */
export class KinesisMapping {
  settings: MappingSettings;
  lastProcessingResult = "No records processed";
  private readonly readers = new Map<string, ShardReader>();
  private readonly finished = new Set<string>();
  private running: { readonly stop: AbortController; readonly ended: Promise<unknown> } | undefined;

  constructor(
    settings: MappingSettings,
    private readonly means: MappingMeans,
  ) {
    this.settings = settings;
  }

  /** Finds the shards there are. @throws what AWS says when the function's role may not read the stream */
  async open(): Promise<void> {
    const { startingPosition, startingTimestamp } = this.settings;
    const start = { ShardIteratorType: startingPosition, Timestamp: startingTimestamp };
    for (const { ShardId } of await this.shards()) await this.add(ShardId as string, start);
  }

  start(): void {
    if (this.running) return;
    const stop = new AbortController();
    this.running = { stop, ended: this.run(stop.signal) };
  }

  /** Lets the call that is under way finish. */
  async stop(): Promise<void> {
    const { running } = this;
    running?.stop.abort();
    await running?.ended;
    this.running = undefined;
  }

  private async run(signal: AbortSignal): Promise<void> {
    const loops = new Map<string, Promise<void>>();
    while (!signal.aborted) {
      for (const reader of this.readers.values()) {
        if (!loops.has(reader.shardId)) loops.set(reader.shardId, this.read(reader, signal));
      }
      await wait(RESHARD_SECONDS * 1000, signal);
      if (!signal.aborted) await this.findNewShards().catch((error) => this.say(`new shards: ${error}`));
    }
    await Promise.all(loops.values());
  }

  private async read(reader: ShardReader, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { batchSize, batchingWindow } = this.settings;
        const batch = await reader.next(batchSize, batchingWindow, signal);
        if (batch === undefined) break;
        const records = batch.map((record) => this.eventRecord(reader.shardId, record));
        await this.handOver(records.filter(this.settings.passes), signal);
        reader.done(batch.at(-1)?.SequenceNumber as string);
      } catch (error) {
        if (signal.aborted) return;
        this.say(`shard ${reader.shardId}: ${error}`);
        await wait(1_000, signal);
      }
    }
    if (!signal.aborted) this.finished.add(reader.shardId);
  }

  private handOver(records: readonly KinesisRecord[], signal: AbortSignal): Promise<void> {
    const { functionArn, onFailure, ...settings } = this.settings;
    return deliver(records, settings, {
      now: Date.now,
      pause: (retry) => wait(Math.min(60, this.means.retryBaseSeconds * 2 ** (retry - 1)) * 1000, signal),
      giveUp: (failure) => this.means.report(onFailure, JSON.stringify(failureDocument(failure, functionArn))),
      call: async (batch) => {
        if (signal.aborted) throw new Error("the mapping is stopped");
        const { FunctionError, Payload } = await this.means.lambda.send(
          new InvokeCommand({ FunctionName: functionArn, Payload: Buffer.from(JSON.stringify({ Records: batch })) }),
        );
        const text = Payload?.transformToString() ?? "";
        this.lastProcessingResult = FunctionError ? "PROBLEM: Function call failed" : "OK";
        if (FunctionError) this.say(text);
        return { functionError: FunctionError, payload: text === "" ? undefined : JSON.parse(text) };
      },
    });
  }

  private async findNewShards(): Promise<void> {
    const shards = await this.shards();
    const known = new Set(shards.map(({ ShardId }) => ShardId));
    for (const { ShardId, ParentShardId } of shards) {
      // A child comes after its parent, or its records would overtake those before the split.
      const parentIsRead = !ParentShardId || !known.has(ParentShardId) || this.finished.has(ParentShardId);
      if (parentIsRead) await this.add(ShardId as string, { ShardIteratorType: "TRIM_HORIZON", Timestamp: undefined });
    }
  }

  private async shards() {
    const found = await this.means.kinesis.send(new ListShardsCommand({ StreamARN: this.settings.streamArn }));
    return found.Shards ?? [];
  }

  private async add(shardId: string, start: StartingPosition): Promise<void> {
    if (this.readers.has(shardId)) return;
    const reader = new ShardReader(this.means.kinesis, this.settings.streamArn, shardId, start);
    await reader.open();
    this.readers.set(shardId, reader);
  }

  private eventRecord(
    shardId: string,
    record: { SequenceNumber?: string; PartitionKey?: string; Data?: Uint8Array; ApproximateArrivalTimestamp?: Date },
  ): KinesisRecord {
    const sequenceNumber = record.SequenceNumber as string;
    return {
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey: record.PartitionKey as string,
        sequenceNumber,
        data: Buffer.from(record.Data ?? []).toString("base64"),
        approximateArrivalTimestamp: (record.ApproximateArrivalTimestamp?.getTime() ?? 0) / 1000,
      },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `${shardId}:${sequenceNumber}`,
      eventName: "aws:kinesis:record",
      invokeIdentityArn: this.means.roleArn,
      awsRegion: this.means.region,
      eventSourceARN: this.settings.streamArn,
    };
  }

  private say(text: string): void {
    this.means.log(`The mapping of ${this.settings.streamArn} to ${this.settings.functionArn}: ${text}`);
  }
}

/** What a destination is told: where the records are in the stream, not the records themselves. */
function failureDocument({ records, condition, calls, functionError }: GivenUp, functionArn: string): object {
  const [first, last] = [records[0], records.at(-1)] as [KinesisRecord, KinesisRecord];
  const time = ({ kinesis }: KinesisRecord) => new Date(kinesis.approximateArrivalTimestamp * 1000).toISOString();
  return {
    requestContext: { requestId: randomUUID(), functionArn, condition, approximateInvokeCount: calls },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: functionError ?? null },
    version: "1.0",
    timestamp: new Date().toISOString(),
    KinesisBatchInfo: {
      shardId: first.eventID.split(":")[0],
      startSequenceNumber: first.kinesis.sequenceNumber,
      endSequenceNumber: last.kinesis.sequenceNumber,
      approximateArrivalOfFirstRecord: time(first),
      approximateArrivalOfLastRecord: time(last),
      batchSize: records.length,
      streamArn: first.eventSourceARN,
    },
  };
}
