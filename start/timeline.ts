import { paint } from "../common/paint";

/** Who speaks in the timeline; each has a colour. */
export type Voice = "device" | "rule" | "loop" | "reminder" | "failure" | "app" | "store" | "release";

const colours = {
  device: "cyan",
  rule: "blue",
  loop: "magenta",
  reminder: "yellow",
  failure: "red",
  app: "green",
  store: "white",
  release: "greenBright",
} as const;

/** What happens, a line each, as it happens: seconds since the start, who, and what. */
export class Timeline {
  private readonly start = Date.now();

  /** @param write Takes a line; nothing is printed without it (`--json`). */
  constructor(private readonly write: (line: string) => void) {}

  say(voice: Voice, who: string, what: string): void {
    const seconds = ((Date.now() - this.start) / 1000).toFixed(2).padStart(7);
    this.write(`${paint("dim", `${seconds} s`)}  ${paint(colours[voice], voice.padEnd(8))}  ${who.padEnd(9)} ${what}`);
  }
}
