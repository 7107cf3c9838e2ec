/** A policy as AWS takes it: the JSON text, or the object it stands for. */
export type PolicyDocument = string | Readonly<Record<string, unknown>>;

export interface Statement {
  /** Where it stands, for messages: `policy 1, statement 2 (AllowOwnShadow)`. */
  readonly label: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly Condition[];
}

export interface Condition {
  /** As written, e.g. `ForAnyValue:StringEquals` or `BoolIfExists`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** AWS counts the characters that are not white space: https://docs.aws.amazon.com/general/latest/gr/iot-core.html */
const maximumSize = 2048;

const statementElements = ["Sid", "Effect", "Action", "Resource", "Condition"];

/**
 * The statements of the policies, checked.
 *
 * @throws Error naming the place and the fault, for anything AWS IoT would refuse or this evaluator does not know.
 */
export function readPolicies(documents: PolicyDocument | readonly PolicyDocument[]): Statement[] {
  const list = isList(documents) ? documents : [documents];
  return list.flatMap((document, index) => readPolicy(document, `policy ${index + 1}`));
}

function readPolicy(document: PolicyDocument, label: string): Statement[] {
  const policy = typeof document === "string" ? parse(document, label) : document;
  const size = JSON.stringify(policy).replace(/\s/g, "").length;
  if (size > maximumSize) throw fault(label, `has ${size} characters; AWS IoT takes at most ${maximumSize}`);
  onlyKnown(policy, ["Version", "Id", "Statement"], label);
  // Without this version AWS does not replace policy variables, and nothing in this project wants that.
  if (policy.Version !== "2012-10-17") throw fault(label, `has Version ${show(policy.Version)}, not "2012-10-17"`);
  return asList(policy.Statement).map((statement, index) =>
    readStatement(statement, `${label}, statement ${index + 1}`),
  );
}

function readStatement(statement: unknown, place: string): Statement {
  if (!isObject(statement)) throw fault(place, `is ${show(statement)}, not an object`);
  const label = typeof statement.Sid === "string" ? `${place} (${statement.Sid})` : place;
  onlyKnown(statement, statementElements, label);
  if (statement.Effect !== "Allow" && statement.Effect !== "Deny") {
    throw fault(label, `has Effect ${show(statement.Effect)}; it is "Allow" or "Deny"`);
  }
  return {
    label,
    effect: statement.Effect,
    actions: strings(statement.Action, "Action", label),
    resources: strings(statement.Resource, "Resource", label),
    conditions: readConditions(statement.Condition, label),
  };
}

function readConditions(block: unknown, label: string): Condition[] {
  if (block === undefined) return [];
  if (!isObject(block)) throw fault(label, `has Condition ${show(block)}, not an object`);
  return Object.entries(block).flatMap(([operator, keys]) => {
    if (!isObject(keys)) throw fault(label, `has ${operator} ${show(keys)}, not an object of condition keys`);
    return Object.entries(keys).map(([key, values]) => ({
      operator,
      key,
      values: asList(values).map((value) => {
        if (isObject(value) || value === null || value === undefined) {
          throw fault(label, `compares ${key} with ${show(value)}, which is not a plain value`);
        }
        return String(value);
      }),
    }));
  });
}

function strings(value: unknown, element: string, label: string): string[] {
  const list = asList(value);
  if (list.length === 0 || list.some((item) => typeof item !== "string" || item === "")) {
    throw fault(label, `has ${element} ${show(value)}; it is a string or a list of strings, and not empty`);
  }
  return list as string[];
}

function onlyKnown(object: Readonly<Record<string, unknown>>, known: readonly string[], label: string): void {
  const unknown = Object.keys(object).filter((key) => !known.includes(key));
  if (unknown.length > 0) {
    throw fault(label, `has ${unknown.join(", ")}; an AWS IoT policy knows only ${known.join(", ")} here`);
  }
}

function parse(text: string, label: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Told below, together with JSON that is not an object.
  }
  throw fault(label, "is not a JSON object");
}

function fault(label: string, message: string): Error {
  return new Error(`IoT ${label} ${message}.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
