import type { Backoff } from "./backoff";

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
  /** How many bytes may wait, and how many a message has. @default no limit */
  readonly bytes?: { readonly capacity: number; readonly of: (message: T) => number };
  /** Makes room in a full queue where nothing is lost by it. @default nothing is merged, and anything dropped */
  readonly merging?: Merging<T>;
  /** Remembers what waits for another life of the process. @default nobody does */
  readonly keeper?: Keeper<T>;
  /** Told of each message that had to be thrown away because the queue was full. */
  readonly onDropped?: (message: T) => void;
  /** Told of each message of an earlier life that was given up: nobody else waits for its end. */
  readonly onGivenUp?: (message: T, error: unknown) => void;
  readonly backoff: Backoff;
  readonly random?: () => number;
}

/** How messages become one. */
export interface Merging<T> {
  /** Only messages of the same kind are merged; among each other they keep their order. */
  readonly kindOf: (message: T) => unknown;
  /** One message that says what the two say one after the other; `undefined` when there is none. */
  readonly merge: (older: T, newer: T) => T | undefined;
  /** Whether a message may be thrown away when no two can be merged. */
  readonly mayDrop: (message: T) => boolean;
}

/** What outlives the process. A message is known by its place in the order in which messages were added. */
export interface Keeper<T> {
  /** The message waits from now on, or waits in another form. */
  keep(order: number, message: T): void;
  /** It was delivered, given up or dropped. */
  forget(order: number): void;
}
