import type { Anomaly } from "../api/types";

/** What is known of an anomaly; times in milliseconds since 1970. */
export interface AnomalyTimes {
  readonly openedAt: number;
  /** When each reminder was sent, where that is known. */
  readonly remindedAt?: readonly number[];
  readonly remindersSent: number;
  /** Reminders at most. */
  readonly count: number;
  readonly nextReminderAt?: number;
  readonly endedAt?: number;
}

export interface Mark {
  readonly kind: "opened" | "sent" | "planned" | "now" | "ended";
  readonly at: number;
  /** 0: the left end; 1: the right one. */
  readonly position: number;
  /** The number of the reminder. */
  readonly number?: number;
}

export interface Timeline {
  readonly marks: readonly Mark[];
  /** Up to where it has gone: now, or the end. */
  readonly reached: number;
}

/** Where each moment of an anomaly lies on a line from its beginning to its last reminder, or to its end. */
export function timeline(anomaly: AnomalyTimes, now: number): Timeline {
  const { openedAt, count, endedAt } = anomaly;
  const sent = sentAt(anomaly);
  const planned = endedAt === undefined ? plannedAt(anomaly, sent) : [];
  const until = endedAt ?? Math.max(now, openedAt);
  const last = Math.max(until, ...sent, ...planned);
  // An anomaly that ended in the moment it began still has a line.
  const length = Math.max(1, last - openedAt);
  const position = (at: number) => Math.min(1, Math.max(0, (at - openedAt) / length));
  const mark = (kind: Mark["kind"], at: number, number?: number): Mark => ({
    kind,
    at,
    position: position(at),
    number,
  });
  return {
    marks: [
      mark("opened", openedAt),
      ...sent.map((at, index) => mark("sent", at, index + 1)),
      ...planned.map((at, index) => mark("planned", at, sent.length + index + 1)),
      endedAt === undefined ? mark("now", until) : mark("ended", endedAt),
    ].filter(({ number = 0 }) => number <= count),
    reached: position(until),
  };
}

/** Reminders come at equal distances from the beginning, so the next one tells where those before it were. */
function sentAt({ openedAt, remindedAt, remindersSent, nextReminderAt }: AnomalyTimes): number[] {
  if (remindedAt) return [...remindedAt];
  if (nextReminderAt === undefined || remindersSent === 0) return [];
  const interval = (nextReminderAt - openedAt) / (remindersSent + 1);
  return Array.from({ length: remindersSent }, (_, index) => openedAt + interval * (index + 1));
}

function plannedAt(
  { openedAt, remindersSent, nextReminderAt, count }: AnomalyTimes,
  sent: readonly number[],
): number[] {
  if (nextReminderAt === undefined) return [];
  const done = Math.max(remindersSent, sent.length);
  const interval = (nextReminderAt - openedAt) / (done + 1);
  return Array.from({ length: Math.max(0, count - done) }, (_, index) => nextReminderAt + interval * index);
}

/** The times of an anomaly as the API tells of it. */
export function timesOf({ openedAt, reminders, nextReminderAt, endedAt, remindersSent, count }: Anomaly): AnomalyTimes {
  const time = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text));
  return {
    openedAt: Date.parse(openedAt),
    remindedAt: reminders?.map(({ at }) => Date.parse(at)),
    remindersSent,
    count,
    nextReminderAt: time(nextReminderAt),
    endedAt: time(endedAt),
  };
}
