import { readArguments, UsageError } from "../../common/commandLine";
import type { RolloutSettings } from "../../functions/firmware/rolloutSettings";

export const help = `Releases firmware to the devices that run something older, and shows how they take it.

Usage: npm run release -- <command> [options]

  publish <app> <version> <file>  uploads the file, starts the release, and follows it to its end
  rollback <app> <version>        takes devices of a higher version back to one that was released before
  follow <app> [version|job]      follows a release that is under way
  status [app] [version|job]      lists releases, or tells of one: counts, and who did not take it, and why
  cancel <app> [version|job]      stops the one under way; devices that have not begun never do

  --rate <n>              devices told per minute, 1 to 1000
  --abort <percent[:n]>   stops when this share of devices failed, once n are done (default 1); e.g. 10:20
  --timeout <minutes>     that a device may be at it, 1 to 10080
  --retries <n>           tries of a device that failed or timed out, 0 to 10
  --continuous            devices that come later get it, too, until it is canceled or the next release starts
  --force                 with cancel: devices in the middle of it are told to stop, too
  --detach                starts and ends at once, without following
  --stack <name>          a stack in an AWS account; default: the local cloud that npm start runs
  --json                  prints one JSON object
  --help                  print this

What is not said is as the stack's FirmwareRollout has it. Exits with 0 when every device took it, 1 when one did not or
the release was refused, canceled or failed, 2 for a mistake in the call.

  npm run release -- publish firmware 2.0 build/firmware.bin --rate 50 --abort 10:20
`;

const argumentsOf: Readonly<Record<string, readonly [least: number, most: number]>> = {
  publish: [3, 3],
  rollback: [2, 2],
  follow: [1, 2],
  status: [0, 2],
  cancel: [1, 2],
};

/** What a call of `npm run release` says. */
export interface Call {
  readonly command: string;
  readonly rest: readonly string[];
  readonly stack: string | undefined;
  /** The rollout's settings that were said; undefined when none was. Their limits are checked with the release file. */
  readonly rollout: RolloutSettings | undefined;
  readonly force: boolean;
  readonly detach: boolean;
  readonly json: boolean;
}

/** The options of a rollout, as they are typed. */
export interface RolloutOptions {
  readonly rate?: string;
  readonly abort?: string;
  readonly timeout?: string;
  readonly retries?: string;
  readonly continuous?: boolean;
}

/** Reads the command line; undefined asks for help. @throws UsageError */
export function readCall(args: readonly string[]): Call | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [command, ...rest] = positionals;
  const counts = argumentsOf[command ?? ""];
  if (!command || !counts) {
    throw new UsageError(`name a command: ${Object.keys(argumentsOf).join(", ")}${command ? `; not ${command}` : ""}`);
  }
  if (rest.length < counts[0] || rest.length > counts[1]) {
    const usage = help.split("\n").find((line) => line.startsWith(`  ${command} `)) as string;
    throw new UsageError(`${command} takes other arguments:${usage.replace(/ {2,}/g, "  ")}`);
  }
  const { stack, force, detach, json } = values;
  return { command, rest, stack, force, detach, json, rollout: settingsOf(values) };
}

/**
 * The rollout that a command line asks for; undefined when it says nothing of it.
 * @throws UsageError
 */
export function settingsOf(values: RolloutOptions): RolloutSettings | undefined {
  const settings = {
    ...(values.rate !== undefined && { maximumPerMinute: numberOf("--rate", values.rate) }),
    ...(values.timeout !== undefined && { timeoutInMinutes: numberOf("--timeout", values.timeout) }),
    ...(values.retries !== undefined && { retries: numberOf("--retries", values.retries) }),
    ...(values.abort !== undefined && { abort: [criterionOf(values.abort)] }),
    ...(values.continuous && { continuous: true }),
  };
  return Object.keys(settings).length > 0 ? settings : undefined;
}

function criterionOf(text: string) {
  const [percent = "", least = "1"] = text.split(":");
  return {
    failureType: "ALL" as const,
    thresholdPercentage: numberOf("--abort", percent),
    minNumberOfExecutedThings: numberOf("--abort", least),
  };
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value))
    throw new UsageError(`${option} must be a number, not ${text || "nothing"}`);
  return value;
}

const parse = (args: readonly string[]) =>
  readArguments("release", args, {
    rate: { type: "string" },
    abort: { type: "string" },
    timeout: { type: "string" },
    retries: { type: "string" },
    continuous: { type: "boolean", default: false },
    force: { type: "boolean", default: false },
    detach: { type: "boolean", default: false },
    stack: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  });
