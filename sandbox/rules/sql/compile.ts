import type { Message } from "../message";
import type { Expression, Field, Query, Select, SelectItem } from "./ast";
import { findFunction } from "./functions";
import { casts, operators } from "./operators";
import { SqlParseError } from "./parse";
import { isArray, isObject, type Json, keyReader, setKey, setKeys, toBoolean, UNDEFINED, type Value } from "./values";

/**
 * An expression made into a function, once per rule. `root` is what its names are read from: the payload's JSON, or the
 * element of the array that a nested SELECT goes through.
 */
export type Evaluate = (message: Message, root: Value) => Value;

/** What one compilation shares: things to tell the rule's author, and the name of a nested SELECT's element. */
interface Scope {
  readonly warnings: string[];
  readonly element?: string;
}

/** @throws SqlParseError for a function or type that does not exist, or is not implemented */
export function compileExpression(expression: Expression, warnings: string[]): Evaluate {
  return compile(expression, { warnings });
}

/** `SELECT *` and nothing else: the payload itself, JSON or not. */
export function isBareStar(select: Select): boolean {
  const [first, second] = select.kind === "items" ? select.items : [];
  return first?.type === "star" && !first.of && !first.alias && !second;
}

/** @throws SqlParseError as compileExpression, and for a selected expression that needs a name */
export function compileSelect(select: Select, warnings: string[]): Evaluate {
  return compileSelection(select, { warnings });
}

function compile(expression: Expression, scope: Scope): Evaluate {
  switch (expression.type) {
    case "literal": {
      const { value } = expression;
      return () => value;
    }
    case "field":
      return compileField(expression, scope);
    case "payload":
      return (message) => message.json;
    case "member":
      return readPath(compile(expression.object, scope), expression.path);
    case "call":
      return compileCall(expression, scope);
    case "cast": {
      const cast = Object.hasOwn(casts, expression.to.toLowerCase()) && casts[expression.to.toLowerCase()];
      if (!cast) throw SqlParseError.at(expression.location, `There is no type ${expression.to} to cast to`);
      const value = compile(expression.value, scope);
      return (message, root) => cast(value(message, root));
    }
    case "array":
      return compileArray(expression.items, scope);
    case "object":
      return compileObject(expression.entries, scope);
    case "case":
      return compileCase(expression, scope);
    case "query":
      return compileQuery(expression.query, scope);
    case "exists": {
      scope.warnings.push(
        "EXISTS is documented, but AWS has been seen to refuse a SELECT in WHERE: try it there first",
      );
      const query = compileQuery(expression.query, scope);
      return (message, root) => {
        const found = query(message, root);
        return found === UNDEFINED ? UNDEFINED : isArray(found) && found.length > 0;
      };
    }
    case "not": {
      const operand = compile(expression.operand, scope);
      return (message, root) => {
        const value = toBoolean(operand(message, root));
        return value === UNDEFINED ? UNDEFINED : !value;
      };
    }
    case "binary": {
      const operate = operators[expression.operator];
      const left = compile(expression.left, scope);
      const right = compile(expression.right, scope);
      return (message, root) => operate(left(message, root), right(message, root));
    }
  }
}

function compileField({ path }: Field, scope: Scope): Evaluate {
  const names = path[0] === scope.element ? path.slice(1) : path;
  return readPath((_, root) => root, names);
}

function readPath(from: Evaluate, path: readonly string[]): Evaluate {
  return path.reduce<Evaluate>((read, name) => {
    const readKey = keyReader(name);
    return (message, root) => readKey(read(message, root));
  }, from);
}

function compileCall(call: Extract<Expression, { type: "call" }>, scope: Scope): Evaluate {
  const found = findFunction(call.name);
  if (typeof found === "string") throw SqlParseError.at(call.location, found);
  const { arity, warning } = found;
  if (warning) scope.warnings.push(warning);
  const count = call.args.length;
  if (count < arity[0] || count > arity[1]) {
    scope.warnings.push(`${call.name}() does not take ${count} arguments, so it is always Undefined`);
    return () => UNDEFINED;
  }
  if (found.callOnPayload && call.args[0]?.type === "payload") {
    const rest = call.args.slice(1).map((arg) => compile(arg, scope));
    return (message, root) =>
      found.callOnPayload!(
        rest.map((arg) => arg(message, root)),
        message,
      );
  }
  const args = call.args.map((arg) => compile(arg, scope));
  const first = args[0];
  // By far the most calls have no argument or one.
  if (!first) return (message) => found.call([], message);
  if (args.length === 1) return (message, root) => found.call([first(message, root)], message);
  return (message, root) =>
    found.call(
      args.map((arg) => arg(message, root)),
      message,
    );
}

function compileArray(items: readonly Expression[], scope: Scope): Evaluate {
  const values = items.map((item) => compile(item, scope));
  return (message, root) => {
    const array: Json[] = [];
    for (const value of values) {
      const item = value(message, root);
      if (item !== UNDEFINED) array.push(item);
    }
    return array;
  };
}

function compileObject(entries: readonly { key: string; value: Expression }[], scope: Scope): Evaluate {
  const values = entries.map(({ key, value }) => ({ key, value: compile(value, scope) }));
  return (message, root) => {
    const object: Record<string, Json> = {};
    for (const { key, value } of values) {
      const item = value(message, root);
      if (item !== UNDEFINED) setKey(object, key, item);
    }
    return object;
  };
}

function compileCase({ subject, whens, otherwise }: Extract<Expression, { type: "case" }>, scope: Scope): Evaluate {
  const value = compile(subject, scope);
  const branches = whens.map(({ test, result }) => ({ test: compile(test, scope), result: compile(result, scope) }));
  const fallback = otherwise ? compile(otherwise, scope) : () => UNDEFINED as Value;
  const equals = operators["="];
  return (message, root) => {
    const wanted = value(message, root);
    if (wanted === UNDEFINED) return UNDEFINED;
    const branch = branches.find(({ test }) => equals(wanted, test(message, root)) === true);
    return (branch?.result ?? fallback)(message, root);
  };
}

/** An array of what is selected from each element that the WHERE lets pass; Undefined over anything but an array. */
function compileQuery(query: Query, outer: Scope): Evaluate {
  const scope = { warnings: outer.warnings, element: query.alias };
  const from = compileField(query.from, outer);
  const select = compileSelection(query, scope);
  const where = query.where && compile(query.where, scope);
  return (message, root) => {
    const array = from(message, root);
    if (!isArray(array)) return UNDEFINED;
    const selected: Json[] = [];
    for (const element of array) {
      if (where && toBoolean(where(message, element)) !== true) continue;
      const item = select(message, element);
      if (item !== UNDEFINED) selected.push(item);
    }
    return selected;
  };
}

function compileSelection(select: Select, scope: Scope): Evaluate {
  if (select.kind === "value") return compile(select.value, scope);
  if (isBareStar(select)) return rootOf;
  const items = select.items.map((item) => compileItem(item, scope));
  return (message, root) => {
    const output: Record<string, Json> = {};
    for (const item of items) item(message, root, output);
    return output;
  };
}

type SelectInto = (message: Message, root: Value, output: Record<string, Json>) => void;

function compileItem(item: SelectItem, scope: Scope): SelectInto {
  const value =
    item.type === "item" ? compile(item.expression, scope) : item.of ? compileField(item.of, scope) : rootOf;
  if (item.type === "star" && !item.alias) {
    return (message, root, output) => {
      const from = value(message, root);
      // A payload that is no JSON object has no keys to give.
      if (isObject(from)) setKeys(output, from);
    };
  }
  const path = item.alias ?? defaultName(item);
  return (message, root, output) => {
    const selected = value(message, root);
    if (selected !== UNDEFINED) setPath(output, path, selected);
  };
}

const rootOf: Evaluate = (_, root) => root;

/** What AWS calls a column without AS: the last name of a path, the function of a call. */
function defaultName(item: SelectItem): readonly string[] {
  const expression = item.type === "item" ? item.expression : undefined;
  if (expression?.type === "field" || expression?.type === "member") return expression.path.slice(-1);
  if (expression?.type === "call") return [expression.name];
  if (expression?.type === "cast") return ["cast"];
  throw SqlParseError.at(item.location, "A selected expression that is no field or function needs a name: add AS name");
}

/** `AS a.b` nests. What stands in the way gives way; objects of the payload are copied, as other rules read them too. */
function setPath(output: Record<string, Json>, path: readonly string[], value: Json): void {
  const [name, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) {
    setKey(output, name, value);
    return;
  }
  const existing = Object.hasOwn(output, name) ? output[name]! : null;
  const inner: Record<string, Json> = isObject(existing) ? { ...existing } : {};
  setPath(inner, rest, value);
  setKey(output, name, inner);
}
