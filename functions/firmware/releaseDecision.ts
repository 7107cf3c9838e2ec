import { buildOf } from "./builds";
import { isRunning, jobIdOf, type Release, type ReleaseFile } from "./releases";
import type { RolloutSettings } from "./rolloutSettings";

/** A release file that was uploaded, and is well-formed. */
export interface Upload {
  readonly app: string;
  readonly file: ReleaseFile;
  /** Key of the release file. */
  readonly key: string;
  /** S3's version of it. */
  readonly source: string;
  /** RFC 3339. */
  readonly at: string;
}

export type Decision =
  /** It was taken on, or refused, at an earlier delivery of the same event. */
  { readonly known: Release } | { readonly refusedBecause: string } | { readonly taken: Release };

/**
 * Whether an upload becomes a release, in view of all releases that its app has had. Nothing is asked and nothing written.
 *
 * @param turn how many releases of the app were taken on before
 */
export function decide(
  upload: Upload,
  releases: readonly Release[],
  turn: number,
  defaults: RolloutSettings,
): Decision {
  const { app, file, source } = upload;
  const known = releases.find((release) => release.source === source);
  if (known) return { known };

  // A continuous release has no end of its own; the next one is its end.
  const underWay = releases.find(
    (release) => isRunning(release) && !(release.continuous && release.status === "IN_PROGRESS"),
  );
  if (underWay) {
    const { jobId, version, status, startedAt } = underWay;
    const which = version === file.version ? "this release" : "another release";
    return {
      refusedBecause: `${which} of ${app} is under way: ${jobId}, ${status} since ${startedAt}. Wait for its end, or cancel it`,
    };
  }
  const build = buildOf(file.version);
  const reason = orderProblem(file, build, releases) ?? contentProblem(file, build, releases);
  if (reason) return { refusedBecause: reason };

  const attempt =
    1 + Math.max(0, ...releases.filter(({ version }) => version === file.version).map(({ attempt = 0 }) => attempt));
  const rollout = { ...defaults, ...file.rollout };
  return {
    taken: {
      app,
      jobId: jobIdOf(app, file.version, attempt),
      version: file.version,
      build,
      attempt,
      turn: turn + 1,
      status: "CHECKING",
      startedAt: upload.at,
      file: upload.key,
      source,
      artifact: file.artifact,
      sha256: file.sha256.toLowerCase(),
      size: file.size,
      rollout,
      ...(rollout.continuous && { continuous: true }),
      ...(file.rollback && { rollback: true }),
    },
  };
}

/** Those that had a job, so that things may have what they brought. */
const reachedThings = ({ counts }: Release) => counts !== undefined;

/** A lower version has to be declared a rollback, and a rollback has to be one. */
function orderProblem(file: ReleaseFile, build: number, releases: readonly Release[]): string | undefined {
  const last = releases.filter(reachedThings).sort((a, b) => (b.turn ?? 0) - (a.turn ?? 0))[0];
  if (last?.build === undefined) return undefined;
  if (build < last.build && !file.rollback) {
    return `${file.version} is below ${last.version}, which was released last (${last.jobId}); if things shall go back, say "rollback": true`;
  }
  if (build > last.build && file.rollback) {
    return `${file.version} is no rollback: it is above ${last.version}, which was released last (${last.jobId})`;
  }
  return undefined;
}

/** A version is one artifact under one name for ever: what runs on a thing is known by its version alone. */
function contentProblem(file: ReleaseFile, build: number, releases: readonly Release[]): string | undefined {
  const same = releases.find((release) => reachedThings(release) && release.build === build);
  if (!same) return undefined;
  if (same.version !== file.version)
    return `${file.version} is the same build as ${same.version}, which was released as ${same.jobId}`;
  if (same.sha256 !== file.sha256.toLowerCase()) {
    return `${file.version} was released with another artifact (${same.jobId}, sha256 ${same.sha256}); give this one a version of its own`;
  }
  return undefined;
}
