import type { CreateJobCommandInput, Job, JobProcessDetails } from "@aws-sdk/client-iot";
import { countsIn } from "./jobCounts";
import type { JobDocument, Release, ReleaseCounts } from "./releases";
import { appsShadow } from "./releases";

/*
 * What a release is to AWS IoT Jobs, without any call.
 */

/** What CreateJob is given. */
export function jobOf(
  release: Release,
  document: JobDocument,
  { groupArn, linkRoleArn, linkExpiresInSec }: { groupArn: string; linkRoleArn: string; linkExpiresInSec: number },
): CreateJobCommandInput {
  const { rollout = {} } = release;
  const { maximumPerMinute, exponentialRate, abort, timeoutInMinutes, retries } = rollout;
  return {
    jobId: release.jobId,
    description: `${release.rollback ? "Rollback" : "Release"} of ${release.app} ${release.version}`,
    targets: [groupArn],
    targetSelection: release.continuous ? "CONTINUOUS" : "SNAPSHOT",
    document: JSON.stringify(document),
    presignedUrlConfig: { roleArn: linkRoleArn, expiresInSec: linkExpiresInSec },
    ...((maximumPerMinute !== undefined || exponentialRate) && {
      jobExecutionsRolloutConfig: { maximumPerMinute, exponentialRate },
    }),
    ...(abort && {
      abortConfig: {
        criteriaList: abort.map((criterion) => ({ failureType: "ALL", ...criterion, action: "CANCEL" as const })),
      },
    }),
    ...(timeoutInMinutes !== undefined && { timeoutConfig: { inProgressTimeoutInMinutes: timeoutInMinutes } }),
    ...(retries !== undefined &&
      retries > 0 && {
        jobExecutionsRetryConfig: { criteriaList: [{ failureType: "ALL", numberOfRetries: retries }] },
      }),
  };
}

/** Executions by their status, and how many there are. */
export function countsOf(details?: JobProcessDetails): { counts: ReleaseCounts; targets: number } {
  const counts = countsIn(details);
  return { counts, targets: Object.values(counts).reduce((sum, count) => sum + count, 0) };
}

/** What has become of a release, by its job; undefined for a job that AWS no longer has. */
export function progressOf(job: Job | undefined): Partial<Release> & Pick<Release, "status"> {
  if (!job) return { status: "CANCELED", reason: "the job was deleted" };
  const progress = countsOf(job.jobProcessDetails);
  if (job.status === "COMPLETED") return { status: "COMPLETED", ...progress };
  if (job.status === "CANCELED" || job.status === "DELETION_IN_PROGRESS") {
    const reason = [job.reasonCode, job.comment].filter(Boolean).join(": ") || "the job was canceled";
    return { status: "CANCELED", reason, ...progress };
  }
  return { status: "IN_PROGRESS", ...progress };
}

/** What the account lacks for releases, or undefined; there is one such setting per account and region. */
export function accountProblem(account: {
  readonly thingIndexingMode?: string;
  readonly namedShadowIndexingMode?: string;
  readonly namedShadows?: readonly string[];
  readonly jobExecutionEvents?: boolean;
  readonly jobEvents?: boolean;
}): string | undefined {
  const missing = [
    account.thingIndexingMode !== "REGISTRY_AND_SHADOW" && "fleet indexing of things and shadows (REGISTRY_AND_SHADOW)",
    (account.namedShadowIndexingMode !== "ON" || !account.namedShadows?.includes(appsShadow)) &&
      `fleet indexing of the named shadow "${appsShadow}"`,
    !account.jobEvents && "events of jobs (JOB)",
    !account.jobExecutionEvents && "events of job executions (JOB_EXECUTION)",
  ].filter(Boolean);
  if (missing.length === 0) return undefined;
  return (
    `this account and region lacks ${missing.join(", ")}. One stack has to own them: ` +
    "set thingstack:ownsAccountIot to true in one of this account's stacks (component AccountIot)"
  );
}
