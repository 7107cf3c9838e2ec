import type { HeardChange } from "./brokerFeed";

/** What has become due together. */
export interface Due {
  /** In the order in which they happened. */
  readonly changes: readonly HeardChange[];
  /** Things whose registry entry has changed. */
  readonly things: ReadonlySet<string>;
  /** Whether everything is to be read anew. */
  readonly everything: boolean;
  /** Groups with a new query. */
  readonly groups: ReadonlySet<string>;
}

type Item =
  | { readonly change: HeardChange }
  | { readonly thing: string }
  | { readonly group: string }
  | { readonly everything: true };

/** Before it tries again what failed. */
const RETRY_MS = 1_000;

/**
 * Lets every change wait for the index's lag, then hands over all that are due, one handful after the other: a handful is
 * not begun before the one before it is done. So a change that was heard of while things were read is put on top of them.
 */
export class ChangeQueue {
  private items: { readonly item: Item; readonly dueAt: number }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private closed = false;

  /** @param work may fail; then it is called again with the same and what has become due meanwhile */
  constructor(
    private readonly lagMs: number,
    private readonly work: (due: Due) => Promise<void>,
    private readonly log: (text: string) => void,
  ) {}

  add(item: Item, afterMs = this.lagMs): void {
    if (this.closed) return;
    const dueAt = Date.now() + afterMs;
    // Nearly always the last one.
    let index = this.items.length;
    while (index > 0 && this.items[index - 1]!.dueAt > dueAt) index -= 1;
    this.items.splice(index, 0, { item, dueAt });
    this.wake();
  }

  /** Forgets what waits, and lets what is under way finish. */
  async clear(): Promise<void> {
    this.forget();
    await this.running;
    // If it failed, it is to be tried again.
    this.forget();
  }

  /** Nothing comes after that. */
  close(): Promise<void> {
    this.closed = true;
    return this.clear();
  }

  private forget(): void {
    this.items = [];
    clearTimeout(this.timer);
  }

  private wake(): void {
    const [first] = this.items;
    if (this.running || this.closed || !first) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => {
        this.running = this.run().finally(() => {
          this.running = undefined;
          this.wake();
        });
      },
      Math.max(0, first.dueAt - Date.now()),
    );
  }

  private async run(): Promise<void> {
    const now = Date.now();
    const count = this.items.findIndex(({ dueAt }) => dueAt > now);
    const taken = this.items.splice(0, count < 0 ? this.items.length : count);
    if (taken.length === 0) return;
    try {
      await this.work(dueOf(taken.map(({ item }) => item)));
    } catch (error) {
      if (this.closed) return;
      this.log(`The fleet index could not follow, and tries again: ${error}`);
      const dueAt = Date.now() + RETRY_MS;
      this.items.unshift(...taken.map(({ item }) => ({ item, dueAt })));
    }
  }
}

function dueOf(items: readonly Item[]): Due {
  const changes: HeardChange[] = [];
  const things = new Set<string>();
  const groups = new Set<string>();
  let everything = false;
  for (const item of items) {
    if ("change" in item) changes.push(item.change);
    else if ("thing" in item) things.add(item.thing);
    else if ("group" in item) groups.add(item.group);
    else everything = true;
  }
  return { changes, things, groups, everything };
}
