/** One message that failed, as far as groups tell of it. */
export interface Entry {
  readonly source: string;
  readonly reason: string;
  /** When it was set aside: milliseconds since 1970. */
  readonly at: number;
  /** Times that it was replayed and failed again. */
  readonly replays: number;
  readonly example: string;
}

/** Messages that came from the same place and failed for the same reason. */
export interface Group {
  readonly source: string;
  readonly reason: string;
  readonly messages: number;
  /** When the first and the last of them were set aside: milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** How often the most tried of them was replayed before. */
  readonly replays: number;
  /** One of them. */
  readonly example: string;
}

/** Groups messages, the largest group first. */
export function groupsOf(entries: readonly Entry[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { source, reason, at, replays, example } of entries) {
    const key = `${source}\n${reason}`;
    const known = groups.get(key) ?? { source, reason, messages: 0, from: at, to: at, replays, example };
    groups.set(key, {
      ...known,
      messages: known.messages + 1,
      from: Math.min(known.from, at),
      to: Math.max(known.to, at),
      replays: Math.max(known.replays, replays),
    });
  }
  return [...groups.values()].sort((a, b) => b.messages - a.messages);
}
