import { join } from "node:path";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { runEntryPoint } from "../../policies/run/entryPoint";
import { type Recorded, record } from "../../policies/run/record";
import { readProject } from "../../policies/run/stackConfig";

/** A function as the program declares it now, deployed or not. */
export interface ProgramFunction {
  /** What people call it: the name of its Handler. */
  readonly name: string;
  /** The name of the resource, which the function's name in AWS begins with. */
  readonly logicalName: string;
  readonly description: string;
  /** The text of `__index.js`. */
  readonly code: string;
  /** The file of the zip and what it exports, e.g. `__index.handler`. */
  readonly handler: string;
  /** Seconds. */
  readonly timeout: number;
  /** MB. */
  readonly memorySize: number;
  /** The SQL of the rule that calls it, where one does. */
  readonly ruleSql?: string;
  /** Key attributes of the table whose stream it reads, where it does. */
  readonly tableKeys?: readonly string[];
}

type Properties = Readonly<Record<string, unknown>>;

interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** Runs the stack's program without making anything, and says which functions it declares. */
export async function functionsOfProgram(root: string, stack: string): Promise<ProgramFunction[]> {
  const project = readProject(root, stack);
  const { resources } = await record({
    program: () => runEntryPoint(join(project.main)),
    project: project.name,
    stack,
    config: project.config,
  });
  const declared = resources.map(declaredOf);
  const of = (type: string) => declared.filter((each) => each.type === type);
  const arns = arnsOf(declared);
  const targets = (value: unknown, name: string) => arns.get(String(value)) === name;

  return of("aws:lambda/function:Function").map(({ name, inputs }) => {
    const rule = of("aws:iot/topicRule:TopicRule").find((each) =>
      list(each.inputs.lambdas).some(({ functionArn }) => targets(functionArn, name)),
    );
    const mapping = of("aws:lambda/eventSourceMapping:EventSourceMapping").find((each) =>
      targets(each.inputs.functionName, name),
    );
    const table = of("aws:dynamodb/table:Table").find(({ outputs }) => {
      return outputs.streamArn !== undefined && outputs.streamArn === mapping?.inputs.eventSourceArn;
    });
    return {
      name: name.replace(/-function$/, ""),
      logicalName: name,
      description: String(inputs.description ?? ""),
      code: codeOf(name, inputs.code),
      handler: String(inputs.handler),
      timeout: Number(inputs.timeout ?? 3),
      memorySize: Number(inputs.memorySize ?? 128),
      ruleSql: rule && String(rule.inputs.sql),
      tableKeys: table && [table.inputs.hashKey, table.inputs.rangeKey].filter(Boolean).map(String),
    };
  });
}

/** The function behind each ARN and name that a trigger may point at: its own, or those of its aliases. */
function arnsOf(declared: readonly Declared[]): Map<string, string> {
  const arns = new Map<string, string>();
  for (const { type, name, outputs } of declared) {
    if (type !== "aws:lambda/function:Function") continue;
    for (const key of [outputs.arn, outputs.name]) arns.set(String(key), name);
  }
  for (const { type, inputs, outputs } of declared) {
    const target = arns.get(String(inputs.functionName));
    if (type === "aws:lambda/alias:Alias" && target) arns.set(String(outputs.arn), target);
  }
  return arns;
}

function declaredOf({ request, response }: Recorded): Declared {
  const plain = (struct: Struct | undefined) => (struct?.toJavaScript() ?? {}) as Properties;
  return {
    type: request.getType(),
    name: request.getName(),
    inputs: plain(request.getObject()),
    outputs: plain(response.getObject()),
  };
}

/** An archive travels as a map of its files, each with its text. */
function codeOf(name: string, code: unknown): string {
  const files = (code as { assets?: Record<string, { text?: string }> } | undefined)?.assets ?? {};
  const text = files["__index.js"]?.text;
  if (text === undefined) throw new Error(`the function ${name} has no inline callback: its code is no __index.js`);
  return text;
}

function list(value: unknown): Properties[] {
  return Array.isArray(value) ? value : [];
}
