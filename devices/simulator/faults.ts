/** What can go wrong with a simulated device. */
export const faultNames = {
  offline: "loses its connections in the download, and comes back after a while, three times",
  corrupt: "gets its download damaged on the way; it has to refuse it",
  slow: "downloads in small pieces with pauses between",
  crash: "loses power at any moment, three times, and goes on from what is on its disk",
  reject: "has no room for the image; it has to reject the job",
  fail: "does not pass its self-test; it has to go back to its old version",
} as const;

export type FaultName = keyof typeof faultNames;
export type Group = FaultName | "healthy";

/** A number in [0, 1), the next each time it is called. */
export type Random = () => number;

/** A sequence that depends on nothing but its seed ("mulberry32"). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `low` to `high`. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/**
 * Reads `offline=0.1,corrupt=0.05`: shares of the fleet, each device with one fault at most.
 * @throws Error that says what is wrong
 */
export function readFaults(text: string): Readonly<Partial<Record<FaultName, number>>> {
  const shares: Partial<Record<FaultName, number>> = {};
  for (const part of text.split(",").filter((part) => part.trim() !== "")) {
    const [name = "", value = ""] = part.split("=").map((word) => word.trim());
    if (!Object.hasOwn(faultNames, name)) {
      throw new Error(`there is no fault "${name}"; there are ${Object.keys(faultNames).join(", ")}`);
    }
    const share = value === "" ? Number.NaN : Number(value);
    if (!(share >= 0 && share <= 1)) throw new Error(`${name}=${value}: the share has to be a number from 0 to 1`);
    shares[name as FaultName] = share;
  }
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  // 0.1 + 0.2 + 0.7 is a little more than 1.
  if (sum > 1 + 1e-9) throw new Error(`the shares come to ${sum}; a device has one fault at most, so to 1 at most`);
  return shares;
}

/** Which device has which fault: as many as the shares say, which ones by the seed. */
export function groupsOf(
  count: number,
  shares: Readonly<Partial<Record<FaultName, number>>>,
  random: Random,
): readonly Group[] {
  const groups: Group[] = [];
  for (const [name, share] of Object.entries(shares)) {
    const wanted = Math.min(Math.round(share * count), count - groups.length);
    groups.push(...Array.from({ length: wanted }, () => name as FaultName));
  }
  while (groups.length < count) groups.push("healthy");
  for (let at = groups.length - 1; at > 0; at--) {
    const other = between(random, 0, at);
    [groups[at], groups[other]] = [groups[other] as Group, groups[at] as Group];
  }
  return groups;
}
