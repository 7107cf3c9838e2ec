import { expect } from "chai";
import type { Group } from "../../../../devices/simulator/faults";
import { judge, type Outcome } from "../../../../devices/simulator/outcome";
import type { SimulatedDevice } from "../../../../devices/simulator/simulatedDevice";
import type { Recorded } from "../../../../devices/simulator/simulatedRelease";
import type { DeviceResult, InstalledApp, Release } from "../../../../functions/firmware/releases";

const image = "a".repeat(64);
const jobId = "simulated-2_0-1";
const installed: InstalledApp = { version: "2.0", build: 2_000_000, jobId };
const unknown: InstalledApp = { version: "unknown", build: 0 };

/** What one device is like, and what the cloud has of it. */
interface Case {
  readonly group: Group;
  /** Its word. */
  readonly said?: { readonly status: "SUCCEEDED" | "FAILED" | "REJECTED"; readonly reason?: string };
  /** What its disk holds. */
  readonly hash?: string;
  readonly release?: Release["status"];
  readonly execution?: string;
  readonly installed?: InstalledApp;
  readonly result?: { readonly status: string; readonly reason: string };
}

const well: Case = { group: "healthy", said: { status: "SUCCEEDED" }, hash: image, execution: "SUCCEEDED", installed };
const ill: Case = {
  group: "corrupt",
  said: { status: "FAILED", reason: "damaged" },
  execution: "FAILED",
  installed: unknown,
  result: { status: "FAILED", reason: "damaged" },
};
const stopped: Case = {
  group: "healthy",
  release: "CANCELED",
  execution: "CANCELED",
  installed: unknown,
  result: { status: "CANCELED", reason: "the job was canceled before the device began" },
};

describe("devices: how a simulated device ended", () => {
  const cases: readonly [what: string, Case, status: Outcome["status"], isRight: boolean, reason?: RegExp][] = [
    ["updated, and recorded so", well, "SUCCEEDED", true],
    ["updated, and nothing is recorded", { ...well, installed: unknown }, "SUCCEEDED", false, /unknown is recorded/],
    [
      "updated, and recorded with the version of another release",
      { ...well, installed: { ...installed, jobId: "simulated-2_0-0" } },
      "SUCCEEDED",
      false,
    ],
    ["updated, and the job says otherwise", { ...well, execution: "FAILED" }, "SUCCEEDED", false, /job says FAILED/],
    ["updated, it says, and it is not", { ...well, hash: undefined }, "SUCCEEDED", false],
    ["updated, with a damaged image", { ...well, hash: "b".repeat(64) }, "SUCCEEDED", false],
    ["updated, where it could not be", { ...well, group: "corrupt" }, "SUCCEEDED", false],
    ["failed, with its reason on record", ill, "FAILED", true, /^damaged$/],
    ["failed, and nobody knows why", { ...ill, result: undefined }, "FAILED", false, /no reason is recorded/],
    ["failed, and runs the release", { ...ill, hash: image }, "FAILED", false],
    ["failed, and is recorded as updated", { ...ill, installed }, "FAILED", false, /2\.0 is recorded/],
    ["failed without a fault", { ...ill, group: "healthy" }, "FAILED", false],
    ["rejected in place of failed", { ...ill, group: "reject" }, "FAILED", false],
    ["stopped with its release", stopped, "CANCELED", true],
    ["stopped, and its release was not", { ...stopped, release: "COMPLETED" }, "LATE", false, /still waiting/],
    ["not done in time", { group: "slow", release: "IN_PROGRESS", execution: "IN_PROGRESS" }, "LATE", false, /still/],
  ];
  for (const [what, given, status, isRight, reason] of cases) {
    it(what, async () => {
      const device = {
        ...{ thingName: "one", group: given.group, losses: 0, problems: [], state: "waiting", result: given.said },
        installed: async () => given.hash,
      };
      const release = { jobId, status: given.release ?? "COMPLETED", reason: undefined } as Release;
      const recorded: Recorded = {
        status: given.execution,
        installed: given.installed,
        result: given.result as DeviceResult | undefined,
      };
      const of = { sha256: image, version: "2.0" };
      const outcome = await judge(device as unknown as SimulatedDevice, of, release, recorded);
      expect(outcome).to.include({ status, isRight });
      if (reason) expect(outcome.reason).to.match(reason);
    });
  }
});
