import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import pLimit from "p-limit";
import { waitFor } from "../../common/waitFor";
import type { Release, ReleaseCounts } from "../../functions/firmware/releases";
import type { RolloutSettings } from "../../functions/firmware/rolloutSettings";
import { outputOf, type Place } from "../../operations/place";
import type { DeviceOptions } from "..";
import { cleanUp } from "./cleanUp";
import { type FaultName, type Group, groupsOf, seeded } from "./faults";
import { judge, type Outcome } from "./outcome";
import { SimulatedDevice } from "./simulatedDevice";
import { app, SimulatedRelease } from "./simulatedRelease";
import { Stage } from "./stage";

export interface FleetOptions {
  /** The stack that releases to the fleet. */
  readonly place: Place;
  /** Where devices connect. */
  readonly mqtt: Pick<DeviceOptions, "host" | "port" | "caPath">;
  readonly devices: number;
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  readonly seed: number;
  /** The version that is released. @default the next after the last one */
  readonly release?: string;
  /** How it goes out. @default at once, and never aborted; the rest as the stack has it */
  readonly rollout?: RolloutSettings;
  /** Bytes of the image. */
  readonly imageSize: number;
  /** Seconds after the release at which whoever is not done is late. */
  readonly timeout: number;
  /** Told several times a second how far the release is. */
  readonly onProgress?: (release: Release, counts: ReleaseCounts | undefined) => void;
  readonly onPhase?: (text: string) => void;
  /** When it fires, the release is canceled, all that was made removed, and {@link Interrupted} thrown. */
  readonly signal?: AbortSignal;
}

export interface FleetResult {
  /** As it ended. */
  readonly release: Release;
  readonly outcomes: readonly Outcome[];
  /** Seconds: until things were made, until all were connected and known, and from the upload to the release's end. */
  readonly seconds: { readonly things: number; readonly connected: number; readonly release: number };
  /** Milliseconds from the upload to each device's first request for the image. */
  readonly firstDownloads: readonly number[];
  /** Megabytes: resident with the fleet connected more than before it, and the process's peak. */
  readonly memory: { readonly fleet: number; readonly peak: number };
  /** What could not be removed. */
  readonly left: readonly string[];
}

/** Somebody ended the simulation. */
export class Interrupted extends Error {
  constructor(readonly left: readonly string[]) {
    super("interrupted");
  }
}

/** Handshakes at a time. */
const connectsAtATime = 20;

/** Seconds that the cloud may take to know all things, and to record all ends: 0.2 a device, and a minute. */
const patienceFor = (devices: number) => 60 + 0.2 * devices;

const factory = { version: "1.0", build: 1_000_000 };

/**
 * Makes a fleet with faults, releases an image to it by the stack's FirmwareRollout, and looks what became of each device.
 * Whatever happens, it removes what it made, and says what it could not remove.
 *
 * @throws RefusedError, before anything is made, when the stack would not take the release; Interrupted; what failed, with
 *   what is left in its message
 */
export async function runFleet(options: FleetOptions): Promise<FleetResult> {
  const { place, onPhase = () => {}, signal } = options;
  const release = await SimulatedRelease.prepare(place, {
    version: options.release,
    size: options.imageSize,
    rollout: options.rollout,
  });
  const stage = new Stage({ aws: place.aws, policyName: outputOf(place, "devicePolicyName") });
  onPhase("looking for other simulations; after one that was killed, up to two minutes");
  const cleared = await stage.clearAway();
  if (cleared > 0) onPhase(`removed ${cleared} things that an earlier simulation has left`);
  const folder = mkdtempSync(path.join(tmpdir(), "fleet-"));
  const fleet: SimulatedDevice[] = [];
  let measured: Omit<FleetResult, "left"> | undefined;
  let failure: unknown;
  try {
    measured = await simulate(options, { release, stage, folder, fleet });
  } catch (error) {
    failure = error;
  }
  onPhase("cleaning up");
  const left = await cleanUp([
    ["the release", () => release.stop()],
    ["the devices", () => closeAll(fleet)],
    ["things and their certificate", () => stage.tearDown()],
    [folder, async () => void rmSync(folder, { recursive: true })],
  ]);
  if (measured) return { ...measured, left };
  if (signal?.aborted) throw new Interrupted(left);
  // In its own class, by which the command tells a refusal from a failure.
  if (left.length > 0 && failure instanceof Error) failure.message += `. Left: ${left.join("; ")}`;
  throw failure;
}

/** @returns why devices could not be closed, each reason once */
async function closeAll(fleet: readonly SimulatedDevice[]): Promise<string[]> {
  const ends = await Promise.allSettled(fleet.map((device) => device.close()));
  return [
    ...new Set(ends.flatMap((end) => (end.status === "rejected" ? `a device is not closed: ${end.reason}` : []))),
  ];
}

interface Running {
  readonly release: SimulatedRelease;
  readonly stage: Stage;
  readonly folder: string;
  readonly fleet: SimulatedDevice[];
}

async function simulate(options: FleetOptions, running: Running): Promise<Omit<FleetResult, "left">> {
  const { seed, devices, timeout, onPhase = () => {}, onProgress = () => {}, signal } = options;
  const { release, stage, folder, fleet } = running;
  const groups = groupsOf(devices, options.faults, seeded(seed));
  const thingNames = groups.map((_, at) => `simulated-${seed}-${String(at + 1).padStart(4, "0")}`);
  const started = performance.now();
  const since = (begin: number) => (performance.now() - begin) / 1000;

  onPhase(`making ${devices} things`);
  await stage.setUp(thingNames);
  signal?.throwIfAborted();
  const things = since(started);
  const before = process.memoryUsage().rss;
  onPhase(`connecting ${devices} devices`);
  await connect(options, running, thingNames, groups);
  const memory = (process.memoryUsage().rss - before) / 1e6;
  // They say that they have the app; the stack records it, and the fleet index, which releases go by, hears of it later.
  let known = 0;
  await waitFor(
    `all ${devices} things to be recorded`,
    async () => {
      signal?.throwIfAborted();
      known = await stage.count(release.query);
      return known === devices;
    },
    { seconds: patienceFor(devices), everyMs: 300, lastSeen: () => `${known} of them` },
  );
  const connected = since(started) - things;

  onPhase(`releasing ${app} ${release.version}`);
  const begin = performance.now();
  await release.publish(folder);
  const isLate = () => since(begin) > timeout;
  const ended = await release.follow(onProgress, () => isLate() || signal?.aborted === true);
  signal?.throwIfAborted();
  const seconds = { things, connected, release: since(begin) };

  onPhase("looking what became of each device");
  const outcomes = await outcomesOf(fleet, release, ended, isLate() ? 0 : patienceFor(devices), signal);
  return {
    release: ended,
    outcomes: outcomes.sort((one, other) => one.thingName.localeCompare(other.thingName)),
    seconds,
    firstDownloads: fleet.flatMap(({ firstDownload }) => (firstDownload ? [firstDownload - begin] : [])),
    memory: { fleet: memory, peak: process.resourceUsage().maxRSS / 1000 },
  };
}

async function connect(
  { mqtt, imageSize, seed, signal }: FleetOptions,
  { stage, folder, fleet }: Running,
  thingNames: readonly string[],
  groups: readonly Group[],
): Promise<void> {
  const { certificatePem, keyPem } = stage;
  const limit = pLimit(connectsAtATime);
  const start = async (thingName: string, at: number) => {
    signal?.throwIfAborted();
    const home = path.join(folder, thingName);
    mkdirSync(home);
    const device = new SimulatedDevice({
      connect: { thingName, certificatePem, keyPem, ...mqtt },
      ...{ folder: home, app, factory, imageSize },
      group: groups[at] as Group,
      random: seeded(seed * 1_000_003 + at),
    });
    fleet.push(device);
    await device.start();
  };
  // All of them before it fails: one that connects later would not be closed.
  const ends = await Promise.allSettled(thingNames.map((name, at) => limit(() => start(name, at))));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
}

/** What the cloud records it records after the fact, so it is asked until nothing is missing, or for long enough. */
async function outcomesOf(
  fleet: readonly SimulatedDevice[],
  release: SimulatedRelease,
  ended: Release,
  patience: number,
  signal: AbortSignal | undefined,
): Promise<Outcome[]> {
  const end = performance.now() + patience * 1000;
  for (;;) {
    const recorded = await release.recorded(fleet.map(({ thingName }) => thingName));
    const outcomes = await Promise.all(
      fleet.map((device) => judge(device, release, ended, recorded.get(device.thingName))),
    );
    signal?.throwIfAborted();
    if (outcomes.every(({ isRight }) => isRight) || performance.now() > end) return outcomes;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
