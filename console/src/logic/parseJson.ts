import type { Json, JsonObject } from "../api/types";

/** What is wrong with a text, and where: line and column count from 1. */
export interface TextProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** As many bytes as AWS IoT takes for the state of a shadow. */
export const maximumBytes = 8192;
/** Levels of objects and lists that AWS IoT takes below `desired`. */
export const maximumDepth = 6;

class Wrong extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

/**
 * Reads a JSON object as a person types it. Browsers' own messages differ, and most of them do not say where; and JSON.parse
 * takes what a shadow must not have: a property twice, numbers that it can only round, `__proto__`.
 */
export function parseObject(text: string): { value: JsonObject } | { problem: TextProblem } {
  try {
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > maximumBytes) throw new Wrong(`This has ${bytes} bytes; a shadow takes ${maximumBytes}.`, 0);
    return { value: new Reader(text).document() };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    const before = text.slice(0, error.at).split("\n");
    return {
      problem: { message: error.message, line: before.length, column: (before.at(-1) ?? "").length + 1 },
    };
  }
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): JsonObject {
    this.space();
    if (this.text[this.at] !== "{") throw new Wrong("Desired state is an object: it begins with {.", this.at);
    const value = this.object(1);
    this.space();
    if (this.at < this.text.length) throw new Wrong("There is something after the closing }.", this.at);
    return value;
  }

  private value(depth: number): Json {
    this.space();
    const character = this.text[this.at];
    if (character === "{") return this.object(depth);
    if (character === "[") return this.list(depth);
    if (character === '"') return this.string();
    return this.word();
  }

  private object(depth: number): JsonObject {
    this.enter(depth);
    const found: Record<string, Json> = {};
    while (!this.ends("}", Object.keys(found).length > 0, "property")) {
      const begin = this.at;
      if (this.text[begin] !== '"') throw new Wrong('A property\'s name comes in double quotes: "name".', begin);
      const name = this.string();
      if (name === "__proto__") throw new Wrong("A property must not be called __proto__.", begin);
      if (Object.hasOwn(found, name)) throw new Wrong(`"${name}" is there twice.`, begin);
      this.space();
      if (this.text[this.at] !== ":") throw new Wrong(`A colon is missing after "${name}".`, this.at);
      this.at += 1;
      found[name] = this.value(depth + 1);
    }
    return found;
  }

  private list(depth: number): Json[] {
    this.enter(depth);
    const found: Json[] = [];
    while (!this.ends("]", found.length > 0, "item")) found.push(this.value(depth + 1));
    return found;
  }

  private enter(depth: number): void {
    if (depth > maximumDepth) throw new Wrong(`This is more than ${maximumDepth} levels deep.`, this.at);
    this.at += 1;
  }

  /** Whether the object or list ends here; otherwise goes to what comes next. */
  private ends(closing: string, notFirst: boolean, what: string): boolean {
    this.space();
    if (this.text[this.at] === closing) {
      this.at += 1;
      return true;
    }
    if (this.at >= this.text.length) throw new Wrong(`The closing ${closing} is missing.`, this.at);
    if (!notFirst) return false;
    if (this.text[this.at] !== ",") throw new Wrong(`A comma is missing before the next ${what}.`, this.at);
    const comma = this.at;
    this.at += 1;
    this.space();
    if (this.text[this.at] === closing) throw new Wrong(`There is a comma after the last ${what}.`, comma);
    return false;
  }

  private string(): string {
    const token = /"(?:[^"\\\n]|\\[^\n])*"/y;
    token.lastIndex = this.at;
    const [found] = token.exec(this.text) ?? [];
    if (found === undefined) throw new Wrong('The closing " is missing.', this.at);
    try {
      const value = JSON.parse(found);
      this.at += found.length;
      return value;
    } catch {
      throw new Wrong('Text has a wrong escape in it: a backslash is written \\\\, a tab \\t, a quote \\".', this.at);
    }
  }

  private word(): Json {
    const token = /[^\s,:{}[\]"]+/y;
    token.lastIndex = this.at;
    const [found] = token.exec(this.text) ?? [];
    if (found === undefined) throw new Wrong("A value is missing.", this.at);
    const value = plainValue(found);
    if (value === undefined) {
      throw new Wrong(`${found} is no value: text comes in double quotes; or true, false, a number.`, this.at);
    }
    if (typeof value === "number" && !Number.isFinite(value))
      throw new Wrong(`${found} is too large a number.`, this.at);
    this.at += found.length;
    return value;
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? "")) this.at += 1;
  }
}

function plainValue(text: string): boolean | number | null | undefined {
  if (text === "null") return null;
  if (text === "true" || text === "false") return text === "true";
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}
