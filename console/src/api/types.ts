/**
 * What the API answers with, as the page uses it. A unit test holds these types to the schemas of the API's routes
 * (test/unit/console/apiTypes.test.ts), so that they cannot drift apart.
 */

/** The JSON that shadows and patches are made of. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface Connectivity {
  readonly connected: boolean;
  /** Milliseconds since 1970, of the last change. */
  readonly timestamp?: number;
  readonly disconnectReason?: string;
}

/** App -> version, as the cloud knows it. */
export type Apps = Readonly<Record<string, string>>;

export interface ThingSummary {
  readonly thingName: string;
  readonly thingTypeName?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly connectivity: Connectivity;
  readonly apps?: Apps;
}

export interface ThingPage {
  readonly things: readonly ThingSummary[];
  readonly nextPageToken?: string;
}

export interface Shadow {
  readonly version: number;
  readonly desired: JsonObject;
  readonly reported: JsonObject;
  readonly delta: JsonObject;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

export interface Thing extends ThingSummary {
  readonly shadow: Shadow;
}

/** A thing, and what names its desired state for `If-Match`. */
export interface TaggedThing extends Thing {
  readonly etag: string;
}

export interface NumberSummary {
  readonly count: number;
  readonly minimum: number;
  readonly average: number;
  readonly maximum: number;
  readonly last: number;
  readonly lastAt: string;
}

export interface TelemetryBucket {
  readonly start: string;
  readonly messages: number;
  /** By path: `battery.level`. */
  readonly fields: Readonly<Record<string, NumberSummary>>;
}

export interface TelemetrySummary {
  readonly from: string;
  readonly to: string;
  readonly complete: boolean;
  readonly messages: number;
  readonly fields: Readonly<Record<string, NumberSummary>>;
  readonly bucketSeconds: number;
  readonly buckets: readonly TelemetryBucket[];
}

export interface Anomaly {
  readonly thingName: string;
  /** The flag that the device reports, e.g. `overheated`. */
  readonly kind: string;
  /** Times are in ISO 8601. */
  readonly openedAt: string;
  readonly remindersSent: number;
  /** Reminders at most. */
  readonly count: number;
  readonly nextReminderAt?: string;
  readonly acknowledged?: boolean;
  readonly endedAt?: string;
  readonly endedBy?: string;
  /** When each reminder was sent; only in the history of a thing. */
  readonly reminders?: readonly { readonly at: string }[];
}

export interface AnomalyPage {
  readonly anomalies: readonly Anomaly[];
  readonly nextPageToken?: string;
}

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

export type ReleaseStatus =
  | "CHECKING"
  | "REFUSED"
  | "WAITING_FOR_GROUP"
  | "IN_PROGRESS"
  | "COMPLETED"
  | "CANCELED"
  | "FAILED";

export interface Release {
  readonly app: string;
  readonly jobId: string;
  readonly version: string;
  readonly status: ReleaseStatus;
  readonly reason?: string;
  readonly counts?: Partial<ReleaseCounts>;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly rollback?: boolean;
}

export interface ReleasePage {
  readonly releases: readonly Release[];
  readonly nextPageToken?: string;
}

export interface ReleaseFailure {
  readonly thingName: string;
  readonly status: string;
  readonly reason?: string;
  readonly at: string;
}

export interface ReleaseDetails extends Release {
  readonly failures: readonly ReleaseFailure[];
  readonly moreFailures: boolean;
}

export interface Caller {
  readonly username: string;
  readonly isAdmin: boolean;
}

/** An error of the API, by RFC 9457. */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly errors?: readonly { readonly path: string; readonly reason: string }[];
}
