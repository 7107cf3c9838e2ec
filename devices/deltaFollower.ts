import { type Delta, DeltaTracker } from "./core/deltaTracker";
import type { JsonObject } from "./core/json";

/**
 * Acts on what is desired, and returns what it came to: that is then reported. It returns nothing when there is nothing to
 * report now. If it throws, the device has not acted, and is told again with the next delta or connection.
 *
 * @param delta all that is desired and not reported.
 */
export type DeltaHandler = (delta: JsonObject, version: number) => Report | Promise<Report>;

// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement is as good as one that returns undefined.
type Report = JsonObject | undefined | void;

/** Hands each delta of one shadow to its handler: one at a time, the newest only, and nothing twice. */
export class DeltaFollower {
  private readonly tracker = new DeltaTracker();
  private newest: Delta | undefined;
  private busy = false;

  constructor(
    private readonly handler: DeltaHandler,
    private readonly report: (patch: JsonObject) => Promise<unknown>,
    private readonly onFailed: (error: unknown) => void,
  ) {}

  /** @param authoritative for an answer to `get`, of which the version is certainly the current one. */
  offer(delta: Delta, authoritative = false): void {
    if (!this.tracker.isNews(delta, authoritative)) return;
    this.newest = delta;
    if (!this.busy) void this.work();
  }

  /** A report was accepted, whoever made it. */
  reported(patch: JsonObject): void {
    this.tracker.reported(patch);
  }

  private async work(): Promise<void> {
    this.busy = true;
    while (this.newest) {
      const delta = this.newest;
      this.newest = undefined;
      try {
        const patch = await this.act(delta);
        if (patch) await this.report(patch);
      } catch (error) {
        this.onFailed(error);
      }
    }
    this.busy = false;
  }

  private async act(delta: Delta): Promise<JsonObject | undefined> {
    try {
      const patch = await this.handler(delta.state, delta.version);
      this.tracker.actedOn(delta);
      return patch ?? undefined;
    } catch (error) {
      this.tracker.failedOn(delta);
      throw error;
    }
  }
}
