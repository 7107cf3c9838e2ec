import type { ArgumentErrors } from "../args/argumentErrors";
import { text } from "../args/checks";

/** When an anomaly begins and when it is over: by a flag in the reported state, or by conditions of your own. */
export interface AnomalyConditions {
  /**
   * The flag in the reported state: the anomaly begins when it is reported as true and is over when it is reported as false
   * or removed. A path of names joined by dots: `overheated`, `motor.blocked`.
   */
  readonly flag?: string;
  /**
   * Instead of a flag: the condition, in AWS IoT SQL, over the accepted update.
   * @example "state.reported.temperature > 80"
   */
  readonly where?: string;
  /**
   * With `where`: when the anomaly is over.
   * @default NOT (where). An update that says nothing about it is neither: in AWS IoT SQL, NOT of Undefined is Undefined.
   */
  readonly solvedWhere?: string;
}

/** Words that AWS IoT SQL reads as its own, so that no property of these names can be reached by a plain path. */
const reserved = new Set(
  "select,value,from,where,as,and,or,not,case,when,then,else,end,in,exists,is,null,undefined,true,false,cast".split(
    ",",
  ),
);

/** Notes what is wrong with the conditions. */
export function checkConditions(errors: ArgumentErrors, { flag, where, solvedWhere }: AnomalyConditions): void {
  if ((flag === undefined) === (where === undefined)) {
    errors.add("flag", 'give either flag (a path in the reported state, e.g. "overheated") or where (a condition)');
  }
  if (solvedWhere !== undefined && where === undefined) {
    errors.add("solvedWhere", "goes with where; with flag the anomaly is over when the flag is reported as false");
  }
  errors.check("flag", flag, sqlPath);
  errors.check("where", where, text(60_000));
  errors.check("solvedWhere", solvedWhere, text(60_000));
}

/** The two conditions in AWS IoT SQL, over `$aws/things/+/shadow/update/accepted`. */
export function conditionsOf({ flag, where, solvedWhere }: AnomalyConditions): { raised: string; solved: string } {
  if (where !== undefined) return { raised: where, solved: solvedWhere ?? `NOT (${where})` };
  const path = `state.reported.${flag}`;
  return { raised: `${path} = True`, solved: `${path} = False OR isNull(${path})` };
}

/** A path is written into the rule's statement, so it may be nothing but names and dots. */
function sqlPath(path: string): string | undefined {
  const names = typeof path === "string" ? path.split(".") : [];
  const bad = names.find((name) => !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name));
  if (names.length === 0 || bad !== undefined) {
    return `must be names of letters, digits and "_" joined by dots, as in "motor.blocked", not ${JSON.stringify(path)}`;
  }
  const word = names.find((name) => reserved.has(name.toLowerCase()));
  return word === undefined
    ? undefined
    : `has ${JSON.stringify(word)} in it, a word of AWS IoT SQL; use where with get()`;
}
