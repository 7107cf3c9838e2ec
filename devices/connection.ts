import { EventEmitter } from "node:events";
import { setTimeout as setTimeoutAsync } from "node:timers/promises";
import { mqtt5 } from "aws-iot-device-sdk-v2";
import { type Endpoint, failureOf, isThrottling, lossOf, reasonCode } from "./connectionFaults";
import { checkPublish } from "./core/topics";
import { type CredentialOptions, type Credentials, readCredentials } from "./credentials";
import { ConnectionError, NotDelivered, Refused } from "./errors";
import { firstConnect } from "./firstConnect";
import { createClient } from "./mqttClient";
import { type MessageHandler, Subscriptions } from "./subscriptions";

export interface ConnectionOptions extends CredentialOptions {
  /** Name of the thing, and client id. */
  readonly thingName: string;
  /** The endpoint's host name, e.g. `<prefix>-ats.iot.eu-west-1.amazonaws.com`. Its certificate has to be for this name. */
  readonly host: string;
  /** @default 8883 */
  readonly port?: number;
  /** What the server publishes if the device vanishes without a goodbye. Not for shadow topics: AWS ignores it there. */
  readonly will?: { readonly topic: string; readonly payload: string };
  /**
   * Seconds after which an idle connection is checked, 30 to 1200. It takes up to one and a half times as long until the
   * cloud sees that a device is gone.
   * @default 60
   */
  readonly keepAlive?: number;
  /**
   * Seconds that the server keeps subscriptions, and messages of QoS 1 for them, while the device is away. AWS keeps them for
   * at most an hour by default, and bills the stored messages. What is desired in the shadow arrives either way.
   * @default 0, a clean session on every connection
   */
  readonly sessionExpiry?: number;
  /**
   * Seconds that `connect` tries to reach the endpoint. What no waiting can cure, it reports at once.
   * @default 30
   */
  readonly connectTimeout?: number;
  /**
   * Whether `connect` does not wait for the endpoint at all: for a device that measures before it has a network. What goes
   * wrong is told by `connectionFailed` then, also what no waiting can cure, and it goes on trying.
   * @default false
   */
  readonly startOffline?: boolean;
  /** Milliseconds between attempts to connect: any time up to a limit that doubles from `base` to `maximum`. @default 1 s, 2 min */
  readonly reconnect?: { readonly base: number; readonly maximum: number };
}

export interface ConnectionEvents {
  /** The connection is there, with all subscriptions. */
  up: [];
  down: [ConnectionError];
  /** An attempt to come back failed; it goes on. */
  failed: [ConnectionError | Refused];
}

/** Milliseconds that a goodbye may take. */
const goodbyeTimeout = 1000;

/** Milliseconds that the client may take to stop. With a server that reads no more, it would be as long as TCP has patience. */
const stopTimeout = 5000;

/** One client's way to the broker: connects, comes back, and tells faults in words. */
export class Connection extends EventEmitter<ConnectionEvents> {
  private isUp = false;
  /** Whether the client rests. It tells once that it has stopped, and whoever stops it again waits in vain. */
  private isStopped = false;
  private isClosing = false;
  private connections = 0;
  /** Whoever waits for something that the connection has to last for. */
  private readonly waiting = new Set<(lost: ConnectionError) => void>();
  private readonly subscriptions = new Subscriptions((filter) => this.askFor(filter));

  private constructor(
    readonly client: mqtt5.Mqtt5Client,
    private readonly at: Endpoint,
  ) {
    super();
    client.on("connectionSuccess", ({ settings }) => {
      this.isUp = true;
      void this.restore(settings.rejoinedSession);
    });
    client.on("disconnection", (event) => {
      this.isUp = false;
      const lost = lossOf(event, at);
      this.emit("down", lost);
      for (const reject of this.waiting) reject(lost);
    });
    client.on("stopped", () => {
      this.isStopped = true;
    });
    // Also when it was started again before it was heard that it had stopped.
    client.on("attemptingConnect", () => {
      this.isStopped = false;
    });
    client.on("messageReceived", ({ message }) => this.subscriptions.dispatch(message));
    // "Invalid input, napi failures": nothing a device could do about; without a listener it would end the process.
    client.on("error", (cause) => this.emit("failed", new ConnectionError("lost", `MQTT client: ${cause}`, { cause })));
  }

  /**
   * Connects, or says why not; with `startOffline` it only begins to.
   *
   * @throws ConnectionError. Nothing goes on in the background then.
   */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const { host, port = 8883, thingName, connectTimeout = 30, startOffline = false } = options;
    const at = { host, port, thingName };
    const credentials = readCredentials(options);
    const connection = new Connection(createClient(options, at, credentials), at);
    if (!startOffline) await connection.connect(credentials, connectTimeout);
    connection.client.on("connectionFailure", (event) => connection.emit("failed", failureOf(event, at)));
    if (startOffline) connection.client.start();
    return connection;
  }

  get connected(): boolean {
    return this.isUp;
  }

  /**
   * @throws ConnectionError when the connection broke, Refused when the server said no, InvalidMessage when it would,
   *   NotDelivered (`noAnswer`) when it said nothing for a minute: a link that died silently is noticed only later.
   */
  async publish(topic: string, payload: string | Uint8Array): Promise<void> {
    checkPublish(topic, typeof payload === "string" ? Buffer.from(payload) : payload);
    const packet = { topicName: topic, payload, qos: mqtt5.QoS.AtLeastOnce };
    const answer = await this.whileUp(() => this.client.publish(packet));
    const code = answer?.reasonCode ?? 0;
    if (code >= 0x80) throw this.refused(`publishing to ${topic}`, "iot:Publish", `topic/${topic}`, code);
  }

  /**
   * Calls the handler with every message that matches, from now on and over lost connections.
   *
   * @throws Refused when the server does not allow it, InvalidMessage when it could not.
   */
  subscribe(filter: string, handler: MessageHandler): Promise<void> {
    return this.subscriptions.add(filter, handler);
  }

  /** Does something that needs the connection. Throws a ConnectionError as soon as that is lost. */
  async whileUp<T>(begin: () => Promise<T>): Promise<T> {
    if (!this.isUp) throw new ConnectionError("lost", `There is no connection to ${this.at.host}:${this.at.port}.`);
    const work = begin();
    // It may fail after the connection did, when nobody looks any more.
    work.catch(() => {});
    let leave = () => {};
    const lost = new Promise<never>((_, reject) => {
      this.waiting.add(reject);
      leave = () => this.waiting.delete(reject);
    });
    try {
      return await Promise.race([work, lost]);
    } catch (error) {
      if (isUnanswered(error)) {
        throw new NotDelivered("noAnswer", `${this.at.host}:${this.at.port} acknowledges nothing.`, { cause: error });
      }
      // The SDK fails what is under way a moment before it tells of the disconnection.
      if (error instanceof ConnectionError || !isDisconnect(error)) throw error;
      throw new ConnectionError("lost", `The connection to ${this.at.host}:${this.at.port} was lost.`, {
        cause: error,
      });
    } finally {
      leave();
    }
  }

  /** Breaks the connection without a goodbye and does not come back, as when a radio loses its signal. */
  suspend(): void {
    this.client.stop();
  }

  /** Tries to come back after `suspend`; not once it is closed. */
  resume(): void {
    if (this.isClosing) return;
    this.isStopped = false;
    this.client.start();
  }

  /** Says goodbye, so that no will is published, and frees what the SDK holds. */
  async close(): Promise<void> {
    this.isClosing = true;
    if (!this.isStopped) await this.leave();
    this.client.close();
  }

  private async leave(): Promise<void> {
    let giveUp = () => {};
    const stopped = new Promise<void>((resolve) => {
      giveUp = resolve;
      this.client.once("stopped", () => resolve());
    });
    await this.quiet();
    this.client.stop({ reasonCode: mqtt5.DisconnectReasonCode.NormalDisconnection });
    // The SDK may stall over its goodbye when anything else is to be sent; without the goodbye it ends, or never does.
    const limits = [setTimeout(() => this.client.stop(), goodbyeTimeout), setTimeout(giveUp, stopTimeout)];
    await stopped;
    for (const limit of limits) clearTimeout(limit);
  }

  /** Until nothing is under way, or for a short time. */
  private async quiet(): Promise<void> {
    const end = Date.now() + goodbyeTimeout;
    while (this.isUp && this.client.getOperationalStatistics().incompleteOperationCount > 0 && Date.now() < end) {
      await setTimeoutAsync(10);
    }
  }

  private async connect(credentials: Credentials, seconds: number): Promise<void> {
    try {
      await firstConnect(this.client, this.at, credentials, seconds * 1000);
    } catch (error) {
      // Not waited for: an unfinished TLS handshake may take its 30 seconds to end.
      void this.close();
      throw error;
    }
  }

  private async restore(rejoined: boolean): Promise<void> {
    const connection = ++this.connections;
    await this.subscriptions.restore(rejoined, (error) => this.emit("failed", error as Refused));
    if (this.isUp && connection === this.connections) this.emit("up");
  }

  private async askFor(filter: string): Promise<void> {
    const packet = { subscriptions: [{ topicFilter: filter, qos: mqtt5.QoS.AtLeastOnce }] };
    const { reasonCodes } = await this.whileUp(() => this.client.subscribe(packet));
    const code = reasonCodes[0] ?? 0;
    if (code >= 0x80) throw this.refused(`subscribing to ${filter}`, "iot:Subscribe", `topicfilter/${filter}`, code);
  }

  private refused(what: string, action: string, resource: string, code: number): Refused {
    const why = isThrottling(code)
      ? "it sends too much"
      : code === reasonCode.notAuthorized
        ? `an IoT policy attached to its certificate has to allow ${action} on ${resource}`
        : "see the reason codes of MQTT 5";
    return new Refused(`${this.at.thingName} was refused ${what} (reason code ${code}): ${why}.`, code);
  }
}

/** By the SDK's patience for acknowledgements, 60 s. */
function isUnanswered(error: unknown): boolean {
  return String(error).includes("AWS_ERROR_MQTT_TIMEOUT");
}

function isDisconnect(error: unknown): boolean {
  return /MQTT5_OPERATION_FAILED_DUE_TO_OFFLINE_QUEUE_POLICY|OFFLINE|DISCONNECT|HANGUP|SOCKET_CLOSED|USER_REQUESTED_STOP/.test(
    `${(error as { error_name?: string })?.error_name} ${error}`,
  );
}
