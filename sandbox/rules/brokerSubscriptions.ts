import { randomUUID } from "node:crypto";
import { BrokerConnection, type ConnectionOptions } from "./brokerConnection";
import { CLIENT_ID_PREFIX } from "./brokerIdentity";
import { overlap } from "./topicFilter";

/**
 * The topic filters of an account's rules, each subscribed once.
 *
 * MiniStack's broker delivers a message once for every filter of a client that matches it, and has no subscription
 * identifiers to tell which. So filters that overlap go to different connections: within one, a message matches one
 * filter at most, and the rules of just that filter get it. Most programs need a single connection.
 */
export class BrokerSubscriptions {
  private readonly connections: BrokerConnection[] = [];
  private closed = false;

  constructor(private readonly options: Omit<ConnectionOptions, "clientId">) {}

  /** Resolves when the broker has confirmed. One call at a time. @throws as BrokerConnection */
  async subscribe(filter: string): Promise<void> {
    if (this.connections.some((connection) => connection.has(filter))) return;
    const free = this.connections.find(
      (connection) => ![...connection.subscribed].some((other) => overlap(other, filter)),
    );
    const connection = free ?? (await this.connect());
    await connection.subscribe(filter);
  }

  /** One call at a time. */
  async unsubscribe(filter: string): Promise<void> {
    await this.connections.find((connection) => connection.has(filter))?.unsubscribe(filter);
  }

  /** A subscription that is under way fails. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.connections.splice(0).map((connection) => connection.close()));
  }

  private async connect(): Promise<BrokerConnection> {
    const { onMessage } = this.options;
    const connection = new BrokerConnection({
      ...this.options,
      clientId: `${CLIENT_ID_PREFIX}${randomUUID()}`,
      onMessage: (filter, message) => {
        if (!isOurOwnLife(message.topic)) onMessage(filter, message);
      },
    });
    try {
      await connection.open();
      // Nobody would close it any more, and it would come back for ever.
      if (this.closed) throw new Error("The connection to the broker is closed");
    } catch (error) {
      await connection.close();
      throw error;
    }
    this.connections.push(connection);
    return connection;
  }
}

/** On AWS the rules engine is no client, so no rule on presence or subscription events ever hears of it. */
function isOurOwnLife(topic: string): boolean {
  return topic.startsWith("$aws/events/") && topic.includes(`/${CLIENT_ID_PREFIX}`);
}
