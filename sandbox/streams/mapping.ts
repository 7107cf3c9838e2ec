import { randomUUID } from "node:crypto";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { Position, StreamRecord, StreamSource } from "../../common/streams";
import { wait } from "../wait";
import { type CallResult, deliver, type GivenUp } from "./deliver";
import type { MappingSettings } from "./settings";
import { ShardReader } from "./shardReader";

/** What a mapping works with. Stream and destination are reached as the function's role, as on AWS. */
export interface MappingMeans {
  readonly source: StreamSource;
  readonly lambda: LambdaClient;
  /** Sends what is given up to the mapping's destination; does nothing without one. */
  readonly report: (destination: string | undefined, body: string) => Promise<void>;
  /** Seconds before the first retry; doubled up to a minute. */
  readonly retryBaseSeconds: number;
  readonly log: (text: string) => void;
}

const RESHARD_SECONDS = 10;

/** One stream that calls one function: a loop per shard, each record in its order. */
export class StreamMapping {
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
    for (const { shardId } of await this.means.source.shards()) await this.add(shardId, this.settings.start);
  }

  start(): void {
    if (this.running) return;
    const stop = new AbortController();
    this.running = { stop, ended: this.run(stop.signal) };
  }

  /** Lets the call that is under way finish. What is not done by then comes first after the next start. */
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
        const records = batch.filter(({ event }) => this.settings.passes(event));
        await this.handOver(reader, records, signal);
        reader.done(batch.at(-1)?.sequenceNumber as string);
      } catch (error) {
        if (signal.aborted) return;
        this.say(`shard ${reader.shardId}: ${error}`);
        await wait(1_000, signal);
      }
    }
    if (!signal.aborted) this.finished.add(reader.shardId);
  }

  /** @throws when the mapping is stopped on the way */
  private handOver(reader: ShardReader, records: readonly StreamRecord[], signal: AbortSignal): Promise<void> {
    const { functionArn, onFailure, ...settings } = this.settings;
    const { report, source, retryBaseSeconds } = this.means;
    const pause = (retry: number) => wait(Math.min(60, retryBaseSeconds * 2 ** (retry - 1)) * 1000, signal);
    return deliver(records, settings, {
      now: Date.now,
      pause,
      done: ({ sequenceNumber }) => reader.done(sequenceNumber),
      giveUp: async (failure) => {
        const body = JSON.stringify(failureDocument(failure, functionArn, reader.shardId, source));
        for (let retry = 1; ; retry++) {
          signal.throwIfAborted();
          try {
            return await report(onFailure, body);
          } catch (error) {
            this.say(`${onFailure} did not take what is given up, and is asked again: ${error}`);
            await pause(retry);
          }
        }
      },
      call: async (batch) => {
        signal.throwIfAborted();
        try {
          return await this.call(functionArn, batch);
        } catch (error) {
          this.say(`the call did not reach the function, and is made again: ${error}`);
          this.lastProcessingResult = "PROBLEM: Function call failed";
          return "notReached";
        }
      },
    });
  }

  private async call(functionArn: string, batch: readonly StreamRecord[]): Promise<CallResult> {
    const { FunctionError, Payload } = await this.means.lambda.send(
      new InvokeCommand({
        FunctionName: functionArn,
        Payload: Buffer.from(JSON.stringify({ Records: batch.map(({ event }) => event) })),
      }),
    );
    const text = Payload?.transformToString() ?? "";
    this.lastProcessingResult = FunctionError ? "PROBLEM: Function call failed" : "OK";
    if (FunctionError) this.say(text);
    return { functionError: FunctionError, payload: text === "" ? undefined : JSON.parse(text) };
  }

  private async findNewShards(): Promise<void> {
    const shards = await this.means.source.shards();
    const known = new Set(shards.map(({ shardId }) => shardId));
    for (const { shardId, parentShardId } of shards) {
      // A child comes after its parent, or its records would overtake those before the split.
      const parentIsRead = !parentShardId || !known.has(parentShardId) || this.finished.has(parentShardId);
      if (parentIsRead) await this.add(shardId, { type: "TRIM_HORIZON" });
    }
  }

  private async add(shardId: string, start: Position): Promise<void> {
    if (this.readers.has(shardId)) return;
    const reader = new ShardReader(this.means.source, shardId, start);
    await reader.open();
    this.readers.set(shardId, reader);
  }

  private say(text: string): void {
    this.means.log(`The mapping of ${this.settings.streamArn} to ${this.settings.functionArn}: ${text}`);
  }
}

/** What a destination is told: where the records are in the stream, not the records themselves. */
function failureDocument(
  { records, condition, calls, functionError }: GivenUp,
  functionArn: string,
  shardId: string,
  { batchInfo, streamArn }: StreamSource,
): object {
  const [first, last] = [records[0], records.at(-1)] as [StreamRecord, StreamRecord];
  const time = ({ arrived }: StreamRecord) => new Date(arrived * 1000).toISOString();
  return {
    requestContext: { requestId: randomUUID(), functionArn, condition, approximateInvokeCount: calls },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: functionError ?? null },
    version: "1.0",
    timestamp: new Date().toISOString(),
    [batchInfo]: {
      shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: last.sequenceNumber,
      approximateArrivalOfFirstRecord: time(first),
      approximateArrivalOfLastRecord: time(last),
      batchSize: records.length,
      streamArn,
    },
  };
}
