/**
 * The fleet query behind what a person types: a plain word finds names that begin with it; what looks like a query goes as
 * it is. {@link https://docs.aws.amazon.com/iot/latest/developerguide/query-syntax.html}
 */
export function thingQuery(typed: string): string | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  return /^[\w-]+$/.test(text) ? `thingName:${text}*` : text;
}
