import type { Connection } from "./connection";
import { type Delta, metadataOf } from "./core/deltaTracker";
import { isObject, type JsonObject } from "./core/json";
import { ShadowRejected } from "./errors";
import { parse, Requests } from "./requests";

/** A whole shadow. What has no value in it is left out. */
export interface ShadowDocument {
  readonly desired?: JsonObject;
  readonly reported?: JsonObject;
  /** What is desired and not reported. */
  readonly delta?: JsonObject;
  readonly version: number;
}

/**
 * One shadow of one thing: requests and answers by its reserved topics.
 * {@link https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-mqtt.html}
 */
export class ShadowLink {
  /** The start of the shadow's topics. */
  readonly topic: string;
  private readonly requests: Requests;

  constructor(
    private readonly connection: Connection,
    thingName: string,
    shadowName?: string,
  ) {
    this.topic = `$aws/things/${thingName}/shadow${shadowName === undefined ? "" : `/name/${shadowName}`}`;
    const answers = ["update/accepted", "update/rejected", "get/accepted", "get/rejected"];
    this.requests = new Requests(
      connection,
      thingName,
      answers.map((answer) => `${this.topic}/${answer}`),
    );
  }

  /** @returns the new version. @throws ShadowRejected, ConnectionError, Refused, NotDelivered (`noAnswer`) */
  async report(reported: JsonObject, version?: number): Promise<number> {
    const answer = await this.ask("update", { state: { reported }, ...(version === undefined ? {} : { version }) });
    return answer.version as number;
  }

  /** @throws ShadowRejected (404: there is no shadow yet), ConnectionError, Refused, NotDelivered (`noAnswer`) */
  async get(): Promise<{ document: ShadowDocument; delta?: Delta }> {
    const { state, metadata, version } = (await this.ask("get", {})) as {
      readonly state?: Omit<ShadowDocument, "version">;
      readonly metadata?: { readonly desired?: JsonObject };
      readonly version: number;
    };
    const document = { ...state, version };
    if (!document.delta) return { document };
    // AWS shows the delta's own metadata in an example and leaves it out elsewhere; the desired one is always there.
    const known = metadataOf(document.delta, metadata?.desired ?? {});
    return { document, delta: { version, state: document.delta, metadata: known } };
  }

  /** Listens to deltas from now on. @throws Refused when the policy does not allow it. */
  follow(onDelta: (delta: Delta) => void): Promise<void> {
    return this.connection.subscribe(`${this.topic}/update/delta`, (payload) => {
      const { state, metadata, version } = parse(payload) as Partial<Delta>;
      if (isObject(state) && typeof version === "number") onDelta({ version, state, metadata: metadata ?? {} });
    });
  }

  private ask(verb: "update" | "get", request: JsonObject): Promise<JsonObject> {
    return this.requests.ask(
      `${this.topic}/${verb}`,
      request,
      ({ code, message }) => new ShadowRejected(Number(code), String(message)),
    );
  }
}
