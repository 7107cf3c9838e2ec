import { parseArgs } from "node:util";
import { UsageError } from "../cli/options";
import { type FaultName, faultNames, readFaults } from "./faults";

const faultLines = Object.entries(faultNames).map(([name, what]) => `  ${name.padEnd(8)} ${what}`);

export const help = `Simulates a fleet: real device agents, connected over mTLS, that take a release while things go wrong.

Usage: npm run simulate -- [options]

  --devices <n>      how many, 1 to 5000 (default: 50)
  --faults <shares>  which faults, and for which share of the fleet, e.g. offline=0.1,corrupt=0.05 (default: none)
  --seed <n>         decides which device has which fault and when; the same seed is the same fleet (default: 1)
  --size <bytes>     of the image that is released (default: 65536)
  --timeout <s>      whoever is not done by then is late (default: 300)
  --stack <name>     a stack in an AWS account, with your AWS credentials (default: the local cloud that npm start runs)
  --json             print nothing but one JSON object, at the end
  --help             print this

Faults; a device has one at most:

${faultLines.join("\n")}

It makes things, one certificate, a group, a policy, a bucket, a role and a job, all named simulated-<seed>..., and removes
them at the end, also after Ctrl-C.

Exit code: 0 when every device ended as it has to, with the cloud and its disk agreeing; 1 when one did not; 2 for wrong
usage; 3 when there is no cloud to simulate against.
`;

export interface SimulateOptions {
  readonly devices: number;
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  readonly seed: number;
  readonly imageSize: number;
  readonly timeout: number;
  readonly stack: string | undefined;
  readonly json: boolean;
}

/** What the command line asks for; `undefined` for `--help`. @throws UsageError */
export function readOptions(args: readonly string[]): SimulateOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  return {
    devices: whole("--devices", values.devices, 50, 1, 5000),
    faults: faultsOf(values.faults ?? ""),
    seed: whole("--seed", values.seed, 1, 0, 1_000_000),
    imageSize: whole("--size", values.size, 65_536, 1, 100_000_000),
    timeout: whole("--timeout", values.timeout, 300, 1, 86_400),
    stack: values.stack,
    json: values.json ?? false,
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = { devices: text, faults: text, seed: text, size: text, timeout: text, stack: text };
  try {
    return parseArgs({ args: [...args], options: { ...options, json: flag, help: flag } }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

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
