/** At most this long between two tries, in milliseconds. */
const longest = 60_000;

/**
 * Milliseconds until the next poll: the interval while all is well, twice as long after each failure, with up to a quarter
 * more or less, so that the consoles that an outage has brought in step do not come back in step.
 * @param random from 0 to 1
 */
export function pollDelay(interval: number, failures: number, random: number): number {
  if (failures === 0) return interval;
  return Math.round(Math.min(longest, interval * 2 ** failures) * (0.75 + random / 2));
}
