/** The tree of a fleet indexing query, as `grammar.peggy` builds it. */
export type Query =
  | { readonly type: "and"; readonly operands: readonly Query[] }
  | { readonly type: "or"; readonly operands: readonly Query[] }
  | { readonly type: "not"; readonly operand: Query }
  | Term
  | Range;

/** `field:value`, or a value alone, which is looked for in every field. */
export interface Term {
  readonly type: "term";
  readonly field?: Field;
  readonly value: Value;
}

/** `field:[low TO high]`, `field:{low TO high]`, `field<high` and the like; at least one bound. */
export interface Range {
  readonly type: "range";
  readonly field: Field;
  readonly low?: Bound;
  readonly high?: Bound;
}

export interface Bound {
  readonly value: Value;
  readonly inclusive: boolean;
}

export interface Field {
  /** With its dots, escapes resolved: `shadow.reported.battery`. */
  readonly name: string;
  readonly location: Location;
}

export interface Value {
  /** Text as it is, or wildcards between texts. Never empty, never two texts in a row. */
  readonly parts: readonly (string | Wildcard)[];
  /** In double quotes: one phrase, in which `*` and `?` are themselves. */
  readonly quoted: boolean;
  readonly location: Location;
}

export interface Wildcard {
  readonly wildcard: "*" | "?";
}

export interface Location {
  readonly start: { readonly offset: number };
}

/** The text of a value without wildcards, or undefined. */
export function textOf({ parts }: Value): string | undefined {
  const [only] = parts;
  return parts.length === 1 && typeof only === "string" ? only : undefined;
}

/** Whether a value is `*` alone: anything that is there. */
export function isAnything({ parts }: Value): boolean {
  const [only] = parts;
  return parts.length === 1 && typeof only === "object" && only.wildcard === "*";
}

/** The terms and ranges of a query, from left to right. */
export function leavesOf(query: Query): (Term | Range)[] {
  switch (query.type) {
    case "and":
    case "or":
      return query.operands.flatMap(leavesOf);
    case "not":
      return leavesOf(query.operand);
    default:
      return [query];
  }
}
