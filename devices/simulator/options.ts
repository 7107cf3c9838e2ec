import * as path from "node:path";
import { readArguments, UsageError } from "../../common/commandLine";
import { versionProblem } from "../../functions/firmware/builds";
import type { RolloutSettings } from "../../functions/firmware/rolloutSettings";
import { settingsOf } from "../../operations/release/options";
import { type FaultName, faultNames, readFaults } from "./faults";

const faultLines = Object.entries(faultNames).map(([name, what]) => `  ${name.padEnd(8)} ${what}`);

export const help = `Simulates a fleet: real device agents, connected over mTLS, that take a release of the stack's FirmwareRollout while things
go wrong.

Usage: npm run simulate -- [options]

  --devices <n>           how many, 1 to 5000 (default: 50)
  --faults <shares>       which faults, and for which share of the fleet, e.g. offline=0.1,corrupt=0.05 (default: none)
  --seed <n>              decides which device has which fault and when; the same seed is the same fleet (default: 1)
  --release <version>     what is released (default: the next after the last one)
  --size <bytes>          of the image that is released (default: 65536)
  --rate <n>              devices told per minute, 1 to 1000 (default: as the stack has it)
  --abort <percent[:n]>   stops the release when this share of devices failed, once n are done (default: never)
  --timeout <s>           whoever is not done by then is late, and the release is canceled (default: 300)
  --stack <name>          a stack in an AWS account, with your AWS credentials (default: the local cloud that npm start runs)
  --outputs <file>        another local cloud than that one: its outputs.json, as its npm start prints it
  --json                  print nothing but one JSON object, at the end
  --help                  print this

Faults; a device has one at most:

${faultLines.join("\n")}

The release is one of the app "simulated", which the stack has to name in thingstack:apps: it reaches simulated things and no
others. They are removed at the end, also after Ctrl-C, with their certificate and shadows; what an earlier simulation could
not remove is removed first. The release stays in the stack's records as any other does, and its alarms and notices are real.

Exits with 0 when every device ended as it has to, with its disk, its word and the cloud's records agreeing; 1 when one did
not, or there was nothing to simulate against; 2 for a mistake in the call; 130 after Ctrl-C.
`;

export interface SimulateOptions {
  readonly devices: number;
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  readonly seed: number;
  readonly release: string | undefined;
  readonly rollout: RolloutSettings | undefined;
  readonly imageSize: number;
  readonly timeout: number;
  readonly stack: string | undefined;
  /** Where an outputs.json lies. */
  readonly outputsFolder: string | undefined;
  readonly json: boolean;
}

/** What the command line asks for; `undefined` for `--help`. @throws UsageError */
export function readOptions(args: readonly string[]): SimulateOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  if (positionals.length > 0) throw new UsageError(`${positionals[0]} belongs to no option. ${where}`);
  const { rate, abort, release, stack, outputs, json = false } = values;
  if (stack !== undefined && outputs !== undefined) throw new UsageError("--stack and --outputs exclude each other");
  if (outputs !== undefined && path.basename(outputs) !== "outputs.json") {
    throw new UsageError(`--outputs ${outputs} is no outputs.json; npm start prints where its own is`);
  }
  const problem = release === undefined ? undefined : versionProblem(release);
  if (problem) throw new UsageError(`--release: ${problem}`);
  return {
    devices: whole("--devices", values.devices, 50, 1, 5000),
    faults: faultsOf(values.faults ?? ""),
    seed: whole("--seed", values.seed, 1, 0, 1_000_000),
    release,
    rollout: settingsOf({ rate, abort }),
    imageSize: whole("--size", values.size, 65_536, 1, 100_000_000),
    timeout: whole("--timeout", values.timeout, 300, 1, 86_400),
    stack,
    outputsFolder: outputs && path.dirname(path.resolve(outputs)),
    json,
  };
}

const where = "npm run simulate -- --help tells what there is.";

const parse = (args: readonly string[]) =>
  readArguments("simulate", args, {
    devices: { type: "string" },
    faults: { type: "string" },
    seed: { type: "string" },
    release: { type: "string" },
    size: { type: "string" },
    rate: { type: "string" },
    abort: { type: "string" },
    timeout: { type: "string" },
    stack: { type: "string" },
    outputs: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });

function faultsOf(text: string) {
  try {
    return readFaults(text);
  } catch (error) {
    throw new UsageError(`--faults: ${(error as Error).message}`);
  }
}

function whole(option: string, text: string | undefined, usual: number, low: number, high: number): number {
  if (text === undefined) return usual;
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < low || value > high) {
    throw new UsageError(`${option} must be a whole number from ${low} to ${high}, not ${text}`);
  }
  return value;
}
