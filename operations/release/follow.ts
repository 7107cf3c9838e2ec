import { waitFor } from "../../common/waitFor";
import { isRunning, type Release, type ReleaseCounts } from "../../functions/firmware/releases";
import { sums } from "./progress";
import type { Releases } from "./releases";

/** How a release was when following it ended. */
export interface Followed {
  readonly release: Release;
  readonly counts: ReleaseCounts | undefined;
  /** A continuous release stays open for things that come later. */
  readonly open: boolean;
}

/** Seconds until the cloud has to have taken a release file up. */
const TAKE_UP_LIMIT = 120;

/** Seconds that a release may be followed: a week, the longest that AWS IoT lets a device be at it. */
const LIMIT = 7 * 24 * 3600;

/** Waits until the cloud has taken up a release file. @param source what `publish` returned */
export async function takenUp(releases: Releases, app: string, source: string): Promise<Release> {
  return waitFor(
    `the release of ${app} to be taken up`,
    async () => (await releases.of(app)).find((release) => release.source === source),
    { seconds: TAKE_UP_LIMIT, everyMs: 200 },
  );
}

/**
 * Follows a release to its end; a continuous one until nobody is at it.
 * @param onProgress gets each state that differs from the one before
 * @param canceled whether it was canceled, so that a continuous one comes to its end, too; the cloud notes that some seconds later
 */
export async function follow(
  releases: Pick<Releases, "find" | "countsOf">,
  { app, jobId }: Pick<Release, "app" | "jobId">,
  onProgress: (release: Release, counts: ReleaseCounts | undefined) => void,
  { canceled = false, everyMs = 500 } = {},
): Promise<Followed> {
  let last = "";
  return waitFor(
    `the end of the release ${jobId}`,
    async () => {
      const release = await releases.find(app, jobId);
      const counts = (await releases.countsOf(release)) ?? release.counts;
      const now = JSON.stringify([release.status, counts]);
      if (now !== last) onProgress(release, counts);
      last = now;
      const open = isRunning(release);
      if (!open) return { release, counts: release.counts ?? counts, open };
      const idle = !canceled && release.continuous && release.status === "IN_PROGRESS" && counts;
      if (idle && sums(counts).all > 0 && sums(counts).done === sums(counts).all) return { release, counts, open };
      return undefined;
    },
    { seconds: LIMIT, everyMs },
  );
}
