import type { Action, ActionKinds, RuleIdentity } from "./actions/action";
import { asObject, Fields } from "./actions/fields";
import { InvalidRuleError } from "./errors";
import type { Message } from "./message";
import { Output } from "./output";
import { compileExpression, compileSelect, isBareStar } from "./sql/compile";
import { parseStatement, SqlParseError } from "./sql/parse";
import { toBoolean, UNDEFINED } from "./sql/values";
import { whatIsWrongWith } from "./topicFilter";
import { TopicTrie } from "./topicTrie";

const MOST_ACTIONS = 10;

/** A rule as CreateTopicRule takes it; unchecked, for it comes from outside. */
export type RulePayload = Readonly<Record<string, unknown>>;

/** An action with what is said of it when it runs or fails. */
export interface RuleAction {
  /** The key in the rule's payload, e.g. `dynamoDBv2`. */
  readonly kind: string;
  readonly failedAction: string;
  readonly attempt: string;
  readonly action: Action;
}

/** A rule made ready: everything that can be wrong with it has been found out. */
export interface CompiledRule {
  readonly sql: string;
  /** The topic filter of its FROM. */
  readonly filter: string;
  readonly actions: readonly RuleAction[];
  readonly errorAction?: RuleAction;
  /** For the author of the rule: where the local cloud's answer is not AWS's. */
  readonly warnings: readonly string[];
  /** What goes to the actions; undefined where the WHERE is not true. */
  evaluate(message: Message): Output | undefined;
}

/** @throws SqlParseError, InvalidRuleError */
export function compileRule(payload: RulePayload, rule: RuleIdentity, kinds: ActionKinds): CompiledRule {
  const { sql, awsIotSqlVersion, actions, errorAction } = payload;
  if (typeof sql !== "string") throw new InvalidRuleError("sql is missing");
  if (awsIotSqlVersion !== "2016-03-23" && awsIotSqlVersion !== "beta") {
    throw new InvalidRuleError(
      `awsIotSqlVersion is ${awsIotSqlVersion ?? "missing, which means 2015-10-08"}; this rules engine has 2016-03-23`,
    );
  }
  const warnings: string[] = [];
  const { filter, evaluate } = compileSql(sql, warnings);
  const compile = (value: unknown, path: string) => compileAction(value, path, rule, kinds, warnings);
  if (!Array.isArray(actions)) throw new InvalidRuleError("actions is missing");
  if (actions.length > MOST_ACTIONS) {
    throw new InvalidRuleError(`actions has ${actions.length} entries; a rule has at most ${MOST_ACTIONS}`);
  }
  for (const action of actions) refuseLoop(filter, action);
  return {
    sql,
    filter,
    actions: actions.map((action, index) => compile(action, `actions[${index}]`)),
    errorAction: asObject(errorAction) && compile(errorAction, "errorAction"),
    warnings: [...new Set(warnings)],
    evaluate,
  };
}

function compileSql(sql: string, warnings: string[]): Pick<CompiledRule, "filter" | "evaluate"> {
  const statement = parseStatement(sql);
  const { filter, location } = statement.from;
  const wrong = whatIsWrongWith(filter);
  if (wrong) throw SqlParseError.at(location, wrong);
  const where = statement.where && compileExpression(statement.where, warnings);
  const select = compileSelect(statement, warnings);
  const bareStar = isBareStar(statement);
  return {
    filter,
    evaluate(message) {
      const { json } = message;
      if (where && toBoolean(where(message, json)) !== true) return undefined;
      // A payload that is no JSON can only be taken as it is.
      return bareStar && json === UNDEFINED ? Output.raw(message.payload) : Output.of(select(message, json));
    },
  };
}

function compileAction(
  value: unknown,
  path: string,
  rule: RuleIdentity,
  kinds: ActionKinds,
  warnings: string[],
): RuleAction {
  const entries = Object.entries(asObject(value) ?? {}).filter(([, config]) => config !== undefined && config !== null);
  const [entry] = entries;
  if (!entry || entries.length > 1) throw new InvalidRuleError(`${path} must have exactly one kind of action`);
  const [kind, config] = entry;
  if (!Object.hasOwn(kinds, kind)) {
    const known = Object.keys(kinds).join(", ");
    throw new InvalidRuleError(
      `${path}: the action ${kind} is not implemented by this rules engine, which has ${known}`,
    );
  }
  const { failedAction, attempt, compile } = kinds[kind]!;
  const fields = new Fields(`${path}.${kind}`, asObject(config) ?? {}, warnings);
  return { kind, failedAction, attempt, action: compile(fields, rule) };
}

/** AWS refuses a rule that would trigger itself; like AWS this looks at the topic as written, templates and all. */
function refuseLoop(filter: string, action: unknown): void {
  const topic = asObject(asObject(action)?.republish)?.topic;
  if (typeof topic !== "string") return;
  const trie = new TopicTrie<string>();
  trie.add(filter, filter);
  trie.match(topic.replace(/^\$\$/, "$").split("/"), () => {
    throw new InvalidRuleError(`Republish topic cannot be within topic space of rule's topic pattern '${filter}'`);
  });
}
