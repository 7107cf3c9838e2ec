import { runCommand } from "../common/commandLine";
import { help, readOptions, type SimulateOptions } from "./simulator/options";

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (!options) {
    process.stdout.write(help);
    return 0;
  }
  // Only now: the SDKs take longer to load than a mistake to answer.
  const { localPlace, placeOf } = await import("../operations/place");
  const { outputsFolder, stack } = options;
  return simulate(options, outputsFolder === undefined ? placeOf(stack) : localPlace(outputsFolder));
}

async function simulate(options: SimulateOptions, place: import("../operations/place").Place): Promise<number> {
  const { Interrupted, runFleet } = await import("./simulator/fleet");
  const { progressLine } = await import("../operations/release/progress");
  const { dataEndpointOf } = await import("../operations/dataEndpoint");
  const { summaryOf } = await import("./simulator/summary");
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
  const progress = new ProgressLine(!options.json);
  try {
    const result = await runFleet({
      ...options,
      place,
      mqtt: place.local?.mqtt ?? { host: await dataEndpointOf(place) },
      signal: interrupted.signal,
      onPhase: (text) => progress.show(`${text} ...`, true),
      onProgress: (release, counts) => progress.show(progressLine(release, counts)),
    });
    progress.end();
    process.stdout.write(options.json ? `${JSON.stringify({ ...options, ...result })}\n` : summaryOf(result));
    return result.outcomes.every(({ isRight }) => isRight) && result.left.length === 0 ? 0 : 1;
  } catch (error) {
    progress.end();
    if (!(error instanceof Interrupted)) throw error;
    const { left } = error;
    process.stderr.write(
      `Interrupted. ${left.length === 0 ? "What was made is removed." : `Left: ${left.join("; ")}`}\n`,
    );
    return 130;
  }
}

/** Milliseconds between lines where no line can be written over. */
const lineInterval = 10_000;

/** One line on a terminal, written over again and again; elsewhere a line now and then. */
class ProgressLine {
  private last = 0;

  constructor(private readonly isWanted: boolean) {}

  show(text: string, always = false): void {
    if (!this.isWanted) return;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    } else if (always || performance.now() - this.last > lineInterval) {
      this.last = performance.now();
      process.stderr.write(`${text}\n`);
    }
  }

  end(): void {
    if (this.isWanted && process.stderr.isTTY) process.stderr.write("\r\x1b[2K");
  }
}

runCommand(main);
