import { buildOf } from "./builds";
import type { RolloutSettings } from "./rolloutSettings";

/*
 * What a release of firmware is, in the bucket, in the tables, and to AWS IoT Jobs.
 */

/** The prefixes of the bucket. */
export const artifactPrefix = "artifacts";
export const releasePrefix = "releases";

/** What lies at `releases/<app>/<version>.json`; uploading it starts the release. */
export interface ReleaseFile {
  /** As in the file's name: `major.minor` or `major.minor.patch`. */
  readonly version: string;
  /** Key of what devices download, in the same bucket: `artifacts/<app>/<version>/<file name>`. */
  readonly artifact: string;
  /** SHA-256 of the artifact: 64 hexadecimal digits. */
  readonly sha256: string;
  /** Bytes of the artifact. */
  readonly size: number;
  /** How fast, how careful; what is left out is as the component has it. */
  readonly rollout?: RolloutSettings;
  /** Declares that things of a higher version go back to this one. */
  readonly rollback?: true;
}

/** What a device is given by AWS IoT Jobs. */
export interface JobDocument {
  readonly app: string;
  /** To AWS IoT a placeholder; it signs a link each time a device asks. */
  readonly app_url: string;
  readonly app_version: string;
  readonly build: number;
  readonly sha256: string;
  readonly size: number;
}

/**
 * How far a release is. CHECKING, WAITING_FOR_GROUP and IN_PROGRESS are on the way; the others are ends, told by SNS.
 *
 * REFUSED: nothing was started. FAILED: it broke before it had a job. CANCELED: by a person, by its abort criteria, or by
 * the release that followed a continuous one.
 */
export type ReleaseStatus =
  | "CHECKING"
  | "REFUSED"
  | "WAITING_FOR_GROUP"
  | "IN_PROGRESS"
  | "COMPLETED"
  | "CANCELED"
  | "FAILED";

/** Executions of the release's job by their status. */
export interface ReleaseCounts {
  readonly queued: number;
  readonly inProgress: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly rejected: number;
  readonly timedOut: number;
  readonly canceled: number;
  readonly removed: number;
}

/**
 * An item of the table of releases, by `app` and `jobId`. Query it by app; what was refused for an app that there is not
 * lies under the name that the file gave. (One more item per app, `turn#<app>`, is the bookkeeping of {@link Release.turn}.)
 */
export interface Release {
  readonly app: string;
  /** The id of the job, from before there is one; of a refused release, `refused-<16 hexadecimal digits>`. */
  readonly jobId: string;
  readonly version: string;
  readonly status: ReleaseStatus;
  /** When the release file arrived: RFC 3339, UTC. */
  readonly startedAt: string;
  /** When it was refused or came to its end. */
  readonly endedAt?: string;
  /** Why it was refused, canceled or failed, or ended without a job; of several reasons, one a line. */
  readonly reason?: string;
  readonly rollback?: true;
  /** Key of the release file. */
  readonly file: string;
  /** S3's version of the release file: the same for every delivery of its event, another for every upload. */
  readonly source: string;

  /** Undefined for what was refused for its version, as are the following for what was refused. */
  readonly build?: number;
  /** From 1: how often this version was released. */
  readonly attempt?: number;
  /** From 1: the app's releases in the order they were taken on. It orders what devices tell; clocks do not. */
  readonly turn?: number;
  readonly artifact?: string;
  readonly sha256?: string;
  readonly size?: number;
  /** Whether things that come later get it, too. Such a release is in progress until it is canceled, or the next one starts. */
  readonly continuous?: boolean;
  /** The rollout's settings, those of the component included. */
  readonly rollout?: RolloutSettings;
  /** As last seen; present from IN_PROGRESS on. */
  readonly counts?: ReleaseCounts;
  /** How many things the job has reached so far. */
  readonly targets?: number;
}

/** The ends that one device can come to. */
export type DeviceStatus = "SUCCEEDED" | "FAILED" | "REJECTED" | "TIMED_OUT" | "CANCELED" | "REMOVED";

/** An item of the table of device results, by `jobId` and `thingName`. */
export interface DeviceResult {
  readonly jobId: string;
  readonly thingName: string;
  readonly status: DeviceStatus;
  /** Why, in the device's words (its `statusDetails.reason`) or ours. */
  readonly reason: string;
  /** When AWS IoT saw it: RFC 3339, UTC. */
  readonly at: string;
  readonly app: string;
  readonly version: string;
  /** What the device says of itself, where that is neither this version nor the one before. Never believed. */
  readonly claimed?: string;
  /** When DynamoDB may forget the item: seconds since 1970. */
  readonly expiresAt: number;
}

/** What SNS tells of a release at its end, as JSON. */
export interface ReleaseNotice extends Pick<Release, "app" | "jobId" | "version" | "status"> {
  /** The same at every delivery. */
  readonly noticeId: string;
  readonly reason?: string;
  readonly counts?: ReleaseCounts;
  readonly at: string;
}

/** The named shadow of each thing that says which version of which app it runs. Only the cloud writes it. */
export const appsShadow = "apps";

/** One app in the `reported` state of {@link appsShadow}. */
export interface InstalledApp {
  readonly version: string;
  readonly build: number;
  /** The job that brought it; without one it is the version that the thing came with. */
  readonly jobId?: string;
  /** That release's {@link Release.turn}. */
  readonly turn?: number;
}

/** A release that is neither refused nor at its end. */
export const isRunning = ({ status }: Pick<Release, "status">) =>
  status === "CHECKING" || status === "WAITING_FOR_GROUP" || status === "IN_PROGRESS";

/** The job's id: `<app>-<version, dots as underscores>-<attempt>`, at most 64 of AWS's characters for any app and version. */
export const jobIdOf = (app: string, version: string, attempt: number) =>
  `${app}-${version.replaceAll(".", "_")}-${attempt}`;

/** The dynamic group that a release goes to: `<component>-<app>-below-<build>`, for a rollback `...-above-<build>`. */
export const groupNameOf = (component: string, { app, build, rollback }: Pick<Release, "app" | "build" | "rollback">) =>
  `${component}-${app}-${rollback ? "above" : "below"}-${build}`;

/** The fleet query of that group. */
export const groupQueryOf = ({ app, build, rollback }: Pick<Release, "app" | "build" | "rollback">) =>
  `shadow.name.${appsShadow}.reported.${app}.build${rollback ? ">" : "<"}${build}`;

/** The job document; `bucket` and `region` say where the artifact lies. */
export function jobDocumentOf(app: string, file: ReleaseFile, bucket: string, region: string): JobDocument {
  return {
    app,
    app_url: `\${aws:iot:s3-presigned-url:https://s3.${region}.amazonaws.com/${bucket}/${file.artifact}}`,
    app_version: file.version,
    build: buildOf(file.version),
    sha256: file.sha256.toLowerCase(),
    size: file.size,
  };
}

/** AWS IoT takes no longer job document: bytes. {@link https://docs.aws.amazon.com/general/latest/gr/iot-core.html} */
export const maximumDocumentSize = 32_768;

/** What is wrong with the name of an app, or undefined: it becomes part of job ids, keys, queries and topics. */
export const appProblem = (app: unknown): string | undefined =>
  typeof app === "string" && /^[a-z][a-z0-9_]{0,31}$/.test(app)
    ? undefined
    : `must be 1 to 32 lower-case letters, digits and "_", a letter first, not ${JSON.stringify(app)}`;
