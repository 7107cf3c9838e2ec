import type { AppLimits, Image, Update } from "../core/offer";
import { judge } from "../core/offer";
import type { Effect, Event } from "../core/updateStates";
import type { JobExecution } from "../jobs";
import type { App } from "../updateAgent";
import type { Cloud } from "./cloud";
import { download, type Transport } from "./download";
import type { Journal } from "./journal";
import type { Slots } from "./slots";

export interface WorkerOptions {
  readonly apps: Readonly<Record<string, App>>;
  readonly cloud: Cloud;
  readonly slots: Slots;
  readonly journal: Journal;
  readonly transport: Transport;
  readonly signal: AbortSignal;
  readonly stallTimeout: number;
  /** Milliseconds between reports of how far a download is. */
  readonly progressInterval: number;
  readonly claim: (app: string, version: string) => Promise<void>;
  readonly onProgress: (update: Update, received: number) => void;
  /** Resolves when there may be another job. */
  readonly wake: () => Promise<void>;
}

/** Does what an update's machine says, and tells it what happened. */
export class Worker {
  /** Ends the download under way, to look what became of its job. */
  private interruption: AbortController | undefined;
  private workingOn: string | undefined;

  constructor(private readonly options: WorkerOptions) {}

  /** Another job is the next one: the one at hand may be over. */
  nextIs(jobId: string | undefined): void {
    if (jobId !== this.workingOn) this.interruption?.abort();
  }

  /** @throws Stopped */
  async perform(effect: Effect): Promise<Event> {
    const { cloud, slots, journal } = this.options;
    switch (effect.do) {
      case "wait":
        await this.options.wake();
        return done;
      case "startNext": {
        const execution = await cloud.startNext();
        return execution ? this.offered(execution) : { type: "none" };
      }
      case "refuse":
        return goneUnless(await cloud.tell(effect.refusal, "REJECTED", { reason: short(effect.refusal.reason) }));
      case "refresh":
        return this.refresh(effect.update);
      case "announce":
        return goneUnless(await cloud.tell(effect.update, "IN_PROGRESS", { step: "installing" }));
      case "succeed":
        return goneUnless(await cloud.tell(effect.update, "SUCCEEDED", { version: effect.update.version }));
      case "fail":
        return goneUnless(await cloud.tell(effect.update, "FAILED", { reason: short(effect.reason) }));
      case "claim":
        await this.options.claim(effect.update.app, effect.update.version);
        return done;
      case "pause":
        await cloud.pause(effect.failures);
        return done;
      case "download":
        return this.download(effect.update, effect.url);
      case "inspect":
        return (await slots.isActive(effect.update)) ? done : { type: "absent" };
      case "verify": {
        const reason = await slots.accept(effect.update);
        return reason === undefined ? done : { type: "damaged", reason: `the artifact is damaged: ${reason}` };
      }
      case "note":
        await journal.write(effect.entry);
        return done;
      case "discard":
        await slots.discard(effect.update.app);
        return done;
      case "install":
        await this.options.apps[effect.update.app]?.install?.({
          ...effect.update,
          path: await slots.stagedPath(effect.update),
        });
        return done;
      case "activate":
        await slots.activate(effect.update);
        return done;
      case "test":
        await this.options.apps[effect.update.app]?.selfTest?.({
          ...effect.update,
          path: slots.activePath(effect.update.app),
        });
        return done;
      case "revert":
        await slots.revert(effect.update);
        return done;
      case "clear":
        await slots.discard(effect.update.app);
        await journal.clear();
        return done;
      case "nothing":
        return { type: "started", entry: await journal.read() };
    }
  }

  /** What runs now, by app: an installed image, or what the device was made with. */
  async running(app: string): Promise<Pick<Image, "version" | "build"> | undefined> {
    return (await this.options.slots.active(app)) ?? this.options.apps[app]?.factory;
  }

  private async offered(execution: JobExecution): Promise<Event> {
    const verdict = judge(execution, await this.limits());
    if ("update" in verdict) return { type: "job", ...verdict };
    const { jobId, executionNumber } = execution;
    return { type: "unfit", refusal: { jobId, executionNumber, reason: verdict.unfit } };
  }

  private async refresh(update: Update): Promise<Event> {
    const execution = await this.options.cloud.get(update);
    if (!execution) return { type: "gone" };
    const event = await this.offered(execution);
    // A job's document does not change, unless the job was deleted and made anew.
    return event.type === "job" && event.update.sha256 !== update.sha256 ? { type: "gone" } : event;
  }

  private async limits(): Promise<Record<string, AppLimits>> {
    const entries = Object.entries(this.options.apps).map(
      async ([app, { maximumBytes = Number.MAX_SAFE_INTEGER, refuseLower }]) =>
        [app, { maximumBytes, lowestBuild: refuseLower ? (await this.running(app))?.build : undefined }] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  private async download(update: Update, url: string): Promise<Event> {
    const { slots, transport, stallTimeout, signal, cloud } = this.options;
    // Not AbortSignal.any: on Node 20 its signals may be garbage-collected before they fire.
    const interruption = new AbortController();
    const interrupt = () => interruption.abort();
    if (signal.aborted) interrupt();
    signal.addEventListener("abort", interrupt);
    this.interruption = interruption;
    this.workingOn = update.jobId;
    const received = await slots.received(update);
    let told = performance.now();
    let telling = false;
    let progress: Promise<unknown> = Promise.resolve();
    const onBytes = (bytes: number) => {
      this.options.onProgress(update, bytes);
      if (telling || performance.now() - told < this.options.progressInterval) return;
      telling = true;
      told = performance.now();
      const percent = String(Math.floor((100 * bytes) / update.size));
      progress = cloud
        .tell(update, "IN_PROGRESS", { step: "downloading", percent })
        .then((stands) => stands || interrupt())
        .catch(() => {})
        .finally(() => {
          telling = false;
        });
    };
    try {
      return await download({
        transport,
        url,
        size: update.size,
        received: received <= update.size ? received : 0,
        open: (offset) => slots.write(update, offset),
        signal: interruption.signal,
        stallTimeout,
        onBytes,
      });
    } finally {
      this.interruption = undefined;
      signal.removeEventListener("abort", interrupt);
      // Reports go out one after the other, so that the next one knows the version.
      await progress;
    }
  }
}

const done: Event = { type: "done" };

function goneUnless(stands: boolean): Event {
  return stands ? done : { type: "gone" };
}

/** AWS takes 1 to 1024 characters. */
function short(reason: string): string {
  return reason.slice(0, 1024) || "unknown";
}
