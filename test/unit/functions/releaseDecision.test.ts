import { expect } from "chai";
import { decide, type Upload } from "../../../functions/firmware/releaseDecision";
import type { Release } from "../../../functions/firmware/releases";

const sha256 = "ab".repeat(32);
const upload: Upload = {
  app: "cooler",
  file: { version: "2.0", artifact: "artifacts/cooler/2.0/c.bin", sha256, size: 5 },
  key: "releases/cooler/2.0.json",
  source: "v2",
  at: "2026-01-01T00:00:00.000Z",
};
const counts = { queued: 0, inProgress: 0, succeeded: 1, failed: 0, rejected: 0, timedOut: 0, canceled: 0, removed: 0 };
const past = (changes: Partial<Release>): Release => ({
  app: "cooler",
  jobId: "cooler-1_9-1",
  version: "1.9",
  build: 1_009_000,
  attempt: 1,
  turn: 1,
  status: "COMPLETED",
  startedAt: "2025-01-01T00:00:00.000Z",
  file: "releases/cooler/1.9.json",
  source: "v1",
  sha256,
  counts,
  ...changes,
});
const of = (version: string, more: object = {}) => ({ ...upload, file: { ...upload.file, version, ...more } });
const two = { jobId: "cooler-2_0-1", version: "2.0", build: 2_000_000 };

describe("whether an upload becomes a release", () => {
  it("takes the first release of an app on", () => {
    expect(decide(upload, [], 0, { timeoutInMinutes: 60 })).to.deep.equal({
      taken: {
        app: "cooler",
        jobId: "cooler-2_0-1",
        version: "2.0",
        build: 2_000_000,
        attempt: 1,
        turn: 1,
        status: "CHECKING",
        startedAt: "2026-01-01T00:00:00.000Z",
        file: "releases/cooler/2.0.json",
        source: "v2",
        artifact: "artifacts/cooler/2.0/c.bin",
        sha256,
        size: 5,
        rollout: { timeoutInMinutes: 60 },
      },
    });
  });

  it("lets the file's settings go before the component's", () => {
    const decision = decide(of("2.0", { rollout: { retries: 1, continuous: true } }), [], 0, {
      retries: 3,
      timeoutInMinutes: 9,
    });
    expect(decision)
      .to.have.property("taken")
      .that.deep.includes({
        rollout: { retries: 1, timeoutInMinutes: 9, continuous: true },
        continuous: true,
      });
  });

  const taken: [string, Upload, Release[], Partial<Release>][] = [
    ["a higher version", upload, [past({})], { jobId: "cooler-2_0-1" }],
    ["the same version again, as another attempt", upload, [past(two)], { jobId: "cooler-2_0-2", attempt: 2 }],
    [
      "the same version after it was refused for its artifact",
      upload,
      [past({ ...two, status: "REFUSED", counts: undefined, sha256: "x" })],
      { attempt: 2 },
    ],
    ["a declared rollback", of("1.0", { rollback: true }), [past({})], { jobId: "cooler-1_0-1", rollback: true }],
    ["the same rollback again", of("1.9", { rollback: true }), [past({})], { attempt: 2 }],
    ["a version between, after a rollback", of("1.10"), [past(two), past({ turn: 2, rollback: true })], {}],
    [
      "a lower version, when the higher one never reached a thing",
      of("1.10"),
      [past({ ...two, counts: undefined, status: "FAILED" })],
      {},
    ],
    [
      "the next release while a continuous one goes on",
      upload,
      [past({ status: "IN_PROGRESS", continuous: true })],
      {},
    ],
    ["a rollback where nothing was released yet", of("1.0", { rollback: true }), [], { rollback: true }],
  ];
  for (const [what, which, releases, expected] of taken) {
    it(`takes ${what}`, () => {
      const decision = decide(which, releases, 7, {});
      expect(decision, JSON.stringify(decision))
        .to.have.property("taken")
        .that.includes({ ...expected, turn: 8 });
    });
  }

  const refused: [string, Upload, Release[], RegExp][] = [
    ["a lower version", of("1.8"), [past({})], /1\.8 is below 1\.9, .*\(cooler-1_9-1\).*"rollback": true/],
    ["1.9 after 1.10", of("1.9"), [past({ version: "1.10", build: 1_010_000 })], /1\.9 is below 1\.10/],
    ["a rollback upwards", of("2.0", { rollback: true }), [past({})], /2\.0 is no rollback: it is above 1\.9/],
    [
      "another release under way",
      upload,
      [past({ status: "IN_PROGRESS" })],
      /another release of cooler is under way: cooler-1_9-1, IN_PROGRESS since/,
    ],
    ["a release that is being checked", upload, [past({ status: "CHECKING", counts: undefined })], /under way/],
    [
      "the same version under way",
      upload,
      [past({ ...two, status: "WAITING_FOR_GROUP" })],
      /this release of cooler is under way/,
    ],
    [
      "a continuous one that has no job yet",
      upload,
      [past({ status: "WAITING_FOR_GROUP", continuous: true })],
      /under way/,
    ],
    [
      "another artifact under the same version",
      of("2.0", { sha256: "cd".repeat(32) }),
      [past(two)],
      /released with another artifact/,
    ],
    ["the same build under another name", of("2.0.0"), [past(two)], /2\.0\.0 is the same build as 2\.0/],
  ];
  for (const [what, which, releases, reason] of refused) {
    it(`refuses ${what}`, () =>
      expect(decide(which, releases, 1, {}))
        .to.have.property("refusedBecause")
        .that.matches(reason));
  }

  it("knows an upload again, whatever became of it", () => {
    for (const status of ["CHECKING", "REFUSED", "COMPLETED"] as const) {
      const known = past({ source: "v2", status });
      expect(decide(upload, [known], 1, {})).to.deep.equal({ known });
    }
  });
});
