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

const CONNECT_LIMIT_MS = 15_000;
/** The broker keeps QoS 1 messages that long for an engine that is cut off. */
const SESSION_SECONDS = 300;

/** One MQTT connection with filters that do not overlap, so that every message comes once and belongs to one of them. */
export class BrokerConnection {
  private readonly client: mqtt5.Mqtt5Client;
  private readonly filters = new TopicTrie<string>();
  private readonly names = new Set<string>();
  private connected = false;

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
      .withMinReconnectDelayMs(100)
      .withMaxReconnectDelayMs(5_000);
    this.client = new mqtt5.Mqtt5Client(builder.build());
    this.client.on("messageReceived", ({ message }) => this.receive(message));
    this.client.on("connectionSuccess", ({ settings }) => void this.reconnected(settings.rejoinedSession));
    this.client.on("disconnection", ({ error }) => log(`The broker is lost (${error}); connecting again.`));
    // An "error" event without a listener would end the process.
    this.client.on("error", (error) => log(`The connection to the broker failed: ${error}`));
  }

  /** @throws Error with the broker's last word when it cannot be reached in 15 seconds */
  async open(): Promise<void> {
    let lastFailure = "no answer";
    this.client.on("connectionFailure", ({ error }) => {
      lastFailure = error.toString();
    });
    let limit: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      const { host, port } = this.options;
      limit = setTimeout(
        () => reject(new Error(`The broker at ${host}:${port} is not to be reached: ${lastFailure}`)),
        CONNECT_LIMIT_MS,
      );
      this.client.once("connectionSuccess", () => resolve());
      this.client.start();
    }).finally(() => clearTimeout(limit));
  }

  has(filter: string): boolean {
    return this.names.has(filter);
  }

  get subscribed(): Iterable<string> {
    return this.names;
  }

  /** Resolves when the broker has confirmed. @throws FilterRefusedError; Error when the connection is lost meanwhile */
  async subscribe(filter: string): Promise<void> {
    this.names.add(filter);
    this.filters.add(filter, filter);
    try {
      await this.sendSubscribe(filter);
    } catch (error) {
      this.forget(filter);
      throw error;
    }
  }

  async unsubscribe(filter: string): Promise<void> {
    this.forget(filter);
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

  private async reconnected(rejoinedSession: boolean): Promise<void> {
    const first = !this.connected;
    this.connected = true;
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
