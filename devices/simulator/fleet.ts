import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pLimit from "p-limit";
import type { DeviceOptions } from "..";
import { type FaultName, type Group, groupsOf, seeded } from "./faults";
import { SimulatedDevice } from "./simulatedDevice";
import { Stage } from "./stage";

export interface FleetOptions {
  /** Configuration of any AWS client. */
  readonly aws: { readonly region: string };
  /** Where devices connect. */
  readonly mqtt: Pick<DeviceOptions, "host" | "port" | "caPath">;
  readonly devices: number;
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  readonly seed: number;
  /** Bytes of the image. */
  readonly imageSize: number;
  /** Seconds after the release at which whoever is not done is late. */
  readonly timeout: number;
  /** Told twice a second of the release, with how many devices are in which state. */
  readonly onProgress?: (states: Readonly<Record<string, number>>, seconds: number) => void;
  readonly onPhase?: (text: string) => void;
  /** When it fires, the simulation ends early and cleans up. */
  readonly signal?: AbortSignal;
}

/** How one device ended. */
export interface Outcome {
  readonly thingName: string;
  readonly group: Group;
  readonly status: "SUCCEEDED" | "FAILED" | "REJECTED" | "LATE";
  /** What its disk holds: the released image, what it was made with, or neither, which must never be. */
  readonly runs: "released" | "factory" | "damaged";
  readonly reason?: string;
  /** Whether it ended as its group has to, and its disk, its word and the cloud's agree. */
  readonly isRight: boolean;
  readonly losses: number;
}

export interface FleetResult {
  readonly outcomes: readonly Outcome[];
  /** Seconds: until things were made, until all were connected, and from the job's creation to the last device's word. */
  readonly seconds: { readonly things: number; readonly connected: number; readonly release: number };
  /** From the job's creation to each device's first request for the image. */
  readonly firstDownloads: readonly number[];
  /** Megabytes: resident with the fleet connected more than before it, and the process's peak. */
  readonly memory: { readonly fleet: number; readonly peak: number };
  /** What could not be removed. */
  readonly left: readonly string[];
}

/** Handshakes at a time. */
const connectsAtATime = 20;

const app = "simulated";
const factory = { version: "1.0", build: 1_000_000 };
const released = { version: "2.0", build: 2_000_000 };

/** Makes a fleet with faults, releases an image to it, and looks what became of each device. */
export async function runFleet(options: FleetOptions): Promise<FleetResult> {
  const { aws, mqtt, seed, imageSize, onPhase = () => {}, signal } = options;
  const name = `simulated-${seed}`;
  const groups = groupsOf(options.devices, options.faults, seeded(seed));
  const thingNames = groups.map((_, at) => `${name}-${String(at + 1).padStart(4, "0")}`);
  const stage = new Stage({ aws, name, thingNames, app, ...released, imageSize, random: seeded(seed) });
  const folder = mkdtempSync(path.join(tmpdir(), "fleet-"));
  const devices: SimulatedDevice[] = [];
  const started = performance.now();
  const since = (begin: number) => (performance.now() - begin) / 1000;
  let measured: Omit<FleetResult, "left"> | undefined;
  let left: readonly string[] = [];
  try {
    onPhase(`making ${thingNames.length} things`);
    await stage.setUp();
    const things = since(started);
    const before = process.memoryUsage().rss;
    onPhase(`connecting ${thingNames.length} devices`);
    const { certificatePem, keyPem } = stage;
    const limit = pLimit(connectsAtATime);
    await Promise.all(
      thingNames.map((thingName, at) =>
        limit(async () => {
          const home = path.join(folder, thingName);
          mkdirSync(home);
          const random = seeded(seed * 1_000_003 + at);
          const connect = { thingName, certificatePem, keyPem, ...mqtt };
          const group = groups[at] as Group;
          const device = new SimulatedDevice({ connect, folder: home, app, factory, imageSize, group, random });
          devices.push(device);
          await device.start();
        }),
      ),
    );
    const connected = since(started) - things;
    const fleet = (process.memoryUsage().rss - before) / 1e6;
    onPhase("releasing");
    const begin = performance.now();
    const jobId = await stage.release();
    await follow(devices, options, begin, signal);
    const release = since(begin);
    const said = await stage.statuses(jobId);
    const outcomes = await Promise.all(
      devices.map((device) => outcomeOf(device, stage.sha256, said.get(device.thingName))),
    );
    measured = {
      outcomes: outcomes.sort((one, other) => one.thingName.localeCompare(other.thingName)),
      seconds: { things, connected, release },
      firstDownloads: devices.flatMap(({ firstDownload }) => (firstDownload ? [firstDownload - begin] : [])),
      memory: { fleet, peak: process.resourceUsage().maxRSS / 1000 },
    };
  } finally {
    onPhase("cleaning up");
    await Promise.all(devices.map((device) => device.close()));
    left = await stage.tearDown();
    rmSync(folder, { recursive: true });
  }
  return { ...measured, left };
}

async function follow(
  devices: readonly SimulatedDevice[],
  { onProgress, timeout }: FleetOptions,
  begin: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let told = 0; ; ) {
    const seconds = (performance.now() - begin) / 1000;
    const over = devices.every(({ result }) => result) || seconds > timeout || signal?.aborted;
    if (over || seconds - told > 0.5) {
      told = seconds;
      const states: Record<string, number> = {};
      for (const { state } of devices) states[state] = (states[state] ?? 0) + 1;
      onProgress?.(states, seconds);
    }
    if (over) return;
    await pause(20);
  }
}

/** What a device of a group has to end as. */
const expected: Readonly<Record<Group, Outcome["status"]>> = {
  healthy: "SUCCEEDED",
  offline: "SUCCEEDED",
  slow: "SUCCEEDED",
  crash: "SUCCEEDED",
  corrupt: "FAILED",
  fail: "FAILED",
  reject: "REJECTED",
};

async function outcomeOf(device: SimulatedDevice, sha256: string, cloudSays: string | undefined): Promise<Outcome> {
  const { result, group, thingName, losses } = device;
  const installed = await device.installed();
  const runs = installed === undefined ? "factory" : installed === sha256 ? "released" : "damaged";
  const status = result?.status ?? "LATE";
  const isTrue = status === "SUCCEEDED" ? runs === "released" : runs === "factory" && Boolean(result?.reason);
  const isRight = isTrue && status === expected[group] && status === cloudSays;
  const reason = result ? result.reason : (device.problems.at(-1) ?? `still ${device.state}`);
  return { thingName, group, status, runs, reason, losses, isRight };
}
