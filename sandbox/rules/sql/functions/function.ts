import type { Message } from "../../message";
import { numberOrUndefined, toNumber, toText, UNDEFINED, type Value } from "../values";

/** One function of the SQL. It never throws: what it cannot work with makes it Undefined, as on AWS. */
export interface SqlFunction {
  /** Fewest and most arguments; with any other number a call is Undefined. */
  readonly arity: readonly [number, number];
  /** `args` has as many values as `arity` allows. */
  call(args: readonly Value[], message: Message): Value;
  /** For `f(*)`: the payload's bytes in place of its JSON value. */
  callOnPayload?(args: readonly Value[], message: Message): Value;
  /** Said when a rule that calls it is created: where the local answer is not AWS's. */
  readonly warning?: string;
}

export type Functions = Readonly<Record<string, SqlFunction>>;

/** A function of `count` numbers; anything that is none makes it Undefined, and so does a result that is none. */
export function ofNumbers(count: 0 | 1 | 2, compute: (a: number, b: number) => number): SqlFunction {
  return {
    arity: [count, count],
    call: (args) => numberOrUndefined(compute(toNumber(args[0] ?? UNDEFINED), toNumber(args[1] ?? UNDEFINED))),
  };
}

/** A function of `count` strings; anything that has no string form makes it Undefined. */
export function ofTexts(count: 1 | 2 | 3, compute: (a: string, b: string, c: string) => Value): SqlFunction {
  return {
    arity: [count, count],
    call: (args) => {
      const texts: string[] = [];
      for (const arg of args) {
        const text = toText(arg);
        if (text === UNDEFINED) return UNDEFINED;
        texts.push(text);
      }
      return compute(texts[0]!, texts[1]!, texts[2]!);
    },
  };
}
