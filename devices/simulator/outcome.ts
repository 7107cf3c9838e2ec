import type { Release } from "../../functions/firmware/releases";
import type { Group } from "./faults";
import type { SimulatedDevice } from "./simulatedDevice";
import type { Recorded, SimulatedRelease } from "./simulatedRelease";

/** How one device ended. */
export interface Outcome {
  readonly thingName: string;
  readonly group: Group;
  /** As the cloud has it; LATE when the simulation did not wait any longer. */
  readonly status: "SUCCEEDED" | "FAILED" | "REJECTED" | "CANCELED" | "LATE";
  /** What its disk holds: the released image, what it was made with, or neither, which must never be. */
  readonly runs: "released" | "factory" | "damaged";
  /** Why it does not run the release. */
  readonly reason?: string;
  /** Whether it ended as its group has to, and its disk, its word and the cloud's records agree. */
  readonly isRight: boolean;
  readonly losses: number;
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

/** Compares what a device has on its disk, what it said, and what the cloud has recorded. */
export async function judge(
  device: SimulatedDevice,
  { sha256, version }: Pick<SimulatedRelease, "sha256" | "version">,
  release: Release,
  recorded: Recorded | undefined,
): Promise<Outcome> {
  const { result, group, thingName, losses } = device;
  const hash = await device.installed();
  const runs = hash === undefined ? "factory" : hash === sha256 ? "released" : "damaged";
  const isCanceled = release.status === "CANCELED" && !result && recorded?.status === "CANCELED";
  const status = isCanceled ? "CANCELED" : (result?.status ?? "LATE");
  const records = problemOfRecords(status, version, release, recorded);
  const isTrue = runs === (status === "SUCCEEDED" ? "released" : "factory");
  const isExpected = status === expected[group] || status === "CANCELED";
  const own = isCanceled
    ? release.reason
    : result
      ? result.reason
      : (device.problems.at(-1) ?? `still ${device.state}`);
  const reason = records ?? own;
  return { thingName, group, status, runs, reason, losses, isRight: isTrue && isExpected && records === undefined };
}

/** What is missing or not so in the cloud's records of a device, or undefined. */
function problemOfRecords(
  status: Outcome["status"],
  version: string,
  { jobId }: Release,
  recorded: Recorded | undefined,
): string | undefined {
  if (status === "LATE") return undefined;
  if (recorded?.status !== status) return `the job says ${recorded?.status ?? "nothing"} of it`;
  const { installed, result } = recorded;
  if (status === "SUCCEEDED") {
    const isRecorded = installed?.version === version && installed.jobId === jobId;
    return isRecorded ? undefined : `${installed?.version ?? "no version"} is recorded`;
  }
  if (installed?.jobId === jobId) return `${version} is recorded, and it does not run`;
  return result?.status === status && result.reason ? undefined : "no reason is recorded";
}
