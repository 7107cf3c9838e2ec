import { BlockList, isIP } from "node:net";
import { type Pattern, type Resolve, readLiteral, readPattern } from "./pattern";
import type { Condition } from "./policyDocument";

/** The value of a condition key for one request: none, one, or, for the keys that AWS calls multivalued, several. */
export type ConditionValues = string | readonly string[] | undefined;

/** @throws Error when the key is not one that AWS IoT has. */
export type LookUp = (key: string) => ConditionValues;

export type Outcome = { readonly met: boolean; readonly unresolved?: string };

interface Operator {
  /** Reads one value of the policy. */
  readonly read: (text: string, resolve: Resolve) => Pattern;
  /** `StringNotEquals` and its like: met when none of the policy's values matches, and when the key is missing. */
  readonly negated?: true;
}

const ignoringCase = (text: string, resolve: Resolve) => readLiteral(text, resolve, "i");

const operators: Readonly<Record<string, Operator>> = {
  StringEquals: { read: readLiteral },
  StringNotEquals: { read: readLiteral, negated: true },
  StringEqualsIgnoreCase: { read: ignoringCase },
  StringNotEqualsIgnoreCase: { read: ignoringCase, negated: true },
  StringLike: { read: readPattern },
  StringNotLike: { read: readPattern, negated: true },
  Bool: { read: ignoringCase },
  // The four ARN operators are two: AWS lets ArnEquals take wildcards as well.
  ArnEquals: { read: readPattern },
  ArnLike: { read: readPattern },
  ArnNotEquals: { read: readPattern, negated: true },
  ArnNotLike: { read: readPattern, negated: true },
  IpAddress: { read: readAddressRange },
  NotIpAddress: { read: readAddressRange, negated: true },
};

/**
 * Whether one line of a Condition block is met.
 *
 * @throws Error for an operator or a key that is not known: guessing could let something through.
 */
export function conditionMet(condition: Condition, lookUp: LookUp, resolve: Resolve): Outcome {
  const { quantifier, name, ifExists } = split(condition.operator);
  const actual = lookUp(condition.key);
  if (condition.operator === "Null") {
    if (!["true", "false"].includes(condition.values.join()))
      throw new Error(`Null on ${condition.key} takes true or false.`);
    return { met: String(actual === undefined) === condition.values[0] };
  }

  const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (!operator) {
    throw new Error(
      `Unknown condition operator ${condition.operator}. Known: ${Object.keys(operators).join(", ")}, Null, ` +
        "each with ForAllValues:, ForAnyValue: or IfExists where AWS allows it. Add it to conditions.ts with its tests.",
    );
  }
  const patterns = condition.values.map((value) => operator.read(value, resolve));
  const unresolved = patterns.find((pattern) => pattern.unresolved !== undefined)?.unresolved;
  if (unresolved !== undefined) return { met: false, unresolved };

  const one = (value: string) =>
    patterns.some((pattern) => pattern.unresolved === undefined && pattern.matches(value)) !==
    (operator.negated ?? false);
  if (quantifier) {
    const list = actual === undefined ? [] : typeof actual === "string" ? [actual] : actual;
    return { met: quantifier === "ForAllValues" ? list.every(one) : list.some(one) };
  }
  if (actual === undefined) return { met: ifExists || (operator.negated ?? false) };
  if (typeof actual !== "string") {
    throw new Error(`${condition.key} has several values: compare it with ForAllValues: or ForAnyValue:.`);
  }
  return { met: one(actual) };
}

function split(operator: string): { quantifier?: "ForAllValues" | "ForAnyValue"; name: string; ifExists: boolean } {
  const [, quantifier, rest = operator] = /^(ForAllValues|ForAnyValue):(.*)$/.exec(operator) ?? [];
  const ifExists = rest.endsWith("IfExists");
  return {
    quantifier: quantifier as "ForAllValues" | "ForAnyValue" | undefined,
    name: ifExists ? rest.slice(0, -"IfExists".length) : rest,
    ifExists,
  };
}

function readAddressRange(text: string): Pattern {
  const [address = "", prefix] = text.split("/");
  const family = isIP(address);
  if (family === 0) throw new Error(`${text} is not an IP address or a range of them (CIDR), as IpAddress needs.`);
  const type = family === 6 ? "ipv6" : "ipv4";
  const range = new BlockList();
  range.addSubnet(address, prefix === undefined ? (family === 6 ? 128 : 32) : Number(prefix), type);
  return { matches: (value) => isIP(value) !== 0 && range.check(value, isIP(value) === 6 ? "ipv6" : "ipv4") };
}
