import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Colours a text where somebody sees it: on a terminal, unless NO_COLOR (https://no-color.org) says otherwise. */
export function paint(style: Style, text: string, stream: { isTTY?: boolean } = process.stdout): string {
  return stream.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text;
}
