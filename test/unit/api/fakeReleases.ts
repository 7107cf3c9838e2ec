import type { Canceling } from "../../../functions/api/cancelRelease";
import type { Releases } from "../../../functions/api/getRelease";
import type { Publishing } from "../../../functions/api/publishRelease";
import type {
  DeviceResult,
  Release,
  ReleaseCounts,
  ReleaseFile,
  ReleaseStatus,
} from "../../../functions/firmware/releases";

export const hash = "a".repeat(64);
export const counts: ReleaseCounts = {
  ...{ queued: 1, inProgress: 1, succeeded: 3, failed: 1, rejected: 0, timedOut: 0, canceled: 0, removed: 0 },
};

/** Firmware's tables, bucket and jobs, in memory. */
export class FakeReleases implements Releases, Canceling, Publishing {
  readonly all: Release[] = [];
  readonly results: DeviceResult[] = [];
  found: { key: string; size: number }[] = [{ key: "artifacts/door/2.0/door.bin", size: 7 }];
  hasJob = true;
  /** How often something was changed. */
  readonly changes: unknown[] = [];

  add(app: string, second: number, status: ReleaseStatus = "COMPLETED", more: Partial<Release> = {}): Release {
    const startedAt = new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
    const release = {
      ...{ app, jobId: `${app}-2_0-${second}`, version: "2.0", status, startedAt, file: "f", source: "s", turn: 1 },
      ...more,
    };
    this.all.push(release);
    return release;
  }
  find = async (app: string, jobId: string) => this.all.find((one) => one.app === app && one.jobId === jobId);
  counts = async () => (this.hasJob ? counts : undefined);
  failures = async (_: string, limit: number) => this.results.slice(0, limit);
  cancel = async (jobId: string, comment: string) => {
    if (this.hasJob) this.changes.push([jobId, comment]);
    return this.hasJob;
  };
  artifacts = async (prefix: string) => this.found.filter(({ key }) => key.startsWith(prefix));
  sha256 = async () => hash;
  put = async (key: string, file: ReleaseFile) => {
    this.changes.push([key, file]);
    return "source-1";
  };
}
