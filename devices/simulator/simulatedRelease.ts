import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { IoTClient, paginateListJobExecutionsForJob } from "@aws-sdk/client-iot";
import { GetThingShadowCommand, IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import pLimit from "p-limit";
import { RefusedError } from "../../common/commandLine";
import { buildOf } from "../../functions/firmware/builds";
import { decide } from "../../functions/firmware/releaseDecision";
import {
  appsShadow,
  type DeviceResult,
  groupQueryOf,
  type InstalledApp,
  isRunning,
  type Release,
  type ReleaseCounts,
} from "../../functions/firmware/releases";
import type { RolloutSettings } from "../../functions/firmware/rolloutSettings";
import type { Place } from "../../operations/place";
import { takenUp } from "../../operations/release/follow";
import { publish } from "../../operations/release/publish";
import { Releases } from "../../operations/release/releases";
import { seeded } from "./faults";

/** The app of simulated devices. A release of an app reaches everything that has it, so they have one of their own. */
export const app = "simulated";

/** The version that is released first where nobody says which. */
const firstVersion = "2.0";

/** Nothing that fails stops the release: faults are what a simulation is for. */
const neverAbort = [{ thresholdPercentage: 100, minNumberOfExecutedThings: 1_000_000_000 }];

/** What the cloud has recorded of one device. */
export interface Recorded {
  /** Of the job's execution. */
  readonly status: string | undefined;
  /** The device's version, from the shadow `apps`. */
  readonly installed: InstalledApp | undefined;
  /** Of the table of results. */
  readonly result: DeviceResult | undefined;
}

/** A release to simulated devices by the stack's FirmwareRollout, as `npm run release` makes and follows one. */
export class SimulatedRelease {
  readonly version: string;
  readonly build: number;
  readonly image: Buffer;
  private readonly iot: IoTClient;
  private readonly data: IoTDataPlaneClient;
  /** S3's version of the uploaded release file, by which the release is known before it is seen. */
  private source: string | undefined;
  private release: Release | undefined;

  private constructor(
    private readonly place: Place,
    private readonly releases: Releases,
    version: string,
    size: number,
    private readonly rollout: RolloutSettings,
  ) {
    this.version = version;
    this.build = buildOf(version);
    // A version is one image for ever, so that it may be released again.
    const random = seeded(this.build);
    this.image = Buffer.alloc(size);
    for (let at = 0; at < size; at++) this.image[at] = Math.floor(random() * 256);
    this.iot = new IoTClient(place.aws);
    this.data = new IoTDataPlaneClient(place.aws);
  }

  /**
   * Looks whether the stack would take the release on, before anything is made.
   * @param version by default the next after the last release
   * @throws RefusedError, with what to do
   */
  static async prepare(
    place: Place,
    { version, size, rollout = {} }: { version?: string; size: number; rollout?: RolloutSettings },
  ): Promise<SimulatedRelease> {
    const releases = new Releases(place);
    const { apps, maximumArtifactSize } = releases.outputs;
    if (!apps.includes(app)) {
      throw new RefusedError(
        `the stack ${place.stack} releases ${apps.join(", ")}, and a release of these reaches real devices. ` +
          `Add ${app} to thingstack:apps in Pulumi.${place.stack}.yaml, and deploy it again`,
      );
    }
    if (size > maximumArtifactSize) {
      throw new RefusedError(
        `--size ${size} is more than the stack ${place.stack} takes: ${maximumArtifactSize} bytes`,
      );
    }
    const before = await releases.of(app);
    const settings = { abort: neverAbort, ...rollout };
    const release = new SimulatedRelease(place, releases, version ?? nextVersion(before), size, settings);
    const file = { version: release.version, artifact: "", sha256: sha256Of(release.image), size };
    const upload = { app, file, key: "", source: "", at: "" };
    const decision = decide(upload, before, 0, {});
    if ("refusedBecause" in decision) throw new RefusedError(`${decision.refusedBecause}. ${release.hint(before)}`);
    return release;
  }

  get sha256(): string {
    return sha256Of(this.image);
  }

  /** The job's id, and so the release's; undefined until it is taken on. */
  get jobId(): string | undefined {
    return this.release?.jobId;
  }

  /** The fleet query of what the release will go to. */
  get query(): string {
    return groupQueryOf({ app, build: this.build });
  }

  /** Uploads the image and starts the release. @throws RefusedError when it is refused after all */
  async publish(folder: string): Promise<void> {
    const file = path.join(folder, "image.bin");
    writeFileSync(file, this.image);
    const { version, rollout, place, releases } = this;
    this.source = await publish(place, releases.outputs, { app, version, rollout }, file);
    this.release = await takenUp(releases, app, this.source);
    if (this.release.status === "REFUSED") throw new RefusedError(this.release.reason ?? "the release was refused");
  }

  /** Follows the release until it is over, or `isEnough`. */
  async follow(
    onProgress: (release: Release, counts: ReleaseCounts | undefined) => void,
    isEnough: () => boolean,
  ): Promise<Release> {
    for (;;) {
      const release = await this.releases.find(app, this.jobId);
      onProgress(release, (await this.releases.countsOf(release)) ?? release.counts);
      if (!isRunning(release) || isEnough()) return release;
      await pause(300);
    }
  }

  /**
   * Stops the release, if it is still under way; also one that was uploaded, and not seen to begin.
   * @param patience seconds that it is tried
   * @returns what became of it, in words, when it could not be stopped
   */
  async stop(patience = 30): Promise<string | undefined> {
    if (this.source === undefined) return undefined;
    const end = performance.now() + patience * 1000;
    let problem = "";
    do {
      try {
        const release = await this.look();
        if (release && !isRunning(release)) return undefined;
        // It may be about to have a job, or about to end.
        if (release) await this.releases.cancel(release, true);
        problem = "";
      } catch (error) {
        problem = ` (${(error as Error).message})`;
      }
      await pause(500);
    } while (performance.now() < end);
    const state = this.release ? "is still under way" : "was uploaded, and may still begin";
    return `the release of ${app} ${this.version} ${state}${problem}: npm run release -- cancel ${app} --force${this.at}`;
  }

  /** What the cloud has recorded of each device. */
  async recorded(thingNames: readonly string[]): Promise<ReadonlyMap<string, Recorded>> {
    const { iot, releases } = this;
    const jobId = this.jobId as string;
    const statuses = new Map<string, string | undefined>();
    for await (const { executionSummaries = [] } of paginateListJobExecutionsForJob({ client: iot }, { jobId })) {
      for (const { thingArn = "", jobExecutionSummary } of executionSummaries) {
        statuses.set(thingArn.slice(thingArn.indexOf("/") + 1), jobExecutionSummary?.status);
      }
    }
    const failures = new Map((await releases.failuresOf({ jobId })).map((result) => [result.thingName, result]));
    const limit = pLimit(10);
    const entries = thingNames.map((name) =>
      limit(async () => {
        const installed = await this.installed(name);
        return [name, { status: statuses.get(name), installed, result: failures.get(name) }] as const;
      }),
    );
    return new Map(await Promise.all(entries));
  }

  /** The release as it is now; undefined while it is not taken up. */
  private async look(): Promise<Release | undefined> {
    this.release = (await this.releases.of(app)).find(({ source }) => source === this.source) ?? this.release;
    return this.release;
  }

  private async installed(thingName: string): Promise<InstalledApp | undefined> {
    const request = new GetThingShadowCommand({ thingName, shadowName: appsShadow });
    const answer = await this.data.send(request).catch((error: Error) => {
      if (error.name !== "ResourceNotFoundException") throw error;
      return undefined;
    });
    return answer && JSON.parse(Buffer.from(answer.payload ?? []).toString()).state?.reported?.[app];
  }

  private hint(before: readonly Release[]): string {
    if (before.some(isRunning)) return `To stop it: npm run release -- cancel ${app} --force${this.at}`;
    return `Leave out --release, and it is ${nextVersion(before)}`;
  }

  private get at(): string {
    return this.place.local ? "" : ` --stack ${this.place.stack}`;
  }
}

/** The minor version after the highest that was released. */
export function nextVersion(releases: readonly Pick<Release, "version" | "build">[]): string {
  const last = releases.filter(({ build }) => build !== undefined).sort((a, b) => (b.build ?? 0) - (a.build ?? 0))[0];
  if (!last) return firstVersion;
  const [major = 0, minor = 0] = last.version.split(".").map(Number);
  return minor < 999 ? `${major}.${minor + 1}` : `${major + 1}.0`;
}

const sha256Of = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
