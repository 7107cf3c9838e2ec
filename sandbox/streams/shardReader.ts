import type { Position, StreamRecord, StreamSource } from "../../common/streams";
import { wait } from "../wait";

/** Lambda hands over 6 MB at most; base64 makes four bytes of three. */
const MOST_BYTES = 6 * 1024 * 1024;
const FIRST_PAUSE_MS = 50;
/** As often as Lambda looks: at streams of Kinesis once a second, at those of tables four times. */
const LONGEST_PAUSE_MS = { KinesisBatchInfo: 1_000, DDBStreamBatchInfo: 250 };

/** Reads the records of one shard in batches, from a starting position on; a record stays until it is done. */
export class ShardReader {
  private iterator: string | undefined;
  private lastRead: string | undefined;
  private waiting: StreamRecord[] = [];
  private closed = false;

  constructor(
    private readonly source: StreamSource,
    readonly shardId: string,
    private readonly start: Position,
  ) {}

  /** Fixes where LATEST is, so that it does not depend on when the first batch is read. */
  async open(): Promise<void> {
    const { lastRead } = this;
    const from: Position = lastRead ? { type: "AFTER_SEQUENCE_NUMBER", sequenceNumber: lastRead } : this.start;
    this.iterator = await this.source.begin(this.shardId, from);
  }

  /**
   * The next batch: full, or all that came within the window from its first record on. Waits for one. Begins with the first
   * record that is not done, so it is the same again when none was.
   * @returns undefined when the shard has ended or the signal stopped the wait
   */
  async next(size: number, windowSeconds: number, signal: AbortSignal): Promise<StreamRecord[] | undefined> {
    if (this.iterator === undefined && !this.closed) await this.open();
    let deadline = this.waiting.length > 0 ? Date.now() + windowSeconds * 1000 : Number.POSITIVE_INFINITY;
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; ) {
      const full = fitting(this.waiting, size);
      const isFull = full === size || full < this.waiting.length;
      if (full > 0 && (isFull || this.closed || Date.now() >= deadline)) return this.waiting.slice(0, full);
      if (this.closed) return undefined;
      const found = await this.fetch();
      if (found && deadline === Number.POSITIVE_INFINITY) deadline = Date.now() + windowSeconds * 1000;
      if (found) {
        pause = FIRST_PAUSE_MS;
        continue;
      }
      await wait(Math.min(pause, Math.max(0, deadline - Date.now())), signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS[this.source.batchInfo]);
    }
    return undefined;
  }

  /** Notes that everything up to a record is done. */
  done(sequenceNumber: string): void {
    this.waiting.splice(0, this.waiting.findIndex((record) => record.sequenceNumber === sequenceNumber) + 1);
  }

  private async fetch(): Promise<boolean> {
    try {
      const { records, next } = await this.source.read(this.iterator ?? "", this.shardId);
      this.iterator = next;
      this.closed = next === undefined;
      this.waiting.push(...records);
      this.lastRead = records.at(-1)?.sequenceNumber ?? this.lastRead;
      return records.length > 0;
    } catch (error) {
      if ((error as Error).name !== "ExpiredIteratorException") throw error;
      await this.open();
      return false;
    }
  }
}

/** How many of the records go into one event. */
function fitting(records: readonly StreamRecord[], size: number): number {
  let sum = 0;
  let count = 0;
  for (const { bytes } of records) {
    sum += bytes;
    if (count === size || (count > 0 && sum > MOST_BYTES)) break;
    count += 1;
  }
  return count;
}
