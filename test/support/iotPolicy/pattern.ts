/** Looks up a policy variable; `undefined` when it has no value for this connection. */
export type Resolve = (variable: string) => string | undefined;

/** What a text of a policy means once its variables are replaced. */
export type Pattern =
  | { readonly matches: (value: string) => boolean; readonly unresolved?: undefined }
  | { readonly unresolved: string };

/** `${name}`, or one of the wildcards. `${*}`, `${?}` and `${$}` stand for the plain characters. */
const special = /\$\{([^}]*)\}|[*?]/g;

/**
 * Reads a text of a policy with its wildcards: `*` is any run of characters, slashes included, `?` is one character;
 * the wildcards of MQTT, `+` and `#`, are ordinary characters.
 *
 * The value of a variable is taken literally: a client that calls itself `*` gains nothing by it.
 */
export function readPattern(text: string, resolve: Resolve): Pattern {
  return build(text, resolve, (character) => (character === "*" ? "[\\s\\S]*" : "[\\s\\S]"));
}

/** Like `readPattern`, for the operators that know no wildcards: `*` and `?` are ordinary characters. */
export function readLiteral(text: string, resolve: Resolve, flags = ""): Pattern {
  return build(text, resolve, literally, flags);
}

function build(text: string, resolve: Resolve, wildcard: (character: string) => string, flags = ""): Pattern {
  let source = "";
  let position = 0;
  for (const match of text.matchAll(special)) {
    source += literally(text.slice(position, match.index));
    position = match.index + match[0].length;
    const variable = match[1];
    if (variable === undefined) {
      source += wildcard(match[0]);
    } else {
      const value = "*?$".includes(variable) && variable.length === 1 ? variable : resolve(variable);
      if (value === undefined) return { unresolved: variable };
      source += literally(value);
    }
  }
  const expression = new RegExp(`^${source}${literally(text.slice(position))}$`, flags);
  return { matches: (value) => expression.test(value) };
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
