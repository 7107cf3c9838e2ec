import { type Bound, isAnything, type Query, type Range, type Term, textOf, type Value } from "./ast";
import { isNumber, normalize, numberOf } from "./values";

/** What the index keeps of one field of a thing: every value of it, an array's each on its own. */
export interface FieldValues {
  /** As they are in the registry or shadow. */
  readonly values: readonly (string | number | boolean)[];
  /** Normalized, numbers and booleans as text. */
  readonly texts: readonly string[];
  /** Those that are numbers, or texts that look like one. */
  readonly numbers: readonly number[];
}

/** A thing as queries see it. */
export interface Searchable {
  field(name: string): FieldValues | undefined;
  /** The fields that a term without a field is looked for in. */
  everything(): Iterable<FieldValues>;
}

export type Predicate = (thing: Searchable) => boolean;

/** A query as a function. It depends on nothing but the thing it is given. */
export function compileQuery(query: Query): Predicate {
  switch (query.type) {
    case "and": {
      const operands = query.operands.map(compileQuery);
      return (thing) => operands.every((matches) => matches(thing));
    }
    case "or": {
      const operands = query.operands.map(compileQuery);
      return (thing) => operands.some((matches) => matches(thing));
    }
    case "not": {
      const matches = compileQuery(query.operand);
      return (thing) => !matches(thing);
    }
    case "term":
      return compileTerm(query);
    case "range":
      return compileRange(query);
  }
}

function compileTerm({ field, value }: Term): Predicate {
  const test = valueTest(value);
  if (field) {
    const { name } = field;
    return (thing) => {
      const values = thing.field(name);
      return values !== undefined && test(values);
    };
  }
  if (isAnything(value)) return () => true;
  return (thing) => {
    for (const values of thing.everything()) if (test(values)) return true;
    return false;
  };
}

type ValuesTest = (values: FieldValues) => boolean;

function valueTest(value: Value): ValuesTest {
  if (isAnything(value)) return () => true;
  const text = textOf(value);
  if (text === undefined) {
    const pattern = patternOf(value);
    return ({ texts }) =>
      texts.some((one) => (one.includes(" ") ? one.split(" ").some((word) => pattern.test(word)) : pattern.test(one)));
  }
  const phrase = normalize(text);
  const number = isNumber(value) ? numberOf(text) : undefined;
  return ({ texts, numbers }) =>
    texts.some((one) => one === phrase || (one.includes(" ") && ` ${one} `.includes(` ${phrase} `))) ||
    (number !== undefined && numbers.includes(number));
}

function patternOf({ parts }: Value): RegExp {
  const source = parts.map((part) => {
    if (typeof part === "object") return part.wildcard === "*" ? ".*" : ".";
    return part.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${source.join("")}$`, "su");
}

function compileRange({ field: { name }, low, high }: Range): Predicate {
  const bound = (low ?? high) as Bound;
  const test: ValuesTest = isNumber(bound.value)
    ? compareWith(
        ({ numbers }) => numbers,
        low,
        high,
        (value) => Number(textOf(value)),
      )
    : compareWith(
        ({ texts }) => texts,
        low,
        high,
        (value) => normalize(textOf(value) as string),
      );
  return (thing) => {
    const values = thing.field(name);
    return values !== undefined && test(values);
  };
}

function compareWith<T extends string | number>(
  of: (values: FieldValues) => readonly T[],
  low: Bound | undefined,
  high: Bound | undefined,
  read: (value: Value) => T,
): ValuesTest {
  const least = low && read(low.value);
  const most = high && read(high.value);
  const inside = (one: T) =>
    (least === undefined || one > least || (low?.inclusive === true && one === least)) &&
    (most === undefined || one < most || (high?.inclusive === true && one === most));
  return (values) => of(values).some(inside);
}
