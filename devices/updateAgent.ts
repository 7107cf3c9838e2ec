import { EventEmitter } from "node:events";
import type { Backoff } from "./core/backoff";
import type { Image, Update } from "./core/offer";
import { next } from "./core/update";
import { type Effect, type Event, effectOf, type State } from "./core/updateStates";
import { type AgentDevice, Cloud, Stopped } from "./update/cloud";
import { type Disk, realDisk } from "./update/disk";
import { httpTransport, type Transport } from "./update/download";
import { Journal } from "./update/journal";
import { Slots } from "./update/slots";
import { Worker } from "./update/worker";

/** An image on the device. */
export interface InstallableImage extends Image {
  readonly app: string;
  readonly path: string;
}

/** One of the device's programs that can be updated. */
export interface App {
  /** What the device was made with; it runs until the first update. */
  readonly factory?: { readonly version: string; readonly build: number };
  /** The largest image that there is room for, in bytes. A job with a larger one is rejected. @default no limit */
  readonly maximumBytes?: number;
  /**
   * Rejects a lower build than the installed one unless the job's document says `"rollback": true`.
   * @default false: which way to go is for the cloud to decide, where FirmwareRollout takes a lower version only when it is
   * declared a rollback
   */
  readonly refuseLower?: boolean;
  /**
   * Gets the new image, checked by size and SHA-256, before it becomes the active one: unpack it, flash it. When it throws,
   * the update fails with that reason and the old image stays. After a loss of power it is called again.
   */
  readonly install?: (image: InstallableImage) => void | Promise<void>;
  /**
   * Looks whether the new image works, once it is the active one: start it, ask it. When it throws, or when the device does
   * not survive it three times, the old image comes back and the update fails.
   */
  readonly selfTest?: (image: InstallableImage) => void | Promise<void>;
}

export interface UpdateAgentOptions {
  /** Where images and the journal lie. One agent per folder, and nobody else but the same device's `queueFolder`. */
  readonly folder: string;
  /** The device's apps by name, as release files name them. */
  readonly apps: Readonly<Record<string, App>>;
  /** Milliseconds between tries: any time up to a limit that doubles from `base` to `maximum`. @default 1 s, 5 min */
  readonly retry?: Backoff;
  /** Milliseconds without a byte after which a download is begun again where it was. @default 30 s */
  readonly stallTimeout?: number;
  /** Milliseconds between reports of how far a download is; each is a billed message. @default 30 s */
  readonly progressInterval?: number;
  /** How to download. @default HTTP */
  readonly transport?: Transport;
  /** Where to write. @default the machine's file system */
  readonly disk?: Disk;
  /** A number in [0, 1). @default Math.random */
  readonly random?: () => number;
}

/** How an update ended. */
export interface UpdateResult {
  readonly jobId: string;
  readonly app?: string;
  readonly version?: string;
  readonly status: "SUCCEEDED" | "FAILED" | "REJECTED";
  readonly reason?: string;
}

export interface UpdateAgentEvents {
  /** The update goes on to another step. */
  step: [step: State["at"], update: Update];
  progress: [update: Update, received: number];
  /** It told the cloud how an update ended. */
  finished: [UpdateResult];
  /** The job was cancelled, timed out or deleted: `update` is not followed any more. */
  gone: [update: Update];
  /** Something failed, and is tried again or was reported. */
  problem: [Error];
}

/** What failed, for whoever reads the reason of a failed job. */
const spoken: Readonly<Partial<Record<Effect["do"], string>>> = {
  test: "self-test",
  install: "installation",
  note: "journal",
};

/**
 * Keeps a device's apps at the version that the cloud asks for, by AWS IoT jobs.
 *
 * ```ts
 * const agent = new UpdateAgent(device, { folder: "/var/lib/lamp", apps: { lamp: { selfTest } } });
 * agent.on("finished", ({ app, version, status, reason }) => console.log(app, version, status, reason));
 * await agent.start();
 * ```
 *
 * A job is refused if it does not fit, downloaded by its link, over as many connections as it takes, checked by size and
 * SHA-256, installed, switched to in one step, tested, claimed in the shadow (`reported.apps.<app>`) and reported. The old
 * image stays until then, and comes back when anything fails. Power may go at any moment: on the next start it goes on.
 */
export class UpdateAgent extends EventEmitter<UpdateAgentEvents> {
  private readonly stopping = new AbortController();
  private readonly worker: Worker;
  private readonly slots: Slots;
  private readonly cloud: Cloud;
  private running: Promise<void> | undefined;
  private woken = () => {};
  private isAwake = false;
  private readonly wake = () => {
    this.isAwake = true;
    this.woken();
  };

  constructor(
    private readonly device: AgentDevice,
    private readonly options: UpdateAgentOptions,
  ) {
    super();
    const { folder, apps, disk = realDisk, random = Math.random } = options;
    const { retry = { base: 1000, maximum: 300_000 }, stallTimeout = 30_000, progressInterval = 30_000 } = options;
    const { signal } = this.stopping;
    this.slots = new Slots(folder, disk);
    this.cloud = new Cloud({ device, signal, retry, random, onProblem: (error) => this.emit("problem", error) });
    this.worker = new Worker({
      ...{ apps, stallTimeout, progressInterval, signal, slots: this.slots, cloud: this.cloud },
      journal: new Journal(folder, disk),
      transport: options.transport ?? httpTransport,
      claim: (app, version) => this.claim({ [app]: version }),
      onProgress: (update, received) => this.emit("progress", update, received),
      wake: () => this.untilWoken(),
    });
  }

  /**
   * Begins: goes on with what was under way, and takes the next job whenever there is one.
   *
   * @throws Refused when the policy does not allow it to hear of jobs; what the disk throws
   */
  async start(): Promise<void> {
    for (const app of Object.keys(this.options.apps)) await this.slots.prepare(app);
    this.device.on("connected", this.wake);
    await this.device.jobs.onNext((jobId) => {
      this.worker.nextIs(jobId);
      this.wake();
    });
    this.running = this.keepRunning();
  }

  /** Ends after the step under way; the next start goes on there. Safe to call twice. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.device.off("connected", this.wake);
    await this.running;
  }

  /** What runs now, by app. `undefined`: nobody knows. */
  async versions(): Promise<Readonly<Record<string, string | undefined>>> {
    const entries = Object.keys(this.options.apps).map(
      async (app) => [app, (await this.worker.running(app))?.version] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  /** A fault in the agent itself is told, and it begins as after a loss of power: an agent that is gone updates nobody. */
  private async keepRunning(): Promise<void> {
    // First: later it could undo the claim of an update.
    let work = () => this.claimAll().then(() => this.run());
    for (let failures = 1; ; failures++) {
      try {
        await work();
      } catch (error) {
        if (error instanceof Stopped) return;
        this.emit("problem", error as Error);
      }
      work = () => this.run();
      await this.cloud.pause(failures).catch(() => {});
    }
  }

  private async run(): Promise<void> {
    let state: State = { at: "off" };
    for (;;) {
      const effect = effectOf(state);
      // What was told before the question is in its answer.
      if (effect.do === "startNext") this.isAwake = false;
      if (this.stopping.signal.aborted) throw new Stopped();
      const event = await this.perform(effect);
      this.tell(effect, event);
      state = next(state, event);
      if ("update" in state) this.emit("step", state.at, state.update);
    }
  }

  private async perform(effect: Effect): Promise<Event> {
    try {
      return await this.worker.perform(effect);
    } catch (error) {
      if (error instanceof Stopped) throw error;
      this.emit("problem", error as Error);
      return { type: "broke", reason: `${spoken[effect.do] ?? effect.do}: ${(error as Error).message}` };
    }
  }

  private tell(effect: Effect, event: Event): void {
    if (event.type === "gone" && "update" in effect) this.emit("gone", effect.update);
    if (event.type !== "done") return;
    if (effect.do === "refuse") {
      this.emit("finished", { jobId: effect.refusal.jobId, status: "REJECTED", reason: effect.refusal.reason });
    }
    if (effect.do === "succeed" || effect.do === "fail") {
      const { jobId, app, version } = effect.update;
      const reason = effect.do === "fail" ? { reason: effect.reason } : {};
      this.emit("finished", { jobId, app, version, status: effect.do === "fail" ? "FAILED" : "SUCCEEDED", ...reason });
    }
  }

  /** The claims of a device that was away may be old. What is damaged is not claimed. */
  private async claimAll(): Promise<void> {
    const apps: Record<string, string> = {};
    for (const [app, { factory }] of Object.entries(this.options.apps)) {
      const active = await this.slots.active(app);
      const problem = active && (await this.slots.problemOfActive(app, active));
      if (problem) this.emit("problem", new Error(`The active image of ${app} is damaged: ${problem}`));
      const version = active ? active.version : factory?.version;
      if (!problem && version !== undefined) apps[app] = version;
    }
    if (Object.keys(apps).length > 0) await this.claim(apps);
  }

  /** A claim that is refused ends no update: the cloud goes by the job, and shows that the claim differs. */
  private async claim(apps: Record<string, string>): Promise<void> {
    try {
      await this.cloud.unlessStopped(this.device.report({ apps }));
    } catch (error) {
      if (error instanceof Stopped) throw error;
      this.emit("problem", error as Error);
    }
  }

  private async untilWoken(): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.woken = resolve;
    });
    if (!this.isAwake) await this.cloud.unlessStopped(woken);
    this.isAwake = false;
  }
}
