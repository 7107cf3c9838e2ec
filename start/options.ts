import { parseArgs } from "node:util";
import { UsageError } from "../common/commandLine";

export interface Options {
  readonly once: boolean;
  readonly json: boolean;
  readonly speed: number;
  readonly port: number | undefined;
  readonly mqttPort: number | undefined;
  readonly verbose: boolean;
  readonly help: boolean;
}

export const help = `Runs the backend on this machine: the real program on a local cloud, with real devices over mTLS.

Usage: npm start -- [options]

  --once             run the scenario, print the outcome, and end: exit code 0 only if all of it happened
  --json             print nothing but one JSON object as the last line (with --once)
  --speed <factor>   how much faster than configured reminders come, from 1; default 300, so 5 minutes take 1 second
  --port <port>      port of the AWS endpoint; default: a free one
  --mqtt-port <port> port of the MQTT broker; default: a free one
  --verbose          print each resource as it is made
  --help             print this

Needs Node 20 or newer, and Python 3.10 or newer or Docker. Ctrl-C ends everything it started.
`;

/** Reads the command line. @throws UsageError naming the option */
export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  const speed = numberOf("--speed", values.speed ?? "300");
  if (!(speed >= 1 && speed <= 1_000_000)) {
    throw new UsageError(`--speed must be a number from 1 to 1000000, not ${values.speed}`);
  }
  if (values.json && !values.once) throw new UsageError("--json goes with --once: without an end there is no outcome");
  return {
    once: values.once ?? false,
    json: values.json ?? false,
    speed,
    port: portOf("--port", values.port),
    mqttPort: portOf("--mqtt-port", values["mqtt-port"]),
    verbose: values.verbose ?? false,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: "boolean" },
        json: { type: "boolean" },
        speed: { type: "string" },
        port: { type: "string" },
        "mqtt-port": { type: "string" },
        verbose: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}. npm start -- --help tells what there is.`);
  }
}

function portOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = numberOf(option, text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new UsageError(`${option} must be a port from 1 to 65535, not ${text}`);
  }
  return port;
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new UsageError(`${option} must be a number, not ${text}`);
  return value;
}
