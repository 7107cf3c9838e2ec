import type { Expression, Query, Select, SelectItem, Statement } from "../../../sandbox/rules/sql/ast";

/** A statement's tree as SQL again, with every parenthesis written out. */
export function printStatement(statement: Statement): string {
  const { from, where } = statement;
  return `SELECT ${printSelect(statement)} FROM ${quote(from.filter)}${where ? ` WHERE ${print(where)}` : ""}`;
}

export function print(expression: Expression): string {
  switch (expression.type) {
    case "literal":
      return typeof expression.value === "string" ? quote(expression.value) : String(expression.value);
    case "field":
      return expression.path.join(".");
    case "payload":
      return "*";
    case "member":
      return [`(${print(expression.object)})`, ...expression.path].join(".");
    case "call":
      return `${expression.name}(${expression.args.map(print).join(", ")})`;
    case "cast":
      return `cast(${print(expression.value)} AS ${expression.to})`;
    case "array":
      return `[${expression.items.map(print).join(", ")}]`;
    case "object":
      return `{${expression.entries.map(({ key, value }) => `${quote(key)}: ${print(value)}`).join(", ")}}`;
    case "case": {
      const whens = expression.whens.map(({ test, result }) => `WHEN ${print(test)} THEN ${print(result)}`);
      const otherwise = expression.otherwise ? ` ELSE ${print(expression.otherwise)}` : "";
      return `CASE ${print(expression.subject)} ${whens.join(" ")}${otherwise} END`;
    }
    case "query":
      return `(${printQuery(expression.query)})`;
    case "exists":
      return `EXISTS (${printQuery(expression.query)})`;
    case "not":
      return `(NOT ${print(expression.operand)})`;
    case "binary":
      return `(${print(expression.left)} ${expression.operator} ${print(expression.right)})`;
  }
}

function printQuery(query: Query): string {
  const { from, alias, where } = query;
  const source = from.path.join(".") + (alias ? ` AS ${alias}` : "");
  return `SELECT ${printSelect(query)} FROM ${source}${where ? ` WHERE ${print(where)}` : ""}`;
}

function printSelect(select: Select): string {
  return select.kind === "value" ? `VALUE ${print(select.value)}` : select.items.map(printItem).join(", ");
}

function printItem(item: SelectItem): string {
  const what = item.type === "item" ? print(item.expression) : item.of ? `${item.of.path.join(".")}.*` : "*";
  return item.alias ? `${what} AS ${item.alias.join(".")}` : what;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
