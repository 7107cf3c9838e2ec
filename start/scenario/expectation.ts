/** What a device's owner was told, and when its anomaly stood. */
export interface Story {
  /** How many reminders came. */
  readonly sent: number;
  /** How many there are at most. */
  readonly count: number;
  /** Seconds between them. */
  readonly interval: number;
  /** After how many somebody repairs the device; undefined: never. */
  readonly repairedAfter?: number;
  /** From when to when the anomaly stood, in milliseconds since 1970. */
  readonly openedAt?: number;
  readonly solvedAt?: number;
}

/**
 * How many reminders should have come. A device is repaired as soon as its reminder is heard; on a busy machine that can be
 * so late that the next was due already, and then it is right to be told of that one, too. None that was due later is.
 */
export function expectedReminders({ sent, count, interval, repairedAfter, openedAt, solvedAt }: Story): number {
  if (repairedAfter === undefined) return count;
  if (openedAt === undefined || solvedAt === undefined) return repairedAfter;
  const due = Math.min(count, Math.floor((solvedAt - openedAt) / (interval * 1000)));
  return Math.max(repairedAfter, Math.min(sent, due));
}
