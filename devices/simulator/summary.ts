import type { FleetResult, Outcome } from "./fleet";

/** What became of the fleet, group by group, for people. */
export function summaryOf(result: FleetResult): string {
  const { outcomes, seconds, memory, firstDownloads } = result;
  const rows = [["group", "devices", "status", "runs", "why"], ...linesOf(outcomes)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const right = outcomes.filter(({ isRight }) => isRight).length;
  const losses = outcomes.reduce((sum, outcome) => sum + outcome.losses, 0);
  const rate = (outcomes.length / seconds.release).toFixed(1);
  return `${table.join("\n")}

${right} of ${outcomes.length} devices ended as they have to, through ${losses} losses of connection or power.
Released in ${seconds.release.toFixed(1)} s (${rate} devices a second), the first download after ${least(firstDownloads)}.
Things made in ${seconds.things.toFixed(1)} s, devices connected in ${seconds.connected.toFixed(1)} s.
Memory: ${memory.fleet.toFixed(0)} MB for the fleet, ${memory.peak.toFixed(0)} MB the process at its peak.
${result.left.map((what) => `Could not be removed: ${what}\n`).join("")}`;
}

function linesOf(outcomes: readonly Outcome[]): string[][] {
  const counts = new Map<string, { row: string[]; count: number }>();
  for (const { group, status, runs, reason = "", isRight } of outcomes) {
    const row = [group, "", status, runs, `${isRight ? "" : "WRONG: "}${short(reason)}`];
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
