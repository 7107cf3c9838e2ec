import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  type _Record as StreamRecord,
} from "@aws-sdk/client-kinesis";

/** Lambda hands over 6 MB at most; base64 makes four bytes of three. */
const MOST_BYTES = 6 * 1024 * 1024;
/** What a record adds to an event beside its data. */
const ENVELOPE_BYTES = 500;
const FIRST_PAUSE_MS = 50;
/** As often as Lambda looks. */
const LONGEST_PAUSE_MS = 1_000;

export type StartingPosition = Pick<GetShardIteratorCommandInput, "ShardIteratorType" | "Timestamp">;

/** Reads the records of one shard in batches, from a starting position on or after the last batch that was done. */
export class ShardReader {
  private iterator: string | undefined;
  private checkpoint: string | undefined;
  private waiting: StreamRecord[] = [];
  private closed = false;

  constructor(
    private readonly kinesis: KinesisClient,
    private readonly StreamARN: string,
    readonly shardId: string,
    private readonly start: StartingPosition,
  ) {}

  /** Fixes where LATEST is, so that it does not depend on when the first batch is read. */
  async open(): Promise<void> {
    const from: StartingPosition & { StartingSequenceNumber?: string } = this.checkpoint
      ? { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: this.checkpoint }
      : this.start;
    const { ShardIterator } = await this.kinesis.send(
      new GetShardIteratorCommand({ StreamARN: this.StreamARN, ShardId: this.shardId, ...from }),
    );
    this.iterator = ShardIterator;
  }

  /**
   * The next batch: full, or all that came within the window from its first record on. Waits for one.
   * @returns undefined when the shard has ended or the signal stopped the wait
   */
  async next(size: number, windowSeconds: number, signal: AbortSignal): Promise<StreamRecord[] | undefined> {
    if (this.iterator === undefined && !this.closed) await this.open();
    let deadline = this.waiting.length > 0 ? Date.now() + windowSeconds * 1000 : Number.POSITIVE_INFINITY;
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; ) {
      const full = fitting(this.waiting, size);
      const isFull = full === size || full < this.waiting.length;
      if (full > 0 && (isFull || this.closed || Date.now() >= deadline)) return this.waiting.splice(0, full);
      if (this.closed) return undefined;
      const found = await this.fetch();
      if (found && deadline === Number.POSITIVE_INFINITY) deadline = Date.now() + windowSeconds * 1000;
      if (found) {
        pause = FIRST_PAUSE_MS;
        continue;
      }
      await wait(Math.min(pause, Math.max(0, deadline - Date.now())), signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
    return undefined;
  }

  /** Notes that everything up to a record is done. */
  done(sequenceNumber: string): void {
    this.checkpoint = sequenceNumber;
  }

  private async fetch(): Promise<boolean> {
    try {
      const { Records = [], NextShardIterator } = await this.kinesis.send(
        new GetRecordsCommand({ StreamARN: this.StreamARN, ShardIterator: this.iterator, Limit: 10_000 }),
      );
      this.iterator = NextShardIterator;
      this.closed = NextShardIterator === undefined;
      this.waiting.push(...Records);
      return Records.length > 0;
    } catch (error) {
      if ((error as Error).name !== "ExpiredIteratorException") throw error;
      this.waiting = [];
      await this.open();
      return false;
    }
  }
}

/** How many of the records go into one event. */
function fitting(records: readonly StreamRecord[], size: number): number {
  let bytes = 0;
  let count = 0;
  for (const { Data, PartitionKey = "" } of records) {
    bytes += ((Data?.length ?? 0) * 4) / 3 + PartitionKey.length + ENVELOPE_BYTES;
    if (count === size || (count > 0 && bytes > MOST_BYTES)) break;
    count += 1;
  }
  return count;
}

/** Waits, or less when it is stopped. */
export function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
