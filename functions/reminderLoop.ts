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
}

/** The item that says which loop reminds of a device's anomaly. */
export interface LoopItem {
  readonly deviceId: string;
  readonly kind: typeof loopKind;
  readonly loopId: string;
  /** The stream's sequence number in 40 digits, so that DynamoDB compares texts as numbers. */
  readonly sequence: string;
  /** When DynamoDB may forget the item: seconds since 1970, a day after the last reminder. */
  readonly expiresAt: number;
}

/** How a look at the table answers a loop that is about to remind. */
export type Finding = "stands" | "solved" | "superseded";

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
  };
}

export function loopItemOf(anomaly: NewAnomaly, settings: { interval: number; count: number }): LoopItem {
  const day = 24 * 3600;
  return {
    deviceId: anomaly.deviceId,
    kind: loopKind,
    loopId: loopIdOf(anomaly),
    sequence: anomaly.sequenceNumber.padStart(40, "0"),
    expiresAt: Math.ceil(anomaly.openedAt / 1000) + settings.interval * settings.count + day,
  };
}

/** Whether a loop still has something to remind of, by the items that its device has in the table now. */
export function look(items: readonly { kind: string; loopId?: string }[], loopId: string): Finding {
  if (!items.some(({ kind }) => kind === anomalyKind)) return "solved";
  const loop = items.find(({ kind }) => kind === loopKind);
  return loop === undefined || loop.loopId === loopId ? "stands" : "superseded";
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
