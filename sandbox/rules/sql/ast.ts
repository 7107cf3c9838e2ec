/** The tree of an AWS IoT SQL statement, as `grammar.peggy` builds it. */

export type Statement = Select & {
  readonly from: { readonly filter: string; readonly location: Location };
  readonly where?: Expression;
};

/** `SELECT a, b AS c` or `SELECT VALUE x`. */
export type Select =
  | { readonly kind: "items"; readonly items: readonly SelectItem[] }
  | { readonly kind: "value"; readonly value: Expression };

export type SelectItem =
  /** `*`, or `path.*` with `of`. */
  | {
      readonly type: "star";
      readonly of?: Field;
      readonly alias?: readonly string[];
      readonly location: Location;
    }
  | {
      readonly type: "item";
      readonly expression: Expression;
      readonly alias?: readonly string[];
      readonly location: Location;
    };

/** A SELECT over an array inside the message. */
export type Query = Select & {
  readonly from: Field;
  readonly alias?: string;
  readonly where?: Expression;
};

export type Expression =
  | { readonly type: "literal"; readonly value: string | number | boolean | null }
  | Field
  /** The whole payload, `*`, as an argument of a function. */
  | { readonly type: "payload" }
  | { readonly type: "member"; readonly object: Expression; readonly path: readonly string[] }
  | { readonly type: "call"; readonly name: string; readonly args: readonly Expression[]; readonly location: Location }
  | { readonly type: "cast"; readonly value: Expression; readonly to: string; readonly location: Location }
  | { readonly type: "array"; readonly items: readonly Expression[] }
  | {
      readonly type: "object";
      readonly entries: readonly { readonly key: string; readonly value: Expression }[];
    }
  | {
      readonly type: "case";
      readonly subject: Expression;
      readonly whens: readonly { readonly test: Expression; readonly result: Expression }[];
      readonly otherwise?: Expression;
    }
  | { readonly type: "query"; readonly query: Query }
  | { readonly type: "exists"; readonly query: Query; readonly location: Location }
  | { readonly type: "not"; readonly operand: Expression }
  | {
      readonly type: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    };

export interface Field {
  readonly type: "field";
  readonly path: readonly string[];
}

export type BinaryOperator = "AND" | "OR" | "IN" | "=" | "<>" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "%";

/** Where something stands in the text; lines and columns count from 1. */
export interface Location {
  readonly start: { readonly line: number; readonly column: number };
}
