import { InvalidRuleError } from "../errors";
import { SqlParseError } from "../sql/parse";
import { compileTemplate, type Template } from "../template";

/** Reads the properties of one action, and complains by their full path: `actions[0].sns.targetArn`. */
export class Fields {
  private readonly unread: Set<string>;

  constructor(
    private readonly path: string,
    private readonly values: Readonly<Record<string, unknown>>,
    private readonly warnings: string[],
  ) {
    this.unread = new Set(Object.keys(values).filter((key) => this.has(key)));
  }

  has(key: string): boolean {
    return this.values[key] !== undefined && this.values[key] !== null;
  }

  /** A required string, as it stands. */
  text(key: string): string {
    return this.optionalText(key) ?? this.fail(key, "is missing");
  }

  /** The ARN of a role; AWS allows no template in it. */
  roleArn(): string {
    const arn = this.text("roleArn");
    return /^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(arn) ? arn : this.fail("roleArn", `is no ARN of a role: "${arn}"`);
  }

  /** A required string in which `${expression}` is filled in. */
  template(key: string): Template {
    return this.optionalTemplate(key) ?? this.fail(key, "is missing");
  }

  optionalTemplate(key: string): Template | undefined {
    const text = this.optionalText(key);
    if (text === undefined) return undefined;
    try {
      return compileTemplate(text, this.warnings);
    } catch (error) {
      if (!(error instanceof SqlParseError)) throw error;
      throw new SqlParseError(`${this.path}.${key}: ${error.reason}`, error.line, error.column);
    }
  }

  /** One of a few words, the first of which is the default. */
  choice<Word extends string>(key: string, words: readonly [Word, ...Word[]]): Word {
    const text = this.optionalText(key) ?? words[0];
    return words.find((word) => word === text) ?? this.fail(key, `is "${text}", but must be ${words.join(" or ")}`);
  }

  /** Default: false. */
  flag(key: string): boolean {
    const value = this.take(key) ?? false;
    return typeof value === "boolean" ? value : this.fail(key, "must be true or false");
  }

  /** Quality of service, default 0. */
  qos(): 0 | 1 {
    const value = this.take("qos") ?? 0;
    return value === 0 || value === 1 ? value : this.fail("qos", `is ${JSON.stringify(value)}, but must be 0 or 1`);
  }

  /** The properties of a nested object. */
  nested(key: string): Fields {
    return new Fields(`${this.path}.${key}`, asObject(this.take(key)) ?? this.fail(key, "is missing"), this.warnings);
  }

  /** To be called when all is read: a property that nobody knows would otherwise be ignored. */
  refuseOthers(): void {
    const [key] = this.unread;
    if (key !== undefined) this.fail(key, "is not implemented by this rules engine");
  }

  private optionalText(key: string): string | undefined {
    const value = this.take(key);
    if (value === undefined || value === null) return undefined;
    return typeof value === "string" && value !== "" ? value : this.fail(key, "must be a string that is not empty");
  }

  private take(key: string): unknown {
    this.unread.delete(key);
    return this.values[key];
  }

  private fail(key: string, why: string): never {
    throw new InvalidRuleError(`${this.path}.${key} ${why}`);
  }
}

export function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
