import { asTable } from "../../operations/query/table";
import type { FleetResult } from "./fleet";
import type { Outcome } from "./outcome";

/** What became of the fleet, group by group, for people. */
export function summaryOf(result: FleetResult): string {
  const { release, outcomes, seconds, memory, firstDownloads, left } = result;
  const rows = linesOf(outcomes, release.version);
  const right = outcomes.filter(({ isRight }) => isRight).length;
  const losses = outcomes.reduce((sum, outcome) => sum + outcome.losses, 0);
  const rate = (outcomes.length / seconds.release).toFixed(1);
  return `${asTable(["group", "devices", "status", "runs", "why"], rows)}
${release.app} ${release.version} (${release.jobId}) is ${release.status}${release.reason ? `: ${release.reason}` : ""}
${right} of ${outcomes.length} devices ended as they have to, through ${losses} losses of connection or power.
Released in ${seconds.release.toFixed(1)} s (${rate} devices a second), the first download after ${least(firstDownloads)}.
Things made in ${seconds.things.toFixed(1)} s, devices connected and recorded in ${seconds.connected.toFixed(1)} s.
Memory: ${memory.fleet.toFixed(0)} MB for the fleet, ${memory.peak.toFixed(0)} MB the process at its peak.
${left.map((what) => `Could not be removed: ${what}\n`).join("")}`;
}

function linesOf(outcomes: readonly Outcome[], version: string): string[][] {
  const versions = { released: version, factory: "as made", damaged: "DAMAGED" };
  const counts = new Map<string, { row: string[]; count: number }>();
  for (const { group, status, runs, reason = "", isRight } of outcomes) {
    const row = [group, "", status, versions[runs], `${isRight ? "" : "WRONG: "}${short(reason)}`];
    const entry = counts.get(row.join("\n")) ?? { row, count: 0 };
    entry.count++;
    counts.set(row.join("\n"), entry);
  }
  return [...counts.values()]
    .sort((one, other) => (one.row[0] as string).localeCompare(other.row[0] as string) || other.count - one.count)
    .map(({ row, count }) => [row[0] as string, String(count), ...row.slice(2)]);
}

/** Hashes differ from device to device, and say nothing to a person. */
function short(reason: string): string {
  return reason.replace(/\b([0-9a-f]{8})[0-9a-f]{56}\b/g, "...").slice(0, 120);
}

function least(values: readonly number[]): string {
  return values.length === 0 ? "none" : `${Math.round(Math.min(...values))} ms`;
}
