import { type Environment, Message } from "../../../sandbox/rules/message";
import { compileExpression, compileSelect } from "../../../sandbox/rules/sql/compile";
import { parseExpression, parseStatement } from "../../../sandbox/rules/sql/parse";
import { UNDEFINED, type Value } from "../../../sandbox/rules/sql/values";

export { UNDEFINED };

/** A world that stands still. UUIDs count up. */
export function stillEnvironment(): Environment {
  let uuids = 0;
  return {
    accountId: "123456789012",
    now: () => 1481825251155,
    newUuid: () => `uuid-${++uuids}`,
    random: () => 0.25,
  };
}

export function message(payload: unknown, topic = "a/b/c"): Message {
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
  return new Message(topic, bytes, stillEnvironment());
}

/** The value of an expression on a message. */
export function evaluate(sql: string, payload: unknown = {}, topic?: string): Value {
  const from = message(payload, topic);
  return compileExpression(parseExpression(sql), [])(from, from.json);
}

/** What `SELECT <items> FROM 'x'` makes of a message. */
export function select(items: string, payload: unknown = {}, topic?: string): Value {
  const from = message(payload, topic);
  return compileSelect(parseStatement(`SELECT ${items} FROM 'x'`), [])(from, from.json);
}
