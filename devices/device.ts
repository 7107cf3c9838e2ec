import { EventEmitter } from "node:events";
import { afterFailure, backoff } from "./afterFailure";
import { Connection } from "./connection";
import { checkJson, type JsonObject } from "./core/json";
import { Outbox } from "./core/outbox";
import { checkPublish, logTopic, maximumPayloadBytes } from "./core/topics";
import type { DeltaHandler } from "./deltaFollower";
import type { DeviceEvents, DeviceOptions } from "./deviceOptions";
import { DeviceQueues, type Message } from "./deviceQueues";
import { Jobs } from "./jobs";
import type { ShadowDocument } from "./shadowLink";
import { type Capacity, type ShadowOptions, Shadows } from "./shadows";
import type { MessageHandler } from "./subscriptions";

/** Unacknowledged messages at a time; AWS IoT allows 100. */
const messageWindow = 20;

/**
 * A device: a thing that reports its state, follows what is desired of it, and sends measurements.
 *
 * ```ts
 * const device = await Device.connect({ thingName: "lamp", host, certificatePath, keyPath });
 * await device.onDelta((delta) => { switchTo(delta); return delta; });
 * await device.report({ on: false });
 * await device.publish(telemetryTopic("lamp"), { temperature: 21 });
 * ```
 *
 * It comes back by itself when the connection is lost, with growing, random pauses. What was sent meanwhile waits, bounded,
 * and goes out in order, with `queueFolder` also after a restart; when it is too much, the oldest messages are dropped and
 * counted, which is told on the log topic, and reports become one; what was desired meanwhile is fetched. Delivery is "at
 * least once": what is under way when a connection breaks or power goes is sent again.
 */
export class Device extends EventEmitter<DeviceEvents> {
  /** The thing's jobs, for who wants to do them without an `UpdateAgent`. */
  readonly jobs: Jobs;
  private readonly shadows: Shadows;
  private readonly messages: Outbox<Message, void>;
  private closing: Promise<void> | undefined;
  /** Of `stats.dropped`; below 0 for what an earlier life dropped. */
  private toldDropped: number;

  private constructor(
    readonly thingName: string,
    private readonly connection: Connection,
    capacity: Capacity,
    private readonly queues: DeviceQueues | undefined,
  ) {
    super();
    this.toldDropped = -(queues?.messages.untold ?? 0);
    this.shadows = new Shadows(connection, thingName, capacity, queues?.reports, {
      onDropped: (topic) => this.emit("dropped", topic),
      onDeltaFailed: (error) => this.emit("deltaFailed", error),
      onGivenUp: (topic, error) => this.emit("undelivered", topic, error),
    });
    this.jobs = new Jobs(connection, thingName);
    this.messages = new Outbox({
      window: messageWindow,
      capacity: capacity.count,
      bytes: { capacity: capacity.bytes, of: ({ payload }) => Buffer.byteLength(payload) },
      backoff,
      afterFailure,
      keeper: queues?.messages,
      send: ({ topic, payload }) => connection.publish(topic, payload),
      onDropped: ({ topic }) => {
        queues?.messages.noteDropped(this.untoldDropped);
        this.emit("dropped", topic);
      },
      onGivenUp: ({ topic }, error) => this.emit("undelivered", topic, error),
    });
    if (queues) {
      this.messages.restore(queues.messages.restored);
      this.shadows.requests.restore(queues.reports.restored);
      // Once whoever connected had the time to listen.
      setImmediate(() => queues.onProblem((error) => this.queueFailed(error)));
    }
    connection.on("up", () => this.cameUp());
    connection.on("down", (error) => {
      this.shadows.requests.hold();
      this.jobs.hold();
      this.messages.hold();
      if (!this.closing) this.emit("disconnected", error);
    });
    connection.on("failed", (error) => this.emit("connectionFailed", error));
    if (connection.connected) this.cameUp();
  }

  /**
   * Connects as the thing: its name is the client id, which is what its policy goes by.
   *
   * @throws ConnectionError saying what is wrong and what to do. It waits up to `connectTimeout` for what may pass (no
   *   network, a busy server), and does not try again what will not (certificate, CA, policy). With `startOffline` it waits
   *   for nothing, and throws only for a certificate and key that can't be read or do not fit together.
   * @throws RangeError when `queueBytes` has no room for the largest message
   */
  static async connect(options: DeviceOptions): Promise<Device> {
    const { thingName, queueFolder, queueLimit = 1000, queueBytes = 8_000_000 } = options;
    if (!(queueBytes >= maximumPayloadBytes)) {
      throw new RangeError(
        `queueBytes must be at least ${maximumPayloadBytes}, the largest message, not ${queueBytes}.`,
      );
    }
    const connection = await Connection.open(options);
    const queues = queueFolder === undefined ? undefined : await DeviceQueues.open(queueFolder);
    return new Device(thingName, connection, { count: queueLimit, bytes: queueBytes }, queues);
  }

  get connected(): boolean {
    return this.connection.connected;
  }

  /** What waits to be delivered, and how many messages were thrown away because too many waited. */
  get stats(): { readonly waiting: number; readonly dropped: number } {
    const { requests } = this.shadows;
    return {
      waiting: requests.size + this.messages.size,
      dropped: requests.dropped + this.messages.dropped,
    };
  }

  /**
   * Reports what changed. A null deletes a key.
   *
   * Without a connection it waits for the next. If the queue overflows meanwhile, the oldest reports become one, so that the
   * shadow still ends up right; none is dropped but one with a `version`, which is not kept in `queueFolder` either: its
   * caller decides by the answer.
   *
   * @param options.version the report is refused (409) unless the shadow has this version.
   * @returns the shadow's new version.
   * @throws ShadowRejected with AWS's code: 400 malformed, 409 another version, 413 over 8 KB, 429 too often.
   * @throws Refused when the policy does not allow it.
   * @throws NotDelivered when it was closed before, when nobody answers, or when it is unknown whether it got through.
   * @throws InvalidMessage when the patch is not plain JSON.
   */
  report(patch: JsonObject, options: ShadowOptions & { readonly version?: number } = {}): Promise<number> {
    return this.shadows.report(patch, options);
  }

  /**
   * The shadow as it is now. Without a connection it waits for the next.
   *
   * @throws ShadowRejected 404 when there is no such shadow yet, or as `report`.
   */
  get(options: ShadowOptions = {}): Promise<ShadowDocument> {
    return this.shadows.get(options);
  }

  /**
   * Follows what is desired: the handler acts, and what it returns is reported. It is called with what is outstanding now,
   * with each change, and after an offline time with what was desired meanwhile. Not twice for the same wish.
   *
   * @returns when it is subscribed, so that no later change is missed.
   * @throws Refused when the policy does not allow to subscribe.
   */
  onDelta(handler: DeltaHandler, options: ShadowOptions = {}): Promise<void> {
    return this.shadows.follow(handler, options);
  }

  /**
   * Sends a message of QoS 1 and waits until the server has it. Without a connection it waits for the next; when too many
   * wait, the oldest is dropped, counted and told.
   *
   * @param payload an object is sent as JSON, text and bytes as they are. At most 128 KB.
   * @throws Refused when the policy does not allow it, NotDelivered, InvalidMessage.
   */
  async publish(topic: string, payload: JsonObject | string | Uint8Array): Promise<void> {
    const isRaw = typeof payload === "string" || payload instanceof Uint8Array;
    if (!isRaw) checkJson(payload, "payload");
    const raw = isRaw ? payload : JSON.stringify(payload);
    checkPublish(topic, typeof raw === "string" ? Buffer.from(raw) : raw);
    await this.messages.add({ topic, payload: raw });
  }

  /**
   * Calls the handler with each message to a topic filter, over lost connections too.
   *
   * @throws Refused when the policy does not allow it, InvalidMessage when the filter is malformed.
   */
  subscribe(topicFilter: string, handler: MessageHandler): Promise<void> {
    return this.connection.subscribe(topicFilter, handler);
  }

  /** Goes offline without a goodbye, to save power or to test; what is sent meanwhile waits. */
  suspend(): void {
    this.connection.suspend();
  }

  /** Comes back after `suspend`. */
  resume(): void {
    this.connection.resume();
  }

  /**
   * Says goodbye and frees what the SDK holds. What still waits is given up (`NotDelivered`), and with `queueFolder` sent in
   * the next life; await it first if it counts.
   * Safe to call twice. The SDK keeps a process alive a while longer: a program that is done calls `process.exit()`.
   */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.messages.close();
    this.shadows.close();
    this.jobs.close();
    await this.connection.close();
    await this.queues?.close();
  }

  private cameUp(): void {
    this.messages.open();
    this.shadows.cameUp();
    this.jobs.cameUp();
    this.emit("connected");
    this.tellDropped();
  }

  private get untoldDropped(): number {
    return this.stats.dropped - this.toldDropped;
  }

  /** On the log topic, for its developers: what is missing is better known. */
  private tellDropped(): void {
    const dropped = this.untoldDropped;
    if (dropped === 0) return;
    this.toldDropped += dropped;
    this.log({ message: `${dropped} messages were dropped: too many waited for a connection`, dropped });
    this.queues?.messages.noteDropped(0);
  }

  private queueFailed(error: Error): void {
    this.emit("queueFailed", error);
    this.log({ message: error.message });
  }

  private log(line: JsonObject): void {
    // A policy without the log topic is a choice, and no fault of the device.
    this.publish(logTopic(this.thingName), line).catch(() => {});
  }
}
