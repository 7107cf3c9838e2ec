export interface Backoff {
  /** Milliseconds before the first retry, at most. */
  readonly base: number;
  /** Milliseconds, at most, however often it was tried. */
  readonly maximum: number;
}

/**
 * Milliseconds to wait before the next try: any time up to a limit that doubles with each failure ("full jitter"), so that
 * a fleet that failed together does not come back together.
 *
 * @param failures how often it failed so far, from 1.
 * @param random a number in [0, 1).
 */
export function fullJitter(failures: number, { base, maximum }: Backoff, random: number): number {
  // 2 ** 1024 is Infinity, and the maximum of it still the maximum.
  return random * Math.min(maximum, base * 2 ** (failures - 1));
}
