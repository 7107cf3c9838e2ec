import type { DeviceResult, Release, ReleaseCounts } from "../../functions/firmware/releases";

/** What a release's devices are at, in a line: a bar, and how many of each. */
export function progressLine({ app, version, status }: Release, counts: ReleaseCounts | undefined, width = 24): string {
  const title = `${app} ${version}`;
  if (!counts) return `${title}  ${words[status] ?? status.toLowerCase()}`;
  const { all, done } = sums(counts);
  const filled = all === 0 ? width : Math.floor((done / all) * width);
  const bar = "█".repeat(filled) + "░".repeat(width - filled);
  return `${title}  ${bar} ${done}/${all}  ${countsLine(counts)}`;
}

/** `queued 3, in progress 5, succeeded 10`: what there is of each, and always how many succeeded. */
export function countsLine(counts: ReleaseCounts): string {
  return names
    .filter(([key]) => counts[key] > 0 || key === "succeeded")
    .map(([key, name]) => `${name} ${counts[key]}`)
    .join(", ");
}

/** How many there are, how many are at an end, and how many of those did not take it. */
export function sums(counts: ReleaseCounts): { all: number; done: number; failed: number } {
  const { queued, inProgress, ...ended } = counts;
  const done = Object.values(ended).reduce((sum, count) => sum + count, 0);
  return { all: done + queued + inProgress, done, failed: ended.failed + ended.rejected + ended.timedOut };
}

/** Devices that did not take it, by reason, the most frequent first; at most ten names each. */
export function failureLines(failures: readonly DeviceResult[]): string[] {
  const groups = new Map<string, string[]>();
  for (const { status, reason, thingName } of failures) {
    const key = `${status.toLowerCase().replace("_", " ")}: ${reason}`;
    groups.set(key, [...(groups.get(key) ?? []), thingName]);
  }
  return [...groups]
    .sort(([, one], [, other]) => other.length - one.length)
    .map(([reason, things]) => {
      const shown = things.sort().slice(0, 10).join(", ");
      return `${things.length} ${reason} (${shown}${things.length > 10 ? ", ..." : ""})`;
    });
}

const words: Partial<Record<Release["status"], string>> = {
  CHECKING: "checking the artifact",
  WAITING_FOR_GROUP: "waiting until the group of devices is ready",
  IN_PROGRESS: "starting the job",
};

const names: readonly [keyof ReleaseCounts, string][] = [
  ["queued", "queued"],
  ["inProgress", "in progress"],
  ["succeeded", "succeeded"],
  ["failed", "failed"],
  ["rejected", "rejected"],
  ["timedOut", "timed out"],
  ["canceled", "canceled"],
  ["removed", "removed"],
];
