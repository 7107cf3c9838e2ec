import type { Bound, Query, Value } from "../../../sandbox/fleetIndex/query/ast";

/** A query's tree as text again, with every parenthesis and every AND written out. */
export function print(query: Query): string {
  switch (query.type) {
    case "and":
      return `(${query.operands.map(print).join(" AND ")})`;
    case "or":
      return `(${query.operands.map(print).join(" OR ")})`;
    case "not":
      return `NOT ${print(query.operand)}`;
    case "term":
      return `${query.field ? `${escapeText(query.field.name)}:` : ""}${printValue(query.value)}`;
    case "range": {
      const { field, low, high } = query;
      const name = escapeText(field.name);
      if (low && high) {
        const [open, close] = [low.inclusive ? "[" : "{", high.inclusive ? "]" : "}"];
        return `${name}:${open}${printValue(low.value)} TO ${printValue(high.value)}${close}`;
      }
      const bound = (low ?? high) as Bound;
      return `${name}${low ? ">" : "<"}${bound.inclusive ? "=" : ""}${printValue(bound.value)}`;
    }
  }
}

function printValue({ parts, quoted }: Value): string {
  if (quoted) return `"${parts.join("").replace(/["\\]/g, "\\$&")}"`;
  return parts.map((part) => (typeof part === "object" ? part.wildcard : escapeText(part))).join("");
}

/** With a backslash before everything but letters and digits, and before words that would be operators. */
export function escapeText(text: string): string {
  return text.replace(/[^A-Za-z0-9_.]/g, "\\$&").replace(/^(?=(AND|OR|NOT|TO)$)/, "\\");
}
