import type { mqtt5 } from "aws-iot-device-sdk-v2";
import { checkFilter, topicMatches } from "./core/topics";
import { ConnectionError } from "./errors";

export type MessageHandler = (payload: Buffer, topic: string) => void;

interface Subscription {
  readonly filter: string;
  readonly handler: MessageHandler;
  /** Whether the server has it in the session at hand. */
  known: boolean;
}

/** What a client listens to, kept over its connections. */
export class Subscriptions {
  private list: Subscription[] = [];

  /** @param tell asks the server for a subscription; throws a ConnectionError when there is no connection (any more). */
  constructor(private readonly tell: (filter: string) => Promise<void>) {}

  async add(filter: string, handler: MessageHandler): Promise<void> {
    checkFilter(filter);
    const entry = { filter, handler, known: false };
    this.list.push(entry);
    try {
      await this.make(entry);
    } catch (error) {
      // It is made on the next connection.
      if (error instanceof ConnectionError) return;
      this.list = this.list.filter((other) => other !== entry);
      throw error;
    }
  }

  /** A connection is there: makes what the server does not have. */
  async restore(rejoined: boolean, onRefused: (error: unknown) => void): Promise<void> {
    if (!rejoined) for (const entry of this.list) entry.known = false;
    for (const entry of this.list.filter(({ known }) => !known)) {
      try {
        await this.make(entry);
      } catch (error) {
        if (error instanceof ConnectionError) return;
        onRefused(error);
      }
    }
  }

  dispatch({ topicName, payload }: mqtt5.PublishPacket): void {
    const bytes = typeof payload === "string" ? Buffer.from(payload) : Buffer.from((payload ?? []) as ArrayBuffer);
    for (const { filter, handler } of this.list) if (topicMatches(filter, topicName)) handler(bytes, topicName);
  }

  private async make(entry: Subscription): Promise<void> {
    await this.tell(entry.filter);
    entry.known = true;
  }
}
