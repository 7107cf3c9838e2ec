import { spawnSync } from "node:child_process";
import { chromium } from "../console/support/chromium";

/** A group of test files that needs the same things. */
export interface Suite {
  readonly name: string;
  readonly what: string;
  /** Where its `*.test.ts` are. */
  readonly folder: string;
  /** Ends the process when the tests are through: the device SDK's native threads would keep it for a while. */
  readonly exit?: boolean;
  /** In how many processes its files are run. @default 1 */
  readonly processes?: number | "one per file";
  /** The files that take longest, to begin with. */
  readonly long?: readonly string[];
  /** What this machine lacks to run it, and how to get it; undefined when nothing. */
  missing(): string | undefined;
}

const nothing = () => undefined;

/** What the local cloud lacks on this machine. */
const noLocalCloud = () =>
  ["python3.13", "python3.12", "python3.11", "python3.10", "python3", "python", "docker"].some(runs)
    ? undefined
    : "it needs Python 3.10 or newer (https://www.python.org/downloads) or Docker";

export const suites: readonly Suite[] = [
  {
    name: "unit",
    what: "pure cores, by tables",
    folder: "test/unit",
    exit: true,
    missing: nothing,
  },
  {
    name: "components",
    what: "what components register, and the functions as Lambda runs them",
    folder: "test/components",
    processes: 2,
    missing: nothing,
  },
  {
    name: "policies",
    what: "the policy packs",
    folder: "test/policies",
    processes: 2,
    missing: nothing,
  },
  {
    name: "e2e",
    what: "the program on the local cloud, with devices over mTLS",
    folder: "test/e2e",
    exit: true,
    // Each has a local cloud of its own, and waits more than it works.
    processes: "one per file",
    long: ["start.test.ts", "alarms.test.ts", "reminder.test.ts"],
    missing: noLocalCloud,
  },
  {
    name: "console",
    what: "the console in a real browser, on the local cloud",
    folder: "test/console",
    exit: true,
    missing: () =>
      chromium() === undefined
        ? "there is no Chromium or Chrome on PATH (CHROMIUM may name one; on Debian: apt-get install chromium)"
        : noLocalCloud(),
  },
  {
    name: "engine",
    what: "the real Pulumi engine",
    folder: "test/engine",
    exit: true,
    processes: "one per file",
    long: ["wholeStack.test.ts"],
    missing: () =>
      runs("pulumi") ? undefined : "there is no Pulumi CLI on PATH (https://www.pulumi.com/docs/install)",
  },
];

function runs(command: string): boolean {
  return spawnSync(command, command === "pulumi" ? ["version"] : ["--version"], { stdio: "ignore" }).status === 0;
}
