import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import { UNDEFINED, type Value } from "./sql/values";

/** What the functions of the SQL learn of the world, so that a test can hold it still. */
export interface Environment {
  readonly accountId: string;
  /** Milliseconds since 1970. */
  now(): number;
  newUuid(): string;
  /** From 0 up to 1. */
  random(): number;
}

export function liveEnvironment(accountId: string): Environment {
  return { accountId, now: Date.now, newUuid: randomUUID, random: Math.random };
}

/** One message on its way through the rules. What costs time is worked out when first asked for, and kept. */
export class Message {
  private parsed: Value | undefined;
  private parts: string[] | undefined;
  private arrived: number | undefined;
  private trace: string | undefined;

  constructor(
    readonly topic: string,
    readonly payload: Buffer,
    readonly environment: Environment,
  ) {}

  /** The payload, Undefined when it is not JSON in UTF-8. */
  get json(): Value {
    if (this.parsed === undefined) this.parsed = parseJson(this.payload);
    return this.parsed;
  }

  get topicSegments(): string[] {
    if (this.parts === undefined) this.parts = this.topic.split("/");
    return this.parts;
  }

  /** The same in WHERE, SELECT and every template of a message. */
  get timestamp(): number {
    if (this.arrived === undefined) this.arrived = this.environment.now();
    return this.arrived;
  }

  /** `traceid()` and the error action's `cloudwatchTraceId`. */
  get traceId(): string {
    if (this.trace === undefined) this.trace = this.environment.newUuid();
    return this.trace;
  }
}

export function parseJson(bytes: Buffer): Value {
  if (!isUtf8(bytes)) return UNDEFINED;
  try {
    return JSON.parse(bytes.toString("utf8")) as Value;
  } catch {
    return UNDEFINED;
  }
}
