import { randomUUID } from "node:crypto";
import type { Connection } from "./connection";
import { type Delta, metadataOf } from "./core/deltaTracker";
import { isObject, type JsonObject, type JsonValue } from "./core/json";
import { NotDelivered, ShadowRejected } from "./errors";

/** A whole shadow. What has no value in it is left out. */
export interface ShadowDocument {
  readonly desired?: JsonObject;
  readonly reported?: JsonObject;
  /** What is desired and not reported. */
  readonly delta?: JsonObject;
  readonly version: number;
}

/** Seconds to wait for an answer of the shadow service. */
const answerTimeout = 10;

type Verb = "update" | "get";

interface Question {
  readonly verb: Verb;
  readonly accept: (answer: JsonObject) => void;
  readonly reject: (error: ShadowRejected) => void;
}

/**
 * One shadow of one thing: requests and answers by its reserved topics.
 * {@link https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-mqtt.html}
 */
export class ShadowLink {
  /** The start of the shadow's topics. */
  readonly topic: string;
  private readonly questions = new Map<string, Question>();
  private readonly listening = new Set<string>();

  constructor(
    private readonly connection: Connection,
    private readonly thingName: string,
    shadowName?: string,
  ) {
    this.topic = `$aws/things/${thingName}/shadow${shadowName === undefined ? "" : `/name/${shadowName}`}`;
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

  private async ask(verb: Verb, request: JsonObject): Promise<JsonObject> {
    await this.listen();
    const clientToken = randomUUID();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await this.connection.whileUp(
        () =>
          new Promise((accept, reject) => {
            this.questions.set(clientToken, { verb, accept, reject });
            timer = setTimeout(() => reject(this.noAnswer(verb)), answerTimeout * 1000);
            this.connection.publish(`${this.topic}/${verb}`, JSON.stringify({ ...request, clientToken })).catch(reject);
          }),
      );
    } finally {
      clearTimeout(timer);
      this.questions.delete(clientToken);
    }
  }

  /** Subscribes to the answers, each once; the connection keeps that up. A policy may be put right while the device runs. */
  private async listen(): Promise<void> {
    for (const verb of ["update", "get"] as const) {
      await this.listenTo(`${verb}/accepted`, (answer) => this.questionOf(verb, answer)?.accept(answer));
      await this.listenTo(`${verb}/rejected`, (answer) => {
        this.questionOf(verb, answer)?.reject(new ShadowRejected(Number(answer.code), String(answer.message)));
      });
    }
  }

  private async listenTo(answers: string, handler: (answer: JsonObject) => void): Promise<void> {
    if (this.listening.has(answers)) return;
    await this.connection.subscribe(`${this.topic}/${answers}`, (payload) => handler(parse(payload)));
    this.listening.add(answers);
  }

  /** Others' updates are answered on the same topics; ours have a token that we know. */
  private questionOf(verb: Verb, { clientToken, code }: JsonObject): Question | undefined {
    if (typeof clientToken === "string") return this.questions.get(clientToken);
    // A request that the service did not read to the end is refused without a token. Ours are always JSON, so 400 is not
    // for us; and there is only one under way.
    if (code === undefined || code === 400) return undefined;
    return [...this.questions.values()].find((question) => question.verb === verb);
  }

  private noAnswer(verb: Verb): NotDelivered {
    const base = `${this.topic}/${verb}`;
    return new NotDelivered(
      "noAnswer",
      `No answer to ${base} in ${answerTimeout} s. If that stays so: an IoT policy attached to the certificate of ` +
        `${this.thingName} has to allow iot:Receive on topic/${base}/accepted and topic/${base}/rejected.`,
    );
  }
}

function parse(payload: Buffer): JsonObject {
  let value: JsonValue = null;
  try {
    value = JSON.parse(payload.toString());
  } catch {
    // Only the shadow service may publish to these topics, and it speaks JSON; anything else is not for us.
  }
  return isObject(value) ? value : {};
}
