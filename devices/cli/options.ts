import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parseArgs } from "node:util";
import type { DeviceOptions } from "../deviceOptions";

export const help = `Connects as a device, prints what is desired of it, and does what you type.

Usage: npm run device -- --thing <name> [options]

  --thing <name>       the thing; its name is the client id
  --outputs <file>     where to connect and with what, as npm start writes it (default: .sandbox/outputs.json)
  --endpoint <host>    instead of --outputs: the endpoint, as host or host:port (port: 8883)
  --cert <file>        with --endpoint: the device's certificate, PEM
  --key <file>         with --endpoint: its private key, PEM
  --ca <file>          with --endpoint: the CA of the endpoint, PEM (default: what the system trusts; fine for AWS)
  --apps <folder>      take updates of the apps that have a folder in it; their images and progress are kept there
  --queue <folder>     keep what waits for a connection there, over a restart and a loss of power (default: the folder of
                       --apps; without one, in memory)
  --shadow <name>      use this named shadow instead of the classic one
  --help               print this

Lines it understands:

  report {"temperature": 21}       report state to the shadow
  get                              print the shadow
  publish <topic> {"any": "json"}  send a message; $thing in the topic is the thing's name
  subscribe <filter>               print the messages to a topic filter
  quit                             or end of input: wait for what is under way, and leave

Exit code: 0 when all went well, 1 when a line failed, 2 for wrong usage, 3 when it could not connect.
`;

/** The command line is wrong; `message` says how. */
export class UsageError extends Error {}

export interface CliOptions extends Omit<DeviceOptions, "thingName"> {
  readonly thingName: string;
  readonly shadowName?: string;
  /** Where the device's apps lie. */
  readonly appsFolder?: string;
}

/**
 * What the command line asks for; `undefined` for `--help`.
 *
 * @throws UsageError
 */
export function readOptions(args: readonly string[], folder = process.cwd()): CliOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const { thing: thingName, shadow: shadowName } = values;
  if (!thingName) throw new UsageError("--thing is missing: which device to be");
  const appsFolder = values.apps === undefined ? undefined : path.resolve(folder, values.apps);
  const queueFolder = values.queue === undefined ? appsFolder : path.resolve(folder, values.queue);
  const what = {
    ...{ thingName, shadowName },
    ...(appsFolder === undefined ? {} : { appsFolder }),
    ...(queueFolder === undefined ? {} : { queueFolder }),
  };
  if (values.endpoint === undefined) {
    const stray = (["cert", "key", "ca"] as const).find((name) => values[name] !== undefined);
    if (stray) throw new UsageError(`--${stray} goes with --endpoint`);
    const file = path.resolve(folder, values.outputs ?? path.join(".sandbox", "outputs.json"));
    return { ...what, ...fromOutputs(file, thingName) };
  }
  if (values.outputs !== undefined) throw new UsageError("--endpoint and --outputs exclude each other");
  if (!values.cert || !values.key) throw new UsageError("--endpoint needs --cert and --key");
  const { cert: certificatePath, key: keyPath, ca: caPath } = values;
  return { ...what, ...readEndpoint(values.endpoint), certificatePath, keyPath, caPath };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    const options = { thing: text, outputs: text, endpoint: text, cert: text, key: text, ca: text, shadow: text };
    return parseArgs({ args: [...args], options: { ...options, apps: text, queue: text, help: { type: "boolean" } } })
      .values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readEndpoint(endpoint: string): { host: string; port?: number } {
  const [, host = "", port] = /^([^:]*)(?::(\d+))?$/.exec(endpoint) ?? [];
  if (host === "" || (port !== undefined && (Number(port) < 1 || Number(port) > 65535))) {
    throw new UsageError(`--endpoint ${endpoint} is not a host or host:port`);
  }
  return { host, ...(port === undefined ? {} : { port: Number(port) }) };
}

interface Outputs {
  readonly mqtt: { readonly host: string; readonly port: number; readonly caPath?: string };
  readonly devices: readonly {
    readonly thingName: string;
    readonly certificatePath: string;
    readonly keyPath: string;
  }[];
}

function fromOutputs(file: string, thingName: string): Omit<CliOptions, "thingName"> {
  if (!existsSync(file)) {
    throw new UsageError(`${file} does not exist: run npm start in another terminal first, or give --endpoint`);
  }
  let outputs: Partial<Outputs>;
  try {
    outputs = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}`);
  }
  const { mqtt, devices } = outputs;
  if (!mqtt || !Array.isArray(devices))
    throw new UsageError(`${file} has no mqtt and devices, as npm start writes them`);
  const device = devices.find((one) => one.thingName === thingName);
  if (!device) {
    throw new UsageError(
      `${file} knows no device ${thingName}; it has ${devices.map((one) => one.thingName).join(", ")}`,
    );
  }
  const { host, port, caPath } = mqtt;
  return { host, port, caPath, certificatePath: device.certificatePath, keyPath: device.keyPath };
}
