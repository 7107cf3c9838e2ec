import type { ActionKinds } from "../../sandbox/rules";
import { RulesEngine } from "../../sandbox/rules/engine";
import { liveEnvironment, Message } from "../../sandbox/rules/message";
import { compileRule } from "../../sandbox/rules/rule";
import type { Expression, Statement } from "../../sandbox/rules/sql/ast";
import { findFunction } from "../../sandbox/rules/sql/functions";
import type { SqlFunction } from "../../sandbox/rules/sql/functions/function";
import { operators } from "../../sandbox/rules/sql/operators";
import { parseStatement } from "../../sandbox/rules/sql/parse";
import { type Json, keyReader, setKey, type Value } from "../../sandbox/rules/sql/values";
import { TopicTrie } from "../../sandbox/rules/topicTrie";

export interface BenchTable {
  readonly title: string;
  readonly rows: { readonly what: string; readonly value: string; readonly note?: string }[];
}

/** Rounds of each measurement; they take turns, and the median counts, so that a busy moment hits all alike. */
const ROUNDS = 9;
/** Rounds before, until everything runs as fast as it ever does. */
const WARM_UP_ROUNDS = 2;
const ROUND_SECONDS = 0.15;
const BATCH = 200;

const ACCOUNT = { accountId: "000000000000", region: "us-east-1" };
const IDENTITY = { accountId: ACCOUNT.accountId, arn: `arn:aws:iot:us-east-1:${ACCOUNT.accountId}:rule/bench` };
const SQL =
  "SELECT *, topic(3) AS deviceId, timestamp() AS at FROM '$aws/things/+/shadow/update/accepted' " +
  "WHERE state.reported.overheated = True AND state.reported.temperature > 20";
const TOPIC = "$aws/things/boiler-0815/shadow/update/accepted";

/** An accepted shadow update of 300 bytes. */
function payload(overheated: boolean): Buffer {
  const state = { reported: { overheated, temperature: 21.5, humidity: 40, battery: { level: 88, charging: false } } };
  const at = { timestamp: 1790000000 };
  const metadata = { reported: { overheated: at, temperature: at } };
  const message = { state, metadata, version: 12, timestamp: 1790000000, clientToken: "" };
  const missing = 300 - Buffer.byteLength(JSON.stringify(message));
  return Buffer.from(JSON.stringify({ ...message, clientToken: "t".repeat(missing) }));
}

let delivered = 0;
const kinds: ActionKinds = {
  count: {
    failedAction: "CountAction",
    attempt: "count",
    compile: () => ({
      resource: () => "",
      run: async () => {
        delivered++;
      },
    }),
  },
};

function rule(sql: string): object {
  return { sql, awsIotSqlVersion: "2016-03-23", actions: [{ count: {} }] };
}

/** An engine with a rule for the topic and others that listen elsewhere. */
function engineWith(count: number): RulesEngine {
  const engine = new RulesEngine({ ...ACCOUNT, kinds, clientsOf: () => ({}) as never });
  engine.put("bench", rule(SQL) as never);
  for (let i = 1; i < count; i++) {
    engine.put(`other_${i}`, rule(`SELECT * FROM 'plant/${i}/+/state' WHERE value > ${i}`) as never);
  }
  return engine;
}

/** What the compiler saves: the tree walked again for every message, with the engine's own operators and functions. */
function walk(expression: Expression, message: Message): Value {
  switch (expression.type) {
    case "literal":
      return expression.value;
    case "field":
      return expression.path.reduce<Value>((value, name) => keyReader(name)(value), message.json);
    case "call":
      return (findFunction(expression.name) as SqlFunction).call(
        expression.args.map((arg) => walk(arg, message)),
        message,
      );
    case "binary":
      return operators[expression.operator](walk(expression.left, message), walk(expression.right, message));
    default:
      throw new Error(`The statement of this bench has no ${expression.type}`);
  }
}

function walkStatement(statement: Statement, message: Message): Record<string, Json> | undefined {
  if (statement.where && walk(statement.where, message) !== true) return undefined;
  const output: Record<string, Json> = {};
  for (const item of statement.kind === "items" ? statement.items : []) {
    if (item.type === "star") Object.assign(output, message.json);
    else setKey(output, item.alias![0]!, walk(item.expression, message) as Json);
  }
  return output;
}

type Work = () => void;

/** Messages per second of processor time of each piece of work: the median of rounds in which they took turns. */
async function measure(works: Readonly<Record<string, Work>>): Promise<Record<string, number>> {
  const rates: Record<string, number[]> = {};
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(works)) {
      const start = process.cpuUsage();
      const spent = () => {
        const { user, system } = process.cpuUsage(start);
        return (user + system) / 1e6;
      };
      let count = 0;
      while (spent() < ROUND_SECONDS) {
        for (let i = 0; i < BATCH; i++) work();
        count += BATCH;
        // Actions are promises; they belong to the cost of a message.
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (round >= 0) rates[name] = [...(rates[name] ?? []), count / spent()];
    }
  }
  return Object.fromEntries(Object.entries(rates).map(([name, list]) => [name, median(list)]));
}

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

/** Measures the rules engine on one core, without a broker: JSON, topic, WHERE, SELECT, and the call of the action. */
export async function run(): Promise<BenchTable> {
  const [yes, no] = [payload(true), payload(false)];
  const environment = liveEnvironment(ACCOUNT.accountId);
  const [one, ten, hundred] = [engineWith(1), engineWith(10), engineWith(100)];
  const filters = hundred.list().map(({ filter }) => filter);
  const trie = new TopicTrie<string>();
  for (const filter of filters) trie.add(filter, filter);
  const singles = filters.map((filter) => {
    const single = new TopicTrie<string>();
    single.add(filter, filter);
    return single;
  });
  const parsed = new Message(TOPIC, yes, environment);
  const compiled = compileRule(rule(SQL) as never, IDENTITY, kinds);
  const statement = parseStatement(SQL);
  const same = JSON.stringify(walkStatement(statement, parsed)) === compiled.evaluate(parsed)?.bytes().toString();
  if (!same) throw new Error("The walk and the compiled rule do not do the same, so they cannot be compared");
  const rates = await measure({
    parseOnly: () => JSON.parse(yes.toString("utf8")),
    oneTrue: () => one.dispatch({ topic: TOPIC, payload: yes }),
    oneFalse: () => one.dispatch({ topic: TOPIC, payload: no }),
    ten: () => ten.dispatch({ topic: TOPIC, payload: yes }),
    hundred: () => hundred.dispatch({ topic: TOPIC, payload: yes }),
    compiled: () => compiled.evaluate(parsed),
    walked: () => walkStatement(statement, parsed),
    trie: () => trie.match(TOPIC.split("/"), () => {}),
    scan: () => {
      const levels = TOPIC.split("/");
      for (const single of singles) single.match(levels, () => {});
    },
  });
  if (delivered === 0) throw new Error("No message reached the action, so nothing was measured");
  const perSecond = (name: string) => `${(Math.round(rates[name]! / 1000) * 1000).toLocaleString("en-US")} messages/s`;
  const times = (a: string, b: string) => `${(rates[a]! / rates[b]!).toFixed(1)} times`;
  return {
    title: "Rules engine: messages of 300 bytes per second and core",
    rows: [
      { what: "1 rule, WHERE true", value: perSecond("oneTrue"), note: "JSON, topic, WHERE, SELECT, action called" },
      { what: "1 rule, WHERE false", value: perSecond("oneFalse") },
      { what: "10 rules, one of which matches", value: perSecond("ten") },
      { what: "100 rules, one of which matches", value: perSecond("hundred") },
      { what: "JSON.parse alone, for comparison", value: perSecond("parseOnly") },
      {
        what: "WHERE and SELECT compiled against a walk of the tree",
        value: times("compiled", "walked"),
        note: "same run",
      },
      { what: "100 filters in a trie against one by one", value: times("trie", "scan"), note: "same run" },
    ],
  };
}

if (require.main === module) {
  void run().then(({ title, rows }) => {
    console.log(title);
    console.table(rows);
  });
}
