import { type DeviceResult, type DeviceStatus, type InstalledApp, isRunning, type Release } from "./releases";

/*
 * What devices made of a release, without any AWS call.
 */

/** An event of `$aws/events/jobExecution/<job>/<end>`, as the rule has it. */
export interface ExecutionEvent {
  readonly job_id: string;
  readonly thingArn: string;
  readonly status: string;
  readonly statusDetails?: Readonly<Record<string, string>>;
  /** Since 1970: seconds, and from some regions milliseconds. */
  readonly timestamp: number;
}

const statuses: readonly DeviceStatus[] = ["SUCCEEDED", "FAILED", "REJECTED", "TIMED_OUT", "CANCELED", "REMOVED"];

/** The ends that count for the failure rate; who was canceled or left the group did not fail. */
export const isFailure = (status: DeviceStatus) =>
  status === "FAILED" || status === "REJECTED" || status === "TIMED_OUT";
export const counts = (status: DeviceStatus) => status === "SUCCEEDED" || isFailure(status);

/** Days that results are kept. */
const resultDays = 400;

/** The thing and the end that an event tells of; an error for an event that is not of this kind. */
export function endOf(
  event: ExecutionEvent,
): Pick<DeviceResult, "thingName" | "status" | "reason" | "at" | "expiresAt"> {
  const thingName = /:thing\/([a-zA-Z0-9:_-]+)$/.exec(event.thingArn ?? "")?.[1];
  const status = statuses.find((known) => known === event.status);
  if (!event.job_id || !thingName || !status || !Number.isFinite(event.timestamp)) {
    throw new Error(`not the end of a job's execution: ${JSON.stringify(event)}`);
  }
  const milliseconds = event.timestamp > 1e11 ? event.timestamp : event.timestamp * 1000;
  return {
    thingName,
    status,
    reason: reasonOf(status, event.statusDetails ?? {}),
    at: new Date(milliseconds).toISOString(),
    expiresAt: Math.ceil(milliseconds / 1000) + resultDays * 24 * 3600,
  };
}

function reasonOf(status: DeviceStatus, { reason, ...details }: Readonly<Record<string, string>>): string {
  const more = Object.entries(details).map(([name, value]) => `${name}: ${value}`);
  const said = [reason, ...more].filter(Boolean).join("; ");
  const meaning: Readonly<Record<DeviceStatus, string>> = {
    SUCCEEDED: "installed",
    FAILED: "the device gave no reason",
    REJECTED: "the device gave no reason",
    TIMED_OUT: "the device began, and was not done in time",
    CANCELED: "the job was canceled before the device began",
    REMOVED: "the thing left the group before the device began",
  };
  return said || meaning[status];
}

/**
 * What a thing has installed after a job succeeded, or undefined where nothing is to be changed: the news is old, or came
 * before.
 *
 * Events come late and twice, so they are put in order by the turn of their releases: the cloud gives it when it takes a
 * release on, and there is one release of an app at a time. No clock and no word of the device has a part in it, and a
 * rollback, which lowers the version, is simply a later turn.
 */
export function afterSuccess(current: InstalledApp | undefined, job: Required<InstalledApp>): InstalledApp | undefined {
  if (current?.jobId === job.jobId) return undefined;
  return (current?.turn ?? 0) > job.turn ? undefined : job;
}

/** What is recorded of an app that a thing shows up with: build 0, so that the next release reaches it. */
export const unknownVersion: InstalledApp = { version: "0.0", build: 0 };

/** What a device claims of an app, when it is none of what it may have; undefined when all is well, or nobody can know. */
export function falseClaim(
  claimed: unknown,
  recorded: InstalledApp | undefined,
  plausible: readonly (string | undefined)[] = [],
): string | undefined {
  if (claimed === undefined || claimed === null || !recorded || recorded.build === unknownVersion.build)
    return undefined;
  if (claimed === recorded.version || plausible.includes(claimed as string)) return undefined;
  const text = typeof claimed === "string" ? claimed : JSON.stringify(claimed);
  return text.slice(0, 100);
}

/** Milliseconds that a device may take to finish what was canceled meanwhile, and its news to be recorded. */
const afterwards = 3_600_000;

/**
 * Versions that a device may have before it is recorded: a job begins before its release is noted to be in progress, and a
 * device may be at it, or its success still on the way, when the release is over already.
 */
export const versionsUnderWay = (releases: readonly Release[], now: number) =>
  releases
    .filter((release) => isRunning(release) || Date.parse(release.endedAt ?? "") > now - afterwards)
    .filter(({ status }) => status !== "REFUSED")
    .map(({ version }) => version);

/**
 * A claim that is false, and that no release under way explains either. The releases are read only when there is something
 * to explain: most devices say what is recorded.
 */
export async function unexplainedClaim(
  claimed: unknown,
  recorded: InstalledApp | undefined,
  plausible: readonly string[],
  releasesOf: () => Promise<{ readonly releases: readonly Release[] }>,
): Promise<string | undefined> {
  if (falseClaim(claimed, recorded, plausible) === undefined) return undefined;
  const { releases } = await releasesOf();
  return falseClaim(claimed, recorded, [...plausible, ...versionsUnderWay(releases, Date.now())]);
}
