import { NotDelivered } from "../errors";
import { type Backoff, fullJitter } from "./backoff";

/** What to do after a message could not be delivered. */
export type AfterFailure =
  /** The connection broke: send it again on the next one. */
  | "onReconnect"
  /** The server closed the connection and may have meant this message: send it again, alone, a few times. */
  | "suspect"
  /** Nobody answered, or it was asked to wait: send it again after a while, a few times. */
  | "later"
  | "giveUp";

export interface OutboxOptions<T, R> {
  /** Sends one message, and settles when the other side has taken or refused it. */
  readonly send: (message: T) => Promise<R>;
  readonly afterFailure: (error: unknown, message: T) => AfterFailure;
  /** How many messages may be under way at once. Their order is kept only with 1. */
  readonly window: number;
  /** How many messages may wait. */
  readonly capacity: number;
  /** Makes one of the two oldest when the queue is full, where nothing is lost by it. */
  readonly merge?: (older: T, newer: T) => T | undefined;
  /** Told of each message that had to be thrown away because the queue was full. */
  readonly onDropped?: (message: T) => void;
  readonly backoff: Backoff;
  readonly random?: () => number;
}

/** After so many tries with the connection standing, a message is given up. */
export const maximumTries = 5;

/** After closing the connection so many times with only this message under way, it is the message. */
export const maximumSuspicions = 3;

interface Entry<T, R> {
  readonly message: T;
  /** Its place in the order in which messages were added. */
  readonly order: number;
  tries: number;
  suspicions: number;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Holds messages until they are delivered: in order, over lost connections, and never more than `capacity` of them. A full
 * queue makes room at its old end.
 */
export class Outbox<T, R> {
  private waiting: Entry<T, R>[] = [];
  private readonly underWay = new Set<Entry<T, R>>();
  private isOpen = false;
  private closed = false;
  private pause: NodeJS.Timeout | undefined;
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
      this.waiting.push({ message, order: this.added++, tries: 0, suspicions: 0, resolve, reject });
      if (this.waiting.length > this.options.capacity) this.makeRoom();
      this.sendMore();
    });
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
    for (const { reject } of left)
      reject(new NotDelivered("closed", "The device was closed before this was delivered."));
  }

  private sendMore(): void {
    while (this.isOpen && !this.pause) {
      const next = this.waiting[0];
      if (!next || this.underWay.size >= this.options.window) return;
      // A suspect goes alone, so that others are not suspected with it.
      if (this.underWay.size > 0 && (next.suspicions > 0 || [...this.underWay].some((one) => one.suspicions > 0)))
        return;
      this.waiting.shift();
      void this.deliver(next);
    }
  }

  private async deliver(entry: Entry<T, R>): Promise<void> {
    this.underWay.add(entry);
    try {
      const result = await this.options.send(entry.message);
      this.underWay.delete(entry);
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
  }

  private makeRoom(): void {
    const [oldest, next] = this.waiting as [Entry<T, R>, Entry<T, R>];
    this.waiting.shift();
    const merged = next && this.options.merge?.(oldest.message, next.message);
    if (merged === undefined) {
      this.droppedCount++;
      oldest.reject(
        new NotDelivered("dropped", `Too many messages waited (${this.options.capacity}); this was the oldest.`),
      );
      this.options.onDropped?.(oldest.message);
      return;
    }
    const { resolve, reject } = next;
    this.waiting[0] = {
      ...next,
      message: merged,
      resolve: (result) => {
        oldest.resolve(result);
        resolve(result);
      },
      reject: (error) => {
        oldest.reject(error);
        reject(error);
      },
    };
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
