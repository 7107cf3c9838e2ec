import { randomUUID } from "node:crypto";
import type { Connection } from "./connection";
import { isObject, type JsonObject, type JsonValue } from "./core/json";
import { NotDelivered } from "./errors";

/** Seconds to wait for an answer. */
const answerTimeout = 10;

interface Question {
  readonly topic: string;
  readonly accept: (answer: JsonObject) => void;
  readonly reject: (answer: JsonObject) => void;
}

/**
 * Requests to a service by its reserved topics: asked on `<topic>`, answered on `<topic>/accepted` or `<topic>/rejected`.
 * The subscriptions to the answers stand as long as the connection, so that a request is one packet.
 */
export class Requests {
  private readonly questions = new Map<string, Question>();
  private readonly listening = new Set<string>();

  /** @param filters topic filters of the answers; each ends in `accepted`, `rejected` or `+` */
  constructor(
    private readonly connection: Connection,
    private readonly thingName: string,
    private readonly filters: readonly string[],
  ) {}

  /**
   * @param refused makes an error of a rejection
   * @throws what `refused` makes, ConnectionError, Refused, NotDelivered (`noAnswer`)
   */
  async ask(topic: string, request: JsonObject, refused: (answer: JsonObject) => Error): Promise<JsonObject> {
    await this.listen();
    const clientToken = randomUUID();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await this.connection.whileUp(
        () =>
          new Promise((accept, reject) => {
            this.questions.set(clientToken, { topic, accept, reject: (answer) => reject(refused(answer)) });
            timer = setTimeout(() => reject(this.noAnswer(topic)), answerTimeout * 1000);
            this.connection.publish(topic, JSON.stringify({ ...request, clientToken })).catch(reject);
          }),
      );
    } finally {
      clearTimeout(timer);
      this.questions.delete(clientToken);
    }
  }

  /** Subscribes to the answers, each once; the connection keeps that up. A policy may be put right while the device runs. */
  private async listen(): Promise<void> {
    for (const filter of this.filters) {
      if (this.listening.has(filter)) continue;
      await this.connection.subscribe(filter, (payload, topic) => this.answered(topic, parse(payload)));
      this.listening.add(filter);
    }
  }

  private answered(topic: string, answer: JsonObject): void {
    const [, asked = "", verdict] = /^(.*)\/(accepted|rejected)$/.exec(topic) ?? [];
    const question = this.questionOf(asked, answer);
    if (verdict === "accepted") question?.accept(answer);
    if (verdict === "rejected") question?.reject(answer);
  }

  /** Others' requests are answered on the same topics; ours have a token that we know. */
  private questionOf(asked: string, { clientToken, code }: JsonObject): Question | undefined {
    if (typeof clientToken === "string") return this.questions.get(clientToken);
    // A request that the service did not read to the end is refused without a token. Ours are always JSON, so 400 is not
    // for us; and there is only one under way.
    if (code === undefined || code === 400 || code === "InvalidJson") return undefined;
    return [...this.questions.values()].find(({ topic }) => topic === asked);
  }

  private noAnswer(topic: string): NotDelivered {
    return new NotDelivered(
      "noAnswer",
      `No answer to ${topic} in ${answerTimeout} s. If that stays so: an IoT policy attached to the certificate of ` +
        `${this.thingName} has to allow iot:Receive on topic/${topic}/accepted and topic/${topic}/rejected.`,
    );
  }
}

/** Only the service may publish to its topics, and it speaks JSON; anything else is not for us. */
export function parse(payload: Buffer): JsonObject {
  let value: JsonValue = null;
  try {
    value = JSON.parse(payload.toString());
  } catch {}
  return isObject(value) ? value : {};
}
