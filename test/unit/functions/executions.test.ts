import { expect } from "chai";
import {
  afterSuccess,
  endOf,
  falseClaim,
  unknownVersion,
  versionsUnderWay,
} from "../../../functions/firmware/executions";
import type { InstalledApp, Release } from "../../../functions/firmware/releases";

const event = {
  job_id: "cooler-2_0-1",
  thingArn: "arn:aws:iot:eu-central-1:123456789012:thing/cooler:1_a-b",
  status: "FAILED",
  timestamp: 1_767_225_600,
};
const installed = (version: string, build: number, turn: number): Required<InstalledApp> => ({
  version,
  build,
  turn,
  jobId: `cooler-${version.replace(".", "_")}-${turn}`,
});
const nine = installed("1.9", 1_009_000, 1);
const two = installed("2.0", 2_000_000, 2);
const back = installed("1.9", 1_009_000, 3);

describe("what devices made of a job", () => {
  const reasons: [string, string, Record<string, string> | undefined, string][] = [
    ["the device's reason", "FAILED", { reason: "flash is worn" }, "flash is worn"],
    ["its reason and what else it says", "REJECTED", { reason: "battery", level: "3" }, "battery; level: 3"],
    ["details without a reason", "SUCCEEDED", { version: "2.0" }, "version: 2.0"],
    ["nothing", "FAILED", undefined, "the device gave no reason"],
    ["a timeout", "TIMED_OUT", {}, "the device began, and was not done in time"],
    ["a canceled job", "CANCELED", {}, "the job was canceled before the device began"],
    ["a thing that left the group", "REMOVED", {}, "the thing left the group before the device began"],
  ];
  for (const [what, status, statusDetails, reason] of reasons) {
    it(`keeps ${what}`, () => {
      expect(endOf({ ...event, status, statusDetails })).to.include({ thingName: "cooler:1_a-b", status, reason });
    });
  }

  it("takes times in seconds and in milliseconds", () => {
    for (const timestamp of [1_767_225_600, 1_767_225_600_000]) {
      expect(endOf({ ...event, timestamp }).at).to.equal("2026-01-01T00:00:00.000Z");
    }
  });

  const strange: [string, object][] = [
    ["no thing", { thingArn: "arn:aws:iot:eu-central-1:123456789012:thinggroup/x" }],
    ["a status that is no end", { status: "IN_PROGRESS" }],
    ["no job", { job_id: "" }],
    ["no time", { timestamp: undefined }],
  ];
  for (const [what, changes] of strange) {
    it(`fails on an event with ${what}`, () => {
      expect(() => endOf({ ...event, ...changes } as typeof event)).to.throw(/not the end of a job's execution/);
    });
  }
});

describe("what a thing has after a success", () => {
  const cases: [string, InstalledApp | undefined, Required<InstalledApp>, InstalledApp | undefined][] = [
    ["the first news of a thing", undefined, two, two],
    ["the version that it came with is replaced", { version: "1.0", build: 1_000_000 }, two, two],
    ["a later release", nine, two, two],
    ["late news of an earlier release", two, nine, undefined],
    ["the same news again", two, two, undefined],
    ["a rollback, which is a later release", two, back, back],
    ["late news from before the rollback", back, two, undefined],
  ];
  for (const [what, current, job, after] of cases) {
    it(`${what}: ${after ? `is ${after.version}` : "stays"}`, () =>
      expect(afterSuccess(current, job)).to.deep.equal(after));
  }

  it("is the same for any order of events, with any of them repeated", () => {
    const events = [nine, two, back];
    const orders = events.flatMap((a) => events.flatMap((b) => events.flatMap((c) => events.map((d) => [a, b, c, d]))));
    for (const order of orders.filter((one) => new Set(one).size === 3)) {
      const end = order.reduce<InstalledApp | undefined>(
        (current, job) => afterSuccess(current, job) ?? current,
        undefined,
      );
      expect(end, order.map(({ jobId }) => jobId).join(" ")).to.deep.equal(back);
    }
  });
});

describe("a device's claim", () => {
  const cases: [string, unknown, InstalledApp | undefined, string[], string | undefined][] = [
    ["what is recorded", "2.0", two, [], undefined],
    ["what it may be about to report", "2.1", two, ["2.1"], undefined],
    ["something else", "9.9", two, ["2.1"], "9.9"],
    ["a number", 2, two, [], "2"],
    ["an essay", "x".repeat(500), two, [], "x".repeat(100)],
    ["nothing", undefined, two, [], undefined],
    ["that it has it no more", null, two, [], undefined],
    ["anything, where nothing is recorded", "9.9", undefined, [], undefined],
    ["anything, where the version is not known", "9.9", unknownVersion, [], undefined],
  ];
  for (const [what, claimed, recorded, plausible, wrong] of cases) {
    it(`of ${what} is ${wrong === undefined ? "fine" : "false"}`, () =>
      expect(falseClaim(claimed, recorded, plausible)).to.equal(wrong));
  }

  it("may be of a release that is under way, or has just come to its end", () => {
    const now = Date.parse("2026-01-01T12:00:00Z");
    const releases = [
      { version: "2.4", status: "WAITING_FOR_GROUP" },
      { version: "2.3", status: "IN_PROGRESS" },
      { version: "2.2", status: "COMPLETED", endedAt: "2026-01-01T11:59:00.000Z" },
      { version: "2.1", status: "CANCELED", endedAt: "2026-01-01T11:30:00.000Z" },
      { version: "2.0", status: "COMPLETED", endedAt: "2026-01-01T10:59:00.000Z" },
      { version: "1.9", status: "REFUSED", endedAt: "2026-01-01T11:59:00.000Z" },
    ] as Release[];
    expect(versionsUnderWay(releases, now)).to.deep.equal(["2.4", "2.3", "2.2", "2.1"]);
  });
});
