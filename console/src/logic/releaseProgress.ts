import type { ReleaseCounts } from "../api/types";

/** A part of a release's bar. */
export interface Segment {
  readonly kind: "succeeded" | "failed" | "inProgress" | "queued";
  readonly count: number;
  /** 0 to 1: where it begins, and how long it is. */
  readonly start: number;
  readonly length: number;
}

/** How far a release has come, by device; undefined while no device has it. */
export function releaseProgress(counts: Partial<ReleaseCounts> | undefined): {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly segments: readonly Segment[];
} {
  const { succeeded = 0, inProgress = 0, queued = 0, failed = 0 } = counts ?? {};
  const { rejected = 0, timedOut = 0, canceled = 0, removed = 0 } = counts ?? {};
  const lost = failed + rejected + timedOut + canceled + removed;
  const total = succeeded + lost + inProgress + queued;
  const parts = [
    ["succeeded", succeeded],
    ["failed", lost],
    ["inProgress", inProgress],
    ["queued", queued],
  ] as const;
  let start = 0;
  const segments = parts.flatMap(([kind, count]) => {
    const segment = { kind, count, start, length: total === 0 ? 0 : count / total };
    start += segment.length;
    return count === 0 ? [] : [segment];
  });
  return { total, done: succeeded + lost, failed: lost, segments };
}
