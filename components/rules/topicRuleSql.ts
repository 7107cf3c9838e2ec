import type { Check } from "../args/argumentErrors";

/**
 * Whether a SELECT list or a condition can be AWS IoT SQL at all. Only the form is looked at: which functions there are,
 * and what they take, AWS knows best and says when the rule is made.
 */
type Token = { readonly kind: "name" | "text" | "number" | "sign" | "end"; readonly text: string };

const tokens =
  /\s*(?:([A-Za-z_]\w*)|('(?:[^']|'')*'|"(?:[^"]|"")*")|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(<>|<=|>=|!=|==|\|\||[\s\S]))/y;
const signs = new Set("* , . ( ) [ ] { } : + - / % = < > <> <= >=".split(" "));
const comparisons = new Set(["=", "<", ">", "<>", "<=", ">="]);
const foreign: Readonly<Record<string, string>> = {
  "!=": "write <>",
  "==": "write =",
  "||": "write concat() or +",
  LIKE: "write startswith(), endswith() or regexp_matches()",
  BETWEEN: "write x >= low AND x <= high",
  IS: "write isNull(x) or isUndefined(x)",
};
const reserved = new Set("SELECT FROM WHERE AS AND OR NOT IN EXISTS CASE WHEN THEN ELSE END".split(" "));

/** What stands between SELECT and FROM: `*`, `*, topic(3) AS deviceId`, `temperature, 'C' AS unit`, `VALUE readings`. */
export const selectList: Check<string> = (sql) => problemOf(sql, (reader) => reader.selectItems());

/** What stands after WHERE. */
export const condition: Check<string> = (sql) => problemOf(sql, (reader) => reader.expression());

function problemOf(sql: string, read: (reader: Reader) => void): string | undefined {
  if (typeof sql !== "string" || sql.trim() === "") return "must not be empty";
  if (sql.length > 60_000) return `has ${sql.length} characters; AWS takes 60000 at most`;
  try {
    const reader = new Reader(sql);
    read(reader);
    reader.expect("end", "the end");
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return "is nested too deeply";
    return `is no AWS IoT SQL: ${(error as Error).message}`;
  }
}

/** A recogniser by recursive descent: each method reads one part of the grammar, or throws what it found instead. */
class Reader {
  private at = 0;
  private token: Token;

  constructor(private readonly sql: string) {
    this.token = this.next();
  }

  selectItems(): void {
    if (this.selectsValue()) return;
    do {
      if (!this.sign("*")) this.expression();
      if (this.keyword("AS")) this.path();
    } while (this.sign(","));
  }

  /** `VALUE readings`; but `value` may be a field, too. */
  private selectsValue(): boolean {
    const { at, token } = this;
    try {
      if (this.keyword("VALUE")) {
        this.expression();
        if (this.token.kind === "end" || this.isWord("FROM")) return true;
      }
    } catch {
      // Then it is a field.
    }
    Object.assign(this, { at, token });
    return false;
  }

  /** Operators bind as they like: for the question whether it is SQL, their order does not matter. */
  expression(): void {
    while (this.keyword("NOT") || this.sign("-")) {}
    this.operand();
    if (this.keyword("IN") || this.operator()) this.expression();
  }

  expect(kind: Token["kind"], what: string, text?: string): void {
    if (this.token.kind !== kind || (text !== undefined && this.token.text !== text)) this.fail(what);
    this.token = this.next();
  }

  private operator(): boolean {
    return (
      this.keyword("AND") ||
      this.keyword("OR") ||
      ["+", "-", "*", "/", "%"].some((sign) => this.sign(sign)) ||
      (comparisons.has(this.token.text) && this.token.kind === "sign" && this.sign(this.token.text))
    );
  }

  private operand(): void {
    if (this.keyword("CASE")) this.caseExpression();
    else if (this.keyword("EXISTS")) {
      this.expect("sign", '"("', "(");
      this.query();
      this.expect("sign", '")"', ")");
    } else if (this.sign("(")) {
      if (this.isWord("SELECT")) this.query();
      else this.list();
      this.expect("sign", '")"', ")");
    } else if (this.sign("[")) {
      if (this.token.text !== "]") this.list();
      this.expect("sign", '"]"', "]");
    } else if (this.sign("{")) this.object();
    else if (this.token.kind === "text" || this.token.kind === "number") this.token = this.next();
    else this.nameOrCall();
    while (this.sign(".")) if (!this.sign("*")) this.expect("name", "a name");
  }

  private nameOrCall(): void {
    const isCast = this.isWord("CAST");
    this.identifier("an expression");
    if (!this.sign("(")) return;
    if (isCast) {
      this.expression();
      if (!this.keyword("AS")) this.fail("AS");
      this.expect("name", "a type");
    } else if (this.token.text !== ")") {
      do {
        if (!this.sign("*")) this.expression();
      } while (this.sign(","));
    }
    this.expect("sign", '")"', ")");
  }

  private caseExpression(): void {
    if (!this.isWord("WHEN")) this.expression();
    if (!this.isWord("WHEN")) this.fail("WHEN");
    while (this.keyword("WHEN")) {
      this.expression();
      if (!this.keyword("THEN")) this.fail("THEN");
      this.expression();
    }
    if (this.keyword("ELSE")) this.expression();
    if (!this.keyword("END")) this.fail("END");
  }

  private query(): void {
    if (!this.keyword("SELECT")) this.fail("SELECT");
    this.selectItems();
    if (!this.keyword("FROM")) this.fail("FROM");
    this.path();
    if (this.keyword("AS")) this.identifier("a name");
    if (this.keyword("WHERE")) this.expression();
  }

  private object(): void {
    if (this.sign("}")) return;
    do {
      this.expect("text", "a key in quotes");
      this.expect("sign", '":"', ":");
      this.expression();
    } while (this.sign(","));
    this.expect("sign", '"}"', "}");
  }

  private list(): void {
    do this.expression();
    while (this.sign(","));
  }

  private path(): void {
    this.identifier("a name");
    while (this.sign(".")) this.expect("name", "a name");
  }

  private identifier(what: string): void {
    if (this.token.kind !== "name" || reserved.has(this.token.text.toUpperCase())) this.fail(what);
    this.token = this.next();
  }

  private keyword(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.token = this.next();
    return true;
  }

  private isWord(word: string): boolean {
    return this.token.kind === "name" && this.token.text.toUpperCase() === word;
  }

  private sign(text: string): boolean {
    if (this.token.kind !== "sign" || this.token.text !== text) return false;
    this.token = this.next();
    return true;
  }

  private fail(wanted: string): never {
    const { kind, text } = this.token;
    const advice = foreign[text.toUpperCase()];
    if (advice) throw new Error(`there is no ${text.toUpperCase()} in it; ${advice}`);
    throw new Error(`${wanted} is missing before ${kind === "end" ? "the end" : JSON.stringify(text)}`);
  }

  private next(): Token {
    tokens.lastIndex = this.at;
    const [all = "", name, text, number, sign] = tokens.exec(this.sql) ?? [];
    this.at += all.length;
    if (name !== undefined) return { kind: "name", text: name };
    if (text !== undefined) return { kind: "text", text };
    if (number !== undefined) return { kind: "number", text: number };
    if (sign === undefined || sign.trim() === "") return { kind: "end", text: "" };
    if (sign === "'" || sign === '"') throw new Error(`the text that begins with ${sign} has no end`);
    if (!signs.has(sign) && !(sign in foreign)) throw new Error(`it has a ${JSON.stringify(sign)} in it`);
    return { kind: "sign", text: sign };
  }
}
