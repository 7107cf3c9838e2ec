import { NotDelivered } from "../errors";
import { fullJitter } from "./backoff";
import type { OutboxOptions } from "./outboxOptions";

/** After so many tries with the connection standing, a message is given up. */
export const maximumTries = 5;

/** After closing the connection so many times with only this message under way, it is the message. */
export const maximumSuspicions = 3;

interface Entry<T, R> {
  readonly message: T;
  /** Its place in the order in which messages were added. */
  readonly order: number;
  readonly bytes: number;
  tries: number;
  suspicions: number;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Holds messages until they are delivered: in order, over lost connections, and never more than its capacity. A full queue
 * makes room at its old end; only what may not be dropped, and can't be merged either, waits beyond it.
 */
export class Outbox<T, R> {
  private waiting: Entry<T, R>[] = [];
  private readonly underWay = new Set<Entry<T, R>>();
  private isOpen = false;
  private closed = false;
  private pause: NodeJS.Timeout | undefined;
  private waitingBytes = 0;
  private droppedCount = 0;
  private added = 0;

  constructor(private readonly options: OutboxOptions<T, R>) {}

  /** Messages not delivered yet. */
  get size(): number {
    return this.waiting.length + this.underWay.size;
  }

  /** How many messages were thrown away because the queue was full. */
  get dropped(): number {
    return this.droppedCount;
  }

  /** @returns what the other side answered. Rejects with what `send` threw at last, or `NotDelivered`. */
  add(message: T): Promise<R> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new NotDelivered("closed", "The device is closed."));
      this.enqueue(message, resolve, reject);
      this.sendMore();
    });
  }

  /** Takes what an earlier life of the process has left, oldest first. Before anything is added. */
  restore(messages: readonly T[]): void {
    const { onGivenUp } = this.options;
    for (const message of messages) {
      this.enqueue(
        message,
        () => {},
        (error) => {
          const isTold = error instanceof NotDelivered && error.reason === "dropped";
          if (!this.closed && !isTold) onGivenUp?.(message, error);
        },
      );
    }
    this.sendMore();
  }

  /** The connection is there. */
  open(): void {
    this.isOpen = true;
    this.sendMore();
  }

  /** The connection is gone; messages wait. Those under way come back by `afterFailure`. */
  hold(): void {
    this.isOpen = false;
    this.endPause();
  }

  /** Gives up all that is not delivered. */
  close(): void {
    this.closed = true;
    this.hold();
    const left = [...this.underWay, ...this.waiting];
    this.waiting = [];
    const kept = this.options.keeper ? " What is kept in the queue's folder is sent after the next start." : "";
    for (const { reject } of left)
      reject(new NotDelivered("closed", `The device was closed before this was delivered.${kept}`));
  }

  private sendMore(): void {
    while (this.isOpen && !this.pause) {
      const next = this.waiting[0];
      if (!next || this.underWay.size >= this.options.window) return;
      // A suspect goes alone, so that others are not suspected with it.
      if (this.underWay.size > 0 && (next.suspicions > 0 || [...this.underWay].some((one) => one.suspicions > 0)))
        return;
      this.take(0);
      void this.deliver(next);
    }
  }

  private async deliver(entry: Entry<T, R>): Promise<void> {
    this.underWay.add(entry);
    try {
      const result = await this.options.send(entry.message);
      this.underWay.delete(entry);
      this.options.keeper?.forget(entry.order);
      entry.resolve(result);
    } catch (error) {
      this.underWay.delete(entry);
      this.failed(entry, error);
    }
    this.sendMore();
  }

  private failed(entry: Entry<T, R>, error: unknown): void {
    if (this.closed) return;
    const after = this.options.afterFailure(error, entry.message);
    if (after === "later") entry.tries++;
    if (after === "suspect") entry.suspicions++;
    if (after === "giveUp" || entry.tries >= maximumTries || entry.suspicions >= maximumSuspicions) {
      this.options.keeper?.forget(entry.order);
      entry.reject(error);
      return;
    }
    this.putBack(entry);
    if (after === "later" && this.isOpen) this.takePause(entry.tries);
  }

  /** In front of all that were added after it, so that several that come back together keep their order. */
  private putBack(entry: Entry<T, R>): void {
    const position = this.waiting.findIndex(({ order }) => order > entry.order);
    this.waiting.splice(position < 0 ? this.waiting.length : position, 0, entry);
    this.waitingBytes += entry.bytes;
  }

  private enqueue(message: T, resolve: (result: R) => void, reject: (error: unknown) => void): void {
    const { keeper, capacity, bytes } = this.options;
    const entry = { message, order: this.added++, bytes: this.bytesOf(message), tries: 0, suspicions: 0 };
    this.waiting.push({ ...entry, resolve, reject });
    this.waitingBytes += entry.bytes;
    keeper?.keep(entry.order, message);
    const isFull = () => this.waiting.length > capacity || this.waitingBytes > (bytes?.capacity ?? Infinity);
    while (isFull() && (this.mergeTwo() || this.dropOne())) {}
  }

  private take(at: number): Entry<T, R> {
    const [entry] = this.waiting.splice(at, 1) as [Entry<T, R>];
    this.waitingBytes -= entry.bytes;
    return entry;
  }

  private bytesOf(message: T): number {
    return this.options.bytes?.of(message) ?? 0;
  }

  /** Makes one of the two oldest that are of a kind and have no other of it between them. */
  private mergeTwo(): boolean {
    const { merging } = this.options;
    if (!merging) return false;
    const last = new Map<unknown, number>();
    for (const [at, { message }] of this.waiting.entries()) {
      const kind = merging.kindOf(message);
      const before = last.get(kind);
      const merged = before === undefined ? undefined : merging.merge(this.waiting[before]!.message, message);
      if (merged !== undefined) {
        this.replaceTwo(before as number, at, merged);
        return true;
      }
      last.set(kind, at);
    }
    return false;
  }

  private replaceTwo(olderAt: number, newerAt: number, message: T): void {
    const newer = this.take(newerAt);
    const older = this.take(olderAt);
    this.putBack({
      ...newer,
      message,
      bytes: this.bytesOf(message),
      resolve: (result) => {
        older.resolve(result);
        newer.resolve(result);
      },
      reject: (error) => {
        older.reject(error);
        newer.reject(error);
      },
    });
    // In this order: should only the first survive, the older one is said twice, and nothing is lost.
    this.options.keeper?.keep(newer.order, message);
    this.options.keeper?.forget(older.order);
  }

  private dropOne(): boolean {
    const { merging, keeper, onDropped } = this.options;
    const at = this.waiting.findIndex(({ message }) => !merging || merging.mayDrop(message));
    if (at < 0) return false;
    const { order, message, reject } = this.take(at);
    this.droppedCount++;
    keeper?.forget(order);
    reject(new NotDelivered("dropped", `Too much waited (${this.waiting.length} messages); this was the oldest.`));
    onDropped?.(message);
    return true;
  }

  private takePause(failures: number): void {
    const { backoff, random = Math.random } = this.options;
    this.endPause();
    this.pause = setTimeout(
      () => {
        this.pause = undefined;
        this.sendMore();
      },
      fullJitter(failures, backoff, random()),
    );
  }

  private endPause(): void {
    clearTimeout(this.pause);
    this.pause = undefined;
  }
}
