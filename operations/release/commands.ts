import { paint } from "../../common/paint";
import type { Release, ReleaseCounts } from "../../functions/firmware/releases";
import type { Place } from "../place";
import { asTable } from "../query/table";
import { type Followed, follow, takenUp } from "./follow";
import type { Call } from "./options";
import { countsLine, failureLines, progressLine, sums } from "./progress";
import { publish, rollback } from "./publish";
import { Releases } from "./releases";

/** What `npm run release` does on a stack; each command prints, and tells its exit code. */
export function commands(place: Place, options: Pick<Call, "rollout" | "force" | "detach" | "json">) {
  const releases = new Releases(place);
  const print = (text: string) => void (options.json || process.stdout.write(text));
  const tell = (result: object) => void (options.json && process.stdout.write(`${JSON.stringify(result)}\n`));
  const live = new LiveLine(print);

  const all: Record<string, (...args: string[]) => Promise<number>> = {
    async publish(app, version, file) {
      print(`Uploading ${file}\n`);
      return started(app!, await publish(place, releases.outputs, { app: app!, version: version!, ...said }, file!));
    },
    async rollback(app, version) {
      return started(app!, await rollback(place, releases.outputs, { app: app!, version: version!, ...said }));
    },
    async follow(app, which) {
      return ended(await follow(releases, await releases.find(app!, which), show));
    },
    async cancel(app, which) {
      const release = await releases.find(app!, which);
      await releases.cancel(release, options.force);
      return ended(await follow(releases, release, show, { canceled: true }), true);
    },
    async status(app, which) {
      return which ? one(app!, which) : list(app);
    },
  };
  const said = { rollout: options.rollout };

  async function started(app: string, source: string): Promise<number> {
    const release = await takenUp(releases, app, source);
    if (!options.detach) return ended(await follow(releases, release, show));
    print(`${release.jobId} is ${release.status}; npm run release -- follow ${app} shows how it goes on\n`);
    tell(release);
    return release.status === "REFUSED" ? 1 : 0;
  }

  function show(release: Release, counts: ReleaseCounts | undefined): void {
    live.show(progressLine(release, counts));
  }

  /** @param canceled whether CANCELED is what the user wanted */
  async function ended({ release, counts, open }: Followed, canceled = false): Promise<number> {
    live.end();
    const failures = counts ? await releases.failuresOf(release) : [];
    const { app, version, jobId, status, reason } = release;
    const { all = 0, failed = 0 } = counts ? sums(counts) : {};
    const good = canceled ? status === "CANCELED" : (status === "COMPLETED" || open) && failed === 0;
    const verdict = open
      ? `${app} ${version} is with all who are there, and stays open for those who come later`
      : status === "COMPLETED" && all === 0
        ? `${app} ${version} reached 0 devices: none runs anything older`
        : `${app} ${version}: ${status}`;
    print(`${paint(good ? ["bold", "green"] : ["bold", "red"], verdict)}  (${jobId})\n`);
    if (counts && all > 0) print(`  ${countsLine(counts)}\n`);
    if (reason) print(`${reason.replace(/^/gm, "  ")}\n`);
    for (const line of failureLines(failures)) print(`  ✗ ${line}\n`);
    tell({ release, counts, open, failures });
    return good ? 0 : 1;
  }

  async function one(app: string, which: string): Promise<number> {
    const release = await releases.find(app, which);
    const counts = (await releases.countsOf(release)) ?? release.counts;
    const failures = await releases.failuresOf(release);
    print(`${progressLine(release, counts)}\n  ${release.status}, started ${release.startedAt}  (${release.jobId})\n`);
    if (release.reason) print(`${release.reason.replace(/^/gm, "  ")}\n`);
    for (const line of failureLines(failures)) print(`  ✗ ${line}\n`);
    tell({ release, counts, failures });
    return 0;
  }

  async function list(app?: string): Promise<number> {
    const found = (await Promise.all((app ? [app] : releases.outputs.apps).map((each) => releases.of(each)))).flat();
    const rows = found.map(({ app, version, status, startedAt, jobId, counts, reason }) => [
      app,
      version,
      status,
      startedAt,
      jobId,
      counts ? countsLine(counts) : (reason?.split("\n")[0] ?? ""),
    ]);
    print(asTable(["app", "version", "status", "started", "job", "devices"], rows));
    tell(found);
    return 0;
  }

  return { run: (command: string, args: readonly string[]) => all[command]!(...args) };
}

/** A line that is written over on a terminal, and line after line elsewhere. */
class LiveLine {
  private readonly rewritten = process.stdout.isTTY === true;

  constructor(private readonly print: (text: string) => void) {}

  show(line: string): void {
    this.print(this.rewritten ? `\r\x1b[2K${line}` : `${line}\n`);
  }

  end(): void {
    if (this.rewritten) this.print("\r\x1b[2K");
  }
}
