/**
 * The reminder loop's own terms, and what is decided about it without any AWS call.
 *
 * An anomaly is an item of the anomaly table that stands as long as the fault does. A loop is one execution of the state
 * machine that reminds of it. Which loop an anomaly belongs to is written beside it, as an item of its own: the rule that
 * writes anomalies overwrites the whole item at every report, so the anomaly itself cannot remember.
 */

/** The two kinds of items that a device has in the anomaly table; the table's sort key. */
export const anomalyKind = "anomaly";
export const loopKind = "loop";

/** What a loop carries from state to state. */
export interface LoopState {
  readonly deviceId: string;
  /** The anomaly this loop was started for; also the execution's name. */
  readonly loopId: string;
  /** When the anomaly was reported: RFC 3339, UTC, with milliseconds. */
  readonly openedAt: string;
  /** Which reminder comes next, from 1. */
  readonly index: number;
  /** How many reminders there are at most. */
  readonly count: number;
  /** Seconds from the anomaly to the first reminder, and from each to the next. */
  readonly interval: number;
  /** When the next reminder is due: openedAt + index * interval, so that delays never add up. */
  readonly dueAt: string;
  /** AWS IoT's id of the message that the device reported the anomaly with; in its logs, too. */
  readonly traceId?: string;
}

/** The anomaly as the stream shows it when it appears. */
export interface NewAnomaly {
  readonly deviceId: string;
  /** Milliseconds since 1970, from the rule's `timestamp()`. */
  readonly openedAt: number;
  /** The stream's own id of this record: the same at every delivery, another for every anomaly. */
  readonly eventId: string;
  /** Grows from change to change of one device. */
  readonly sequenceNumber: string;
  /** As in {@link LoopState}. */
  readonly traceId?: string;
}

/** The end of an anomaly as the stream shows it: its item is gone. */
export interface GoneAnomaly {
  readonly deviceId: string;
  /** Milliseconds since 1970, of the second in which it went. */
  readonly second: number;
  readonly sequenceNumber: string;
}

/** The item that says which loop reminds of a device's anomaly. */
export interface LoopItem {
  readonly deviceId: string;
  readonly kind: typeof loopKind;
  readonly loopId: string;
  /** As in {@link LoopState}; with the device, the key of the anomaly's history. */
  readonly openedAt: string;
  /** The stream's sequence number in 40 digits, so that DynamoDB compares texts as numbers. */
  readonly sequence: string;
  /** Since when nobody needs to be reminded, although the anomaly stands: somebody knows. */
  readonly acknowledgedAt?: string;
  /** When the anomaly was over. */
  readonly endedAt?: string;
  /** When DynamoDB may forget the item, in seconds since 1970; once the anomaly is over and its loop long ended. */
  readonly expiresAt?: number;
}

/**
 * The history of one anomaly, in a table of its own: key `deviceId` and `openedAt`; index `by-status`: `status` and
 * `openedAt`. What the loop decides by is in the anomaly table; this is for people to look at.
 */
export interface AnomalyRecord {
  readonly deviceId: string;
  /** RFC 3339, UTC, with milliseconds, so that texts are in the order of time. */
  readonly openedAt: string;
  readonly status: "open" | "ended";
  readonly loopId: string;
  /** As in {@link LoopState}. */
  readonly interval: number;
  readonly count: number;
  /** When each reminder was told, by its index; one that could not be told is missing. */
  readonly reminders: Readonly<Record<string, string>>;
  readonly acknowledgedAt?: string;
  /** The name of the user who acknowledged it. */
  readonly acknowledgedBy?: string;
  readonly endedAt?: string;
  /** When DynamoDB may forget the record, in seconds since 1970; set when the anomaly is over. */
  readonly expiresAt?: number;
}

/** How a look at the table answers a loop that is about to remind. */
export type Finding = "stands" | "solved" | "superseded" | "acknowledged";

/** Execution names take 80 characters of a small set; the device's name in front makes them readable in the console. */
export function loopIdOf(anomaly: NewAnomaly): string {
  return `${anomaly.deviceId.replace(/[^a-zA-Z0-9_-]/g, "-").slice(0, 47)}-${anomaly.eventId.replaceAll("-", "").slice(0, 32)}`;
}

export function firstState(anomaly: NewAnomaly, settings: { interval: number; count: number }): LoopState {
  return {
    deviceId: anomaly.deviceId,
    loopId: loopIdOf(anomaly),
    openedAt: new Date(anomaly.openedAt).toISOString(),
    index: 1,
    ...settings,
    dueAt: new Date(anomaly.openedAt + settings.interval * 1000).toISOString(),
    ...(anomaly.traceId !== undefined && { traceId: anomaly.traceId }),
  };
}

export function loopItemOf(anomaly: NewAnomaly): LoopItem {
  return {
    deviceId: anomaly.deviceId,
    kind: loopKind,
    loopId: loopIdOf(anomaly),
    openedAt: new Date(anomaly.openedAt).toISOString(),
    sequence: sequenceOf(anomaly),
  };
}

/** A sequence number as loop items keep it. */
export function sequenceOf({ sequenceNumber }: { sequenceNumber: string }): string {
  return sequenceNumber.padStart(40, "0");
}

/**
 * When an anomaly was over. The stream tells the second; a function that looks at once can tell more exactly, and one
 * that is late must not.
 */
export function endOf({ second }: GoneAnomaly, now: number): string {
  return new Date(Math.max(second, Math.min(now, second + 999))).toISOString();
}

/** Whether a loop still has something to remind of, by the items that its device has in the table now. */
export function look(items: readonly Partial<LoopItem | { kind: string }>[], loopId: string): Finding {
  if (!items.some(({ kind }) => kind === anomalyKind)) return "solved";
  const loop = items.find(({ kind }) => kind === loopKind) as LoopItem | undefined;
  if (loop === undefined) return "stands";
  if (loop.loopId !== loopId) return "superseded";
  return loop.acknowledgedAt === undefined ? "stands" : "acknowledged";
}

/** What people and apps are told. */
export interface Reminder {
  /** The same for every attempt to tell this reminder, so that a receiver can drop a second copy. */
  readonly reminderId: string;
  readonly anomaly: string;
  readonly deviceId: string;
  readonly index: number;
  readonly count: number;
  readonly openedAt: string;
  readonly dueAt: string;
}

export function reminderOf(state: LoopState, anomaly: string): Reminder {
  const { deviceId, index, count, openedAt, dueAt, loopId } = state;
  return { reminderId: `${loopId}-${index}`, anomaly, deviceId, index, count, openedAt, dueAt };
}

/** The sentence for an e-mail or a text message. */
export function sentenceOf({ deviceId, anomaly, index, count, openedAt }: Reminder): string {
  return `${deviceId} has reported "${anomaly}" since ${openedAt} and it still stands. Reminder ${index} of ${count}.`;
}
