import type { Message } from "./message";
import { compileExpression } from "./sql/compile";
import { parseTemplate } from "./sql/parse";
import { toText, UNDEFINED } from "./sql/values";

/** A text with `${expression}` in it, ready to be filled in from the message as it was published. */
export type Template = (message: Message) => string;

/**
 * Aliases of the SELECT are not seen, and what is Undefined leaves nothing behind.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-substitution-templates.html
 * @throws SqlParseError
 */
export function compileTemplate(text: string, warnings: string[]): Template {
  const parts = parseTemplate(text).map((part) =>
    typeof part === "string" ? part : compileExpression(part, warnings),
  );
  return (message) => {
    let filled = "";
    for (const part of parts) {
      if (typeof part === "string") filled += part;
      else {
        const value = part(message, message.json);
        const valueText = value === null ? "null" : toText(value);
        if (valueText !== UNDEFINED) filled += valueText;
      }
    }
    return filled;
  };
}
