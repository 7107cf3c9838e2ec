import { DescribeEndpointCommand, IoTClient } from "@aws-sdk/client-iot";
import { type Place, placeOf } from "../operations/place";
import { UsageError } from "./cli/options";
import { runFleet } from "./simulator/fleet";
import { help, readOptions, type SimulateOptions } from "./simulator/options";
import { summaryOf } from "./simulator/summary";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** Seconds between lines where no line can be written over. */
const lineInterval = 10;

async function main(args: readonly string[]): Promise<number> {
  let options: SimulateOptions | undefined;
  try {
    options = readOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}. See --help.\n`);
    return 2;
  }
  if (!options) {
    process.stdout.write(help);
    return 0;
  }
  let place: Place;
  try {
    place = placeOf(options.stack);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 3;
  }
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  const progress = new ProgressLine(!options.json);
  const result = await runFleet({
    ...options,
    aws: place.aws,
    mqtt: place.local?.mqtt ?? { host: await endpointOf(place) },
    signal: interrupted.signal,
    onPhase: (text) => progress.show(`${text} ...`, true),
    onProgress: (states, seconds) => progress.show(lineOf(states, seconds)),
  });
  progress.end();
  process.stdout.write(options.json ? `${JSON.stringify({ ...options, ...result })}\n` : summaryOf(result));
  return result.outcomes.every(({ isRight }) => isRight) && result.left.length === 0 ? 0 : 1;
}

async function endpointOf(place: Place): Promise<string> {
  const { endpointAddress } = await new IoTClient(place.aws).send(
    new DescribeEndpointCommand({ endpointType: "iot:Data-ATS" }),
  );
  return endpointAddress as string;
}

function lineOf(states: Readonly<Record<string, number>>, seconds: number): string {
  const parts = Object.entries(states).sort(([, one], [, other]) => other - one);
  return `${seconds.toFixed(1).padStart(6)} s  ${parts.map(([state, count]) => `${count} ${state}`).join(", ")}`;
}

/** One line on a terminal, written over again and again; elsewhere a line now and then. */
class ProgressLine {
  private last = 0;

  constructor(private readonly isWanted: boolean) {}

  show(text: string, always = false): void {
    if (!this.isWanted) return;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    } else if (always || performance.now() - this.last > lineInterval * 1000) {
      this.last = performance.now();
      process.stderr.write(`${text}\n`);
    }
  }

  end(): void {
    if (this.isWanted && process.stderr.isTTY) process.stderr.write("\r\x1b[2K");
  }
}

main(process.argv.slice(2)).then(
  // The device SDK would keep the process for a while.
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error?.stack ?? error}\n`);
    process.exit(1);
  },
);
