import { once } from "node:events";
import { iot, mqtt5 } from "aws-iot-device-sdk-v2";
import { TopicTrie } from "./topicTrie";

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  /** The CA of the broker's certificate, in PEM. */
  readonly ca: string;
}

export interface ConnectionOptions extends BrokerAddress {
  readonly certificatePem: string;
  readonly privateKey: string;
  readonly clientId: string;
  /** A message, and the one filter of this connection that it came by. */
  readonly onMessage: (filter: string, message: { topic: string; payload: Buffer }) => void;
  readonly log: (text: string) => void;
}

/** The broker does not let a rule read from its filter. */
export class FilterRefusedError extends Error {
  override readonly name = "FilterRefusedError";
}

/** For a connection, and for each answer over it. */
const LIMIT_SECONDS = 15;
/** How often the connection may be lost before a subscription is given up. */
const MOST_LOSSES = 3;
/** The broker keeps QoS 1 messages that long for an engine that is cut off. */
const SESSION_SECONDS = 300;

/** One MQTT connection with filters that do not overlap, so that every message comes once and belongs to one of them. */
export class BrokerConnection {
  private readonly client: mqtt5.Mqtt5Client;
  private readonly filters = new TopicTrie<string>();
  /** Those that the broker has confirmed. */
  private readonly names = new Set<string>();
  private state: "new" | "online" | "offline" = "new";
  private lastFailure = "no answer";

  constructor(private readonly options: ConnectionOptions) {
    const { host, port, ca, certificatePem, privateKey, clientId, log } = options;
    const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
      host,
      certificatePem,
      privateKey,
    )
      .withPort(port)
      .withCertificateAuthority(ca)
      .withConnectProperties({ clientId, keepAliveIntervalSeconds: 30, sessionExpiryIntervalSeconds: SESSION_SECONDS })
      .withSessionBehavior(mqtt5.ClientSessionBehavior.RejoinPostSuccess)
      // Or a subscription would wait, for ever, and come twice when it has been given up meanwhile.
      .withOfflineQueueBehavior(mqtt5.ClientOperationQueueBehavior.FailAllOnDisconnect)
      .withAckTimeoutSeconds(LIMIT_SECONDS)
      .withMinReconnectDelayMs(100)
      .withMaxReconnectDelayMs(5_000);
    this.client = new mqtt5.Mqtt5Client(builder.build());
    this.client.on("messageReceived", ({ message }) => this.receive(message));
    this.client.on("connectionSuccess", ({ settings }) => void this.connected(settings.rejoinedSession));
    this.client.on("connectionFailure", ({ error }) => {
      this.lastFailure = error.toString();
    });
    this.client.on("disconnection", ({ error }) => {
      this.state = "offline";
      log(`The broker is lost (${error}); connecting again.`);
    });
    // An "error" event without a listener would end the process.
    this.client.on("error", (error) => log(`The connection to the broker failed: ${error}`));
  }

  /** @throws Error with the last reason when the broker cannot be reached in 15 seconds */
  async open(): Promise<void> {
    this.client.start();
    await this.untilOnline();
  }

  has(filter: string): boolean {
    return this.names.has(filter);
  }

  get subscribed(): Iterable<string> {
    return this.names;
  }

  /** Resolves when the broker has confirmed. @throws FilterRefusedError; Error when the broker is not to be reached */
  async subscribe(filter: string): Promise<void> {
    // The first message may be here before the confirmation.
    this.filters.add(filter, filter);
    try {
      await this.subscribeInSpiteOf(MOST_LOSSES, filter);
      this.names.add(filter);
    } catch (error) {
      this.forget(filter);
      throw error;
    }
  }

  private async subscribeInSpiteOf(losses: number, filter: string): Promise<void> {
    await this.untilOnline();
    try {
      await this.sendSubscribe(filter);
    } catch (error) {
      if (error instanceof FilterRefusedError) throw error;
      if (losses === 0) throw new Error(`The broker does not confirm a subscription to '${filter}': ${error}`);
      // Unless the broker was only slow, the connection is lost, whether its event has come or not yet.
      if (!isLate(error)) this.state = "offline";
      await this.untilOnline();
      // If only the confirmation was lost, a second subscription would bring every message twice.
      await this.client.unsubscribe({ topicFilters: [filter] }).catch(() => {});
      await this.subscribeInSpiteOf(losses - 1, filter);
    }
  }

  async unsubscribe(filter: string): Promise<void> {
    this.forget(filter);
    // Told only later, the broker's session would still have it when the same filter comes again.
    await this.untilOnline();
    await this.client.unsubscribe({ topicFilters: [filter] });
  }

  async close(): Promise<void> {
    this.client.removeAllListeners("disconnection"); // it is no loss any more
    const stopped = new Promise<void>((resolve) => this.client.once("stopped", () => resolve()));
    this.client.stop({ reasonCode: mqtt5.DisconnectReasonCode.NormalDisconnection });
    await stopped;
    this.client.close();
  }

  private receive({ topicName, payload }: mqtt5.PublishPacket): void {
    const bytes = Buffer.from((payload ?? "") as ArrayBuffer);
    this.filters.match(topicName.split("/"), (filter) =>
      this.options.onMessage(filter, { topic: topicName, payload: bytes }),
    );
  }

  private async untilOnline(): Promise<void> {
    if (this.state === "online") return;
    const signal = AbortSignal.timeout(LIMIT_SECONDS * 1000);
    await once(this.client, "connectionSuccess", { signal }).catch(() => {
      const { host, port } = this.options;
      throw new Error(`The broker at ${host}:${port} is not to be reached: ${this.lastFailure}`);
    });
  }

  private async connected(rejoinedSession: boolean): Promise<void> {
    const first = this.state === "new";
    this.state = "online";
    // A session that was found again has its subscriptions; subscribing twice would bring every message twice.
    if (first || rejoinedSession) return;
    for (const filter of this.names) {
      await this.sendSubscribe(filter).catch((error) => this.options.log(`Rules do not read ${filter}: ${error}`));
    }
  }

  private async sendSubscribe(topicFilter: string): Promise<void> {
    const { reasonCodes } = await this.client.subscribe({
      subscriptions: [
        {
          topicFilter,
          qos: mqtt5.QoS.AtLeastOnce,
          // A rule sees what is published, not what was retained before it was there.
          retainHandlingType: mqtt5.RetainHandlingType.DontSend,
        },
      ],
    });
    const code = reasonCodes[0];
    if (code === undefined || code > mqtt5.SubackReasonCode.GrantedQoS2) {
      const name = code === undefined ? "no reason" : mqtt5.SubackReasonCode[code];
      throw new FilterRefusedError(`The broker refuses a subscription to '${topicFilter}' (${name})`);
    }
  }

  private forget(filter: string): void {
    this.names.delete(filter);
    this.filters.remove(filter, filter);
  }
}

/** Whether an answer did not come in time; the connection stands then, and no event of it will come. */
function isLate(error: unknown): boolean {
  return String(error).includes("AWS_ERROR_MQTT_TIMEOUT");
}
