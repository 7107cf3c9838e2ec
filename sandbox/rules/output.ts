import { type Json, UNDEFINED, type Value } from "./sql/values";

/** What a rule hands to its actions: the result of its SELECT. */
export class Output {
  private constructor(
    private readonly value: Value,
    private readonly raw: Buffer | undefined,
  ) {}

  static of(value: Value): Output {
    return new Output(value, undefined);
  }

  /** A payload that is not JSON, selected with a bare `*`. */
  static raw(payload: Buffer): Output {
    return new Output(UNDEFINED, payload);
  }

  /** The JSON value. @throws Error for a binary payload, which only some actions can carry, and where there is none */
  json(): Json {
    if (this.raw) throw new Error("The payload is not JSON: select encode(*, 'base64') AS data, or send JSON");
    if (this.value === UNDEFINED) throw new Error("The SELECT gives Undefined, so there is nothing to hand on");
    return this.value;
  }

  /** Compact JSON, or the payload as it came; nothing at all for Undefined. */
  bytes(): Buffer {
    return this.raw ?? (this.value === UNDEFINED ? Buffer.alloc(0) : Buffer.from(JSON.stringify(this.value), "utf8"));
  }

  get isBinary(): boolean {
    return this.raw !== undefined;
  }
}
