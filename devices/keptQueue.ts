import * as path from "node:path";
import type { JsonValue } from "./core/json";
import type { Keeper } from "./core/outboxOptions";
import { lineOf, type QueueRecord, readQueueLog } from "./core/queueLog";
import { type Disk, readBytes, realDisk, replaceFile, type Writer } from "./update/disk";

export interface KeptQueueOptions<T> {
  readonly file: string;
  /** What is written of a message. @default the message itself, which is JSON then */
  readonly write?: (message: T) => JsonValue;
  /** The message that was written; `undefined` for what is none. */
  readonly read?: (value: JsonValue) => T | undefined;
  /**
   * Told when the file was damaged or can't be written. The queue goes on either way, also when this throws: that is an
   * uncaught exception then, as of any event's listener.
   */
  readonly onProblem: (error: Error) => void;
  /** @default the machine's file system */
  readonly disk?: Disk;
  /** Milliseconds until a disk that failed is tried again. @default 30 s */
  readonly retry?: number;
}

/** Nobody else reads what waits. */
const mode = 0o600;

/** Bytes up to which a log may grow whatever is in it, so that it is not rewritten all the time. */
const slack = 65_536;

/**
 * A log of what waits, in one file that is only appended to, and replaced in one step when most of it is over.
 *
 * What is handed to it at the same time is written and synced together; what is over is written, and not synced: after a
 * loss of power it may be sent again, as it may after a lost answer. A disk that fails costs only the keeping: what waits is
 * in memory, and all of it is written as soon as that works again.
 */
export class KeptQueue<T> implements Keeper<T> {
  /** What an earlier life has left, oldest first. */
  readonly restored: readonly T[];
  /** What a rewritten log would hold: all that waits, with the bytes of its line. */
  private readonly live = new Map<number, { readonly message: T; readonly bytes: number }>();
  private liveBytes = 0;
  private dropped: number;
  private pending: string[] = [];
  private hasNew = false;
  private writer: Writer | undefined;
  private size = 0;
  /** Nothing is written until the disk is tried again. */
  private isPaused = false;
  private isTold = false;
  private flushing: Promise<void> | undefined;
  private again: NodeJS.Timeout | undefined;
  private closed = false;

  private constructor(
    private readonly options: KeptQueueOptions<T>,
    restored: readonly T[],
    dropped: number,
  ) {
    this.restored = restored;
    this.dropped = dropped;
    for (const [order, message] of restored.entries()) this.add(order, message, this.lineOf(order, message));
  }

  /** Reads what an earlier life has left. Never fails: a file that can't be read is set aside, and told. */
  static async open<T>(options: KeptQueueOptions<T>): Promise<KeptQueue<T>> {
    const { file, disk = realDisk, read = (value) => value as T } = options;
    const onProblem = apart(options.onProblem);
    let messages: T[] = [];
    let dropped = 0;
    try {
      await disk.makeFolder(path.dirname(file));
      const bytes = await readBytes(disk, file);
      if (bytes) {
        const log = readQueueLog(bytes);
        messages = [...log.messages.values()].flatMap((value) => read(value) ?? []);
        dropped = log.dropped;
        const lost = log.damaged + log.messages.size - messages.length;
        if (lost > 0) {
          onProblem(
            new Error(`${file} is damaged: ${lost} of its records can't be read. It is kept as ${file}.damaged`),
          );
          // A copy, and the file itself stays until it is replaced: at any moment all that can be read is there.
          await replaceFile(disk, `${file}.damaged`, bytes, mode);
        }
      }
    } catch (error) {
      onProblem(new Error(`${file} can't be read: ${(error as Error).message}`, { cause: error }));
      await disk.rename(file, `${file}.damaged`).catch(() => {});
    }
    const queue = new KeptQueue({ ...options, onProblem }, messages, dropped);
    queue.flush();
    await queue.flushed();
    return queue;
  }

  /** Messages that were thrown away and not told of yet. */
  get untold(): number {
    return this.dropped;
  }

  keep(order: number, message: T): void {
    if (this.live.get(order)?.message === message) return;
    const line = this.lineOf(order, message);
    this.add(order, message, line);
    this.hasNew = true;
    this.append(line);
  }

  forget(order: number): void {
    const known = this.live.get(order);
    if (!known) return;
    this.live.delete(order);
    this.liveBytes -= known.bytes;
    this.append(lineOf({ forget: order }));
  }

  /** Keeps how many messages were thrown away and not told of yet. */
  noteDropped(count: number): void {
    if (count === this.dropped) return;
    this.dropped = count;
    this.append(lineOf({ dropped: count }));
  }

  /** Resolves when all of what was handed over is on the disk, or the disk failed. */
  async flushed(): Promise<void> {
    while (this.flushing) await this.flushing;
  }

  /** Writes what is left, and no more. A disk that failed is tried once more. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.again);
    await this.flushed();
    if (this.isPaused) this.flush();
    await this.flushed();
    await this.writer?.close().catch(() => {});
    this.writer = undefined;
  }

  private lineOf(keep: number, message: T): string {
    const { write = (value: T) => value as JsonValue } = this.options;
    return lineOf({ keep, message: write(message) } satisfies QueueRecord);
  }

  private add(order: number, message: T, line: string): void {
    const bytes = Buffer.byteLength(line);
    this.liveBytes += bytes - (this.live.get(order)?.bytes ?? 0);
    this.live.set(order, { message, bytes });
  }

  private append(line: string): void {
    // Once it works again, all is written anew.
    if (this.closed || this.isPaused) return;
    this.pending.push(line);
    this.flush();
  }

  private flush(): void {
    this.flushing ??= this.writeAll().finally(() => {
      this.flushing = undefined;
      // It came when the last of the others had been written.
      if (this.pending.length > 0) this.flush();
    });
  }

  private async writeAll(): Promise<void> {
    this.isPaused = false;
    try {
      do {
        // Whoever hands over several things in a row hands them over together.
        await Promise.resolve();
        await this.writeSome();
      } while (this.pending.length > 0);
      this.isTold = false;
    } catch (error) {
      await this.failed(error as Error);
    }
  }

  private async writeSome(): Promise<void> {
    if (!this.writer || this.size > slack + 2 * this.liveBytes) return this.rewrite();
    const bytes = Buffer.from(this.pending.join(""));
    const isNew = this.hasNew;
    this.pending = [];
    this.hasNew = false;
    await this.writer.write(bytes);
    this.size += bytes.length;
    if (isNew) await this.writer.sync();
  }

  private async rewrite(): Promise<void> {
    const { file, disk = realDisk } = this.options;
    const lines = [...this.live].map(([order, { message }]) => this.lineOf(order, message));
    if (this.dropped > 0) lines.push(lineOf({ dropped: this.dropped }));
    const bytes = Buffer.from(lines.join(""));
    this.pending = [];
    this.hasNew = false;
    const old = this.writer;
    this.writer = undefined;
    await old?.close();
    await replaceFile(disk, file, bytes, mode);
    this.writer = await disk.writeFrom(file, bytes.length, mode);
    this.size = bytes.length;
  }

  private async failed(error: Error): Promise<void> {
    const { file, onProblem, retry = 30_000 } = this.options;
    this.isPaused = true;
    this.pending = [];
    const broken = this.writer;
    this.writer = undefined;
    await broken?.close().catch(() => {});
    if (!this.closed) {
      this.again = setTimeout(() => this.flush(), retry);
      this.again.unref();
    }
    if (this.isTold) return;
    this.isTold = true;
    const message = `${file} can't be written: ${error.message}. What waits is in memory only until it can be`;
    onProblem(new Error(message, { cause: error }));
  }
}

/** The same, but what it throws is the process's, and nothing to whoever calls it. */
function apart(listener: (error: Error) => void): (error: Error) => void {
  return (error) => {
    try {
      listener(error);
    } catch (thrown) {
      process.nextTick(() => {
        throw thrown;
      });
    }
  };
}
