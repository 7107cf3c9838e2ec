/** Whether a record passes a filter. */
export type Filter = (record: unknown) => boolean;

/** A pattern that is no filter criterion, or has a rule that is not known here. */
export class PatternError extends Error {}

/**
 * Compiles a pattern of filter criteria, in EventBridge's syntax, with all that Lambda documents for streams: equals, prefix,
 * suffix, exists, anything-but, numeric, equals-ignore-case, $or.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 * @throws PatternError
 */
export function compilePattern(text: string): Filter {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw new PatternError(`the filter pattern is not JSON: ${text}`);
  }
  if (!isObject(pattern)) throw new PatternError(`a filter pattern is a JSON object, not ${text}`);
  return compileObject(pattern);
}

function compileObject(pattern: Record<string, unknown>): Filter {
  const fields = Object.entries(pattern).map(([key, inner]) => {
    if (key === "$or") return compileOr(inner);
    if (Array.isArray(inner)) {
      const rules = inner.map(compileRule);
      return (value: Record<string, unknown>) => rules.some((rule) => rule(value[key], key in value));
    }
    if (!isObject(inner)) throw new PatternError(`"${key}" must be a list of values or an object`);
    const filter = compileObject(inner);
    return (value: Record<string, unknown>) => filter(value[key]);
  });
  return (value) => fields.every((field) => field(isObject(value) ? value : {}));
}

/** Of several fields; values are judged in the place where the rule stands. */
function compileOr(alternatives: unknown): Filter {
  if (!Array.isArray(alternatives) || !alternatives.every(isObject)) {
    throw new PatternError(`"$or" takes a list of objects, not ${JSON.stringify(alternatives)}`);
  }
  const filters = alternatives.map(compileObject);
  return (value) => filters.some((filter) => filter(value));
}

type Rule = (value: unknown, exists: boolean) => boolean;

function compileRule(rule: unknown): Rule {
  if (!isObject(rule)) return (value) => value === rule || (Array.isArray(value) && value.includes(rule));
  const [[operator, operand] = ["nothing", undefined], ...others] = Object.entries(rule);
  const make = others.length === 0 ? operators[operator] : undefined;
  if (!make) {
    const known = Object.keys(operators).join(", ");
    throw new PatternError(`the filter rule ${JSON.stringify(rule)} is none of those known here: ${known}`);
  }
  return make(operand);
}

const texts =
  (test: (value: string) => boolean): Rule =>
  (value) =>
    typeof value === "string" && test(value);

const operators: Readonly<Record<string, (operand: unknown) => Rule>> = {
  exists: (wanted) => (_value, exists) => exists === wanted,
  prefix: (start) => texts((value) => value.startsWith(String(start))),
  suffix: (end) => texts((value) => value.endsWith(String(end))),
  "equals-ignore-case": (other) => texts((value) => value.toLowerCase() === String(other).toLowerCase()),
  "anything-but": (others) => {
    const rules = (Array.isArray(others) ? others : [others]).map(compileRule);
    return (value, exists) => exists && !rules.some((rule) => rule(value, exists));
  },
  numeric: (operand) => {
    const comparisons: ((value: number) => boolean)[] = [];
    for (let at = 0; Array.isArray(operand) && at < operand.length; at += 2) {
      const [sign, limit] = [operand[at], operand[at + 1]];
      const compare = signs[String(sign)];
      if (!compare || typeof limit !== "number") throw new PatternError(`"numeric" takes signs and numbers in turn`);
      comparisons.push((value) => compare(value, limit));
    }
    return (value) => typeof value === "number" && comparisons.every((compare) => compare(value));
  },
};

const signs: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
