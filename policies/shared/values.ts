import { isUnknownValueError } from "./unknown";

/** A property has another type than its provider documents; the message names the property and both types. */
export class WrongTypeError extends Error {
  constructor(path: string, expected: string, found: string) {
    super(`\`${path}\` must be ${expected}, but is ${found}`);
  }
}

/**
 * Reads a resource's properties by path, with the type that is expected there. Absent and null read as `undefined`, another
 * type throws a {@link WrongTypeError}, and a value that preview does not know yet throws @pulumi/policy's own error; the
 * wrappers in policy.ts turn both into what the user should see. Nothing is looked at before it is asked for.
 */
export class Values {
  constructor(
    private readonly root: unknown,
    private readonly base: readonly string[] = [],
    private readonly label: readonly string[] = [],
  ) {}

  /** The value at a path like `loggingConfig.logFormat`, whatever its type. */
  any(path = ""): unknown {
    let value = this.root;
    for (const [depth, key] of this.full(path).entries()) {
      if (value === undefined || value === null) return undefined;
      if (typeof value !== "object") {
        const container = [...this.label, ...this.full(path).slice(0, depth)].join(".");
        throw new WrongTypeError(container, "an object", describe(value));
      }
      value = (value as Record<string, unknown>)[key];
    }
    return value ?? undefined;
  }

  text(path = ""): string | undefined {
    return this.typed(path, "a string", (value): value is string => typeof value === "string");
  }

  number(path = ""): number | undefined {
    return this.typed(path, "a number", (value): value is number => typeof value === "number");
  }

  flag(path = ""): boolean | undefined {
    return this.typed(path, "true or false", (value): value is boolean => typeof value === "boolean");
  }

  /** What is below one key; the key may hold dots, as names of tags and variables do. */
  at(key: string): Values {
    return new Values(this.root, [...this.base, key], this.label);
  }

  /** The elements of the list at a path; an absent list has none. */
  list(path = ""): Values[] {
    const found = this.typed(path, "a list", (value): value is unknown[] => Array.isArray(value));
    return Array.from(
      { length: found?.length ?? 0 },
      (_, at) => new Values(this.root, [...this.full(path), String(at)]),
    );
  }

  /** The strings of the list at a path. */
  texts(path = ""): string[] {
    return this.list(path).flatMap((element) => element.text() ?? []);
  }

  /** The keys of the object at a path; known even where their values are not. */
  keys(path = ""): string[] {
    return Object.keys(this.typed(path, "an object", isObject) ?? {});
  }

  /** Whether preview knows what is at a path; what is absent is known to be absent. */
  isKnown(path = ""): boolean {
    try {
      this.any(path);
      return true;
    } catch (error) {
      if (isUnknownValueError(error)) return false;
      throw error;
    }
  }

  /** Whether something is set at a path, known or not. Empty text is how the AWS provider says "not set" in outputs. */
  has(path = ""): boolean {
    return !this.isKnown(path) || (this.any(path) !== undefined && this.any(path) !== "");
  }

  /** The path from the resource, as the user would write it: `destinationConfig.onFailure`. */
  name(path = ""): string {
    return [...this.label, ...this.full(path)].join(".");
  }

  /** The document at a path, given as JSON text (as Pulumi's YAML and Python programs do) or as an object. */
  json(path = ""): Values {
    const value = this.any(path);
    if (typeof value !== "string") return new Values(value, [], [this.name(path)]);
    try {
      return new Values(JSON.parse(value), [], [this.name(path)]);
    } catch {
      // Never the text itself, nor the parser's message that quotes it: it may hold a secret.
      throw new WrongTypeError(this.name(path), "JSON", "a text that does not parse");
    }
  }

  private full(path: string): readonly string[] {
    return path === "" ? this.base : [...this.base, ...path.split(".")];
  }

  private typed<T>(path: string, expected: string, is: (value: unknown) => value is T): T | undefined {
    const value = this.any(path);
    if (value === undefined) return undefined;
    if (!is(value)) throw new WrongTypeError(this.name(path), expected, describe(value));
    return value;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  // Never the value itself: it may be a secret.
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
