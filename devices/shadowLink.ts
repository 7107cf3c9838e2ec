import { setTimeout } from "node:timers/promises";
import type { iotshadow } from "aws-iot-device-sdk-v2";
import type { Connection } from "./connection";
import type { Delta } from "./core/deltaTracker";
import { metadataOf } from "./core/deltaTracker";
import { isObject, type JsonObject } from "./core/json";
import { NotDelivered, Refused, ShadowRejected } from "./errors";

/** A whole shadow. What has no value in it is left out. */
export interface ShadowDocument {
  readonly desired?: JsonObject;
  readonly reported?: JsonObject;
  /** What is desired and not reported. */
  readonly delta?: JsonObject;
  readonly version: number;
}

/** Seconds to wait for an answer of the shadow service. */
export const answerTimeout = 10;

/** One shadow of one thing, over one connection: the SDK's client, with its answers and errors put in our words. */
export class ShadowLink {
  /** The start of the shadow's topics. */
  readonly topic: string;

  constructor(
    private readonly connection: Connection,
    private readonly client: iotshadow.IotShadowClientv2,
    private readonly thingName: string,
    private readonly shadowName?: string,
  ) {
    this.topic = `$aws/things/${thingName}/shadow${shadowName === undefined ? "" : `/name/${shadowName}`}`;
  }

  /** @returns the new version. @throws ShadowRejected, ConnectionError, NotDelivered (`noAnswer`) */
  async report(reported: JsonObject, version?: number): Promise<number> {
    const request = { thingName: this.thingName, state: { reported }, version };
    const answer = await this.ask("update", () =>
      this.shadowName === undefined
        ? this.client.updateShadow(request)
        : this.client.updateNamedShadow({ ...request, shadowName: this.shadowName }),
    );
    return answer.version as number;
  }

  /** @throws ShadowRejected (404: there is no shadow yet), ConnectionError, NotDelivered (`noAnswer`) */
  async get(): Promise<{ document: ShadowDocument; delta?: Delta }> {
    const answer = await this.ask("get", () =>
      this.shadowName === undefined
        ? this.client.getShadow({ thingName: this.thingName })
        : this.client.getNamedShadow({ thingName: this.thingName, shadowName: this.shadowName }),
    );
    const { desired, reported, delta } = (answer.state ?? {}) as Partial<ShadowDocument>;
    const version = answer.version as number;
    const document = { ...present({ desired, reported, delta }), version };
    if (!isObject(delta)) return { document };
    // AWS describes the delta's own metadata in an example and leaves it out elsewhere; the desired one is always there.
    const metadata = (answer.metadata as { desired?: JsonObject } | undefined)?.desired ?? {};
    return { document, delta: { version, state: delta, metadata: metadataOf(delta, metadata) } };
  }

  /**
   * Listens to deltas.
   *
   * @param onStart called on every new subscription, which is when deltas may have been missed.
   * @returns how to stop.
   */
  follow(onDelta: (delta: Delta) => void, onStart: () => void, onRefused: (error: Refused) => void): () => void {
    const stream =
      this.shadowName === undefined
        ? this.client.createShadowDeltaUpdatedStream({ thingName: this.thingName })
        : this.client.createNamedShadowDeltaUpdatedStream({ thingName: this.thingName, shadowName: this.shadowName });
    stream.on("incomingPublish", ({ message: { state, version, metadata } }) => {
      if (isObject(state) && version !== undefined) {
        onDelta({ version, state, metadata: (metadata ?? {}) as JsonObject });
      }
    });
    stream.on("subscriptionStatus", ({ type, error }) => {
      if (type === established) onStart();
      if (type === halted) onRefused(this.refusedToFollow(error));
    });
    stream.open();
    return () => stream.close();
  }

  private refusedToFollow(cause: unknown): Refused {
    const topic = `${this.topic}/update/delta`;
    return new Refused(
      `${this.thingName} may not follow its shadow (${cause}): an IoT policy attached to its certificate has to allow ` +
        `iot:Subscribe on topicfilter/${topic} and iot:Receive on topic/${topic}.`,
      undefined,
      { cause },
    );
  }

  private async ask<T>(what: string, work: () => Promise<T>): Promise<T> {
    const patiently = async () => {
      try {
        return await work();
      } catch (error) {
        // It fails the same way when the connection broke a moment ago; then the news of that is on its way.
        if (isRefusal(error)) await setTimeout(newsOnItsWay);
        throw error;
      }
    };
    try {
      return await this.connection.whileUp(patiently);
    } catch (error) {
      throw this.translate(error, what);
    }
  }

  private translate(error: unknown, what: string): unknown {
    const { modeledError, internalError } = error as {
      modeledError?: { code: number; message: string };
      internalError?: unknown;
    };
    if (modeledError) return new ShadowRejected(modeledError.code, modeledError.message);
    if (internalError === undefined) return error;
    const base = `${this.topic}/${what}`;
    const policy =
      `An IoT policy attached to the certificate of ${this.thingName} has to allow iot:Publish on ${base}, and ` +
      `iot:Subscribe and iot:Receive on ${base}/accepted and ${base}/rejected.`;
    if (isRefusal(error)) {
      return new Refused(`The server refused ${base} (${internalError}). ${policy}`, undefined, { cause: error });
    }
    return new NotDelivered("noAnswer", `No answer to ${base} (${internalError}). ${policy}`, { cause: error });
  }
}

// The SDK exports the enum's type and not, from its main module, its values.
const established = 0;
const halted = 2;

/** Milliseconds. */
const newsOnItsWay = 200;

/** The server said no, with a reason code that the SDK does not hand on. */
function isRefusal(error: unknown): boolean {
  return /(SUBSCRIBE|PUBLISH)_FAILURE/.test(`${(error as { internalError?: unknown }).internalError}`);
}

function present<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
