import { expect } from "chai";
import { cancelReleaseOf } from "../../../functions/api/cancelRelease";
import { getReleaseOf, maximumFailures } from "../../../functions/api/getRelease";
import { listReleasesOf } from "../../../functions/api/listReleases";
import { maximumHashed, publishReleaseOf } from "../../../functions/api/publishRelease";
import type { DeviceResult, Release } from "../../../functions/firmware/releases";
import { type Asked, ask, silently } from "./apiHelp";
import { counts, FakeReleases, hash } from "./fakeReleases";

describe("releases", () => {
  silently();
  let releases: FakeReleases;
  beforeEach(() => {
    releases = new FakeReleases();
  });
  const list = (asked: Asked = {}) =>
    ask("listReleases", (request) => listReleasesOf(async () => releases.all, request), asked);
  const get = (asked: Asked) => ask("getRelease", (request) => getReleaseOf(releases, request), asked);
  const cancel = (asked: Asked) => ask("cancelRelease", (request) => cancelReleaseOf(releases, request), asked);
  const publish = (body: unknown, more: Asked = {}) =>
    ask("publishRelease", (request) => publishReleaseOf(releases, request), { body, ...more });
  const at = ({ app, jobId }: Release): Asked => ({ path: { app, jobId } });

  it("are for admins only", async () => {
    const release = releases.add("door", 1, "IN_PROGRESS");
    const asked: Asked = { caller: "user", ...at(release) };
    for (const answer of [await list(asked), await get(asked), await cancel(asked), await publish({}, asked)]) {
      expect(answer.status).to.equal(403);
    }
    expect(releases.changes).to.deep.equal([]);
  });

  it("are listed with the newest first, page by page, of one app too", async () => {
    for (const second of [3, 1, 2, 5, 4]) releases.add(second % 2 ? "door" : "fan", second);
    const seen: string[] = [];
    let pageToken: string | undefined;
    do {
      const { body } = await list({ query: { limit: "2", ...(pageToken && { pageToken }) } });
      seen.push(...body.releases.map(({ jobId }: Release) => jobId));
      pageToken = body.nextPageToken;
    } while (pageToken);
    expect(seen).to.deep.equal(["door-2_0-5", "fan-2_0-4", "door-2_0-3", "fan-2_0-2", "door-2_0-1"]);
    const { body } = await list({ query: { app: "fan" } });
    expect(body.releases.map(({ jobId }: Release) => jobId)).to.deep.equal(["fan-2_0-4", "fan-2_0-2"]);
    expect(body.releases[0]).not.to.have.property("turn");
  });

  it("tell where the devices are now while they are at it, and what failed", async () => {
    const release = releases.add("door", 1, "IN_PROGRESS", { counts: { ...counts, succeeded: 0 } });
    releases.results.push({
      ...{ jobId: release.jobId, thingName: "cooler-1", status: "FAILED", reason: "too little room" },
      ...{ at: "2026-01-01T00:00:00.000Z", app: "door", version: "2.0", expiresAt: 1 },
    });
    const { body } = await get(at(release));
    expect(body.counts.succeeded).to.equal(3);
    expect(body.failures).to.deep.equal([
      { thingName: "cooler-1", status: "FAILED", reason: "too little room", at: "2026-01-01T00:00:00.000Z" },
    ]);
    expect(body.moreFailures).to.equal(false);
  });

  it("tell the counts last seen once they ended, and say when there are more failures", async () => {
    const release = releases.add("door", 1, "CANCELED", { counts: { ...counts, succeeded: 0 }, reason: "abort" });
    const failure = {
      jobId: "j",
      thingName: "a",
      status: "FAILED",
      reason: "r",
      at: release.startedAt,
    } as DeviceResult;
    releases.results.push(...Array.from({ length: maximumFailures + 1 }, () => failure));
    const { body } = await get(at(release));
    expect([body.counts.succeeded, body.failures.length, body.moreFailures]).to.deep.equal([0, 100, true]);
  });

  it("may have been refused, with nothing but a reason", async () => {
    const refused = releases.add("?", 1, "REFUSED", { jobId: "refused-0", version: "banana", reason: "no version" });
    expect((await get(at(refused))).body).to.include({ status: "REFUSED", reason: "no version" });
  });

  for (const path of [{}, { app: "door" }, { app: "door", jobId: "none" }, { app: "turn#door", jobId: "turn" }]) {
    it(`are not found by ${JSON.stringify(path)}`, async () => {
      releases.all.push({ app: "turn#door", jobId: "turn" } as Release);
      for (const answer of [await get({ path }), await cancel({ path })]) {
        expect([answer.status, answer.body.type]).to.deep.equal([404, "urn:thingstack:problem:unknown-release"]);
      }
    });
  }

  it("are canceled by their job, in the name of who wants it", async () => {
    const { status, body } = await cancel(at(releases.add("door", 1, "IN_PROGRESS")));
    expect([status, body.jobId]).to.deep.equal([202, "door-2_0-1"]);
    expect(releases.changes).to.deep.equal([["door-2_0-1", "canceled by ada"]]);
  });

  it("are not canceled when they are at their end, or have no job yet", async () => {
    expect((await cancel(at(releases.add("door", 1, "COMPLETED")))).status).to.equal(409);
    releases.hasJob = false;
    expect((await cancel(at(releases.add("door", 2, "CHECKING")))).status).to.equal(409);
    expect(releases.changes).to.deep.equal([]);
  });

  it("begin with the file of an artifact that is there", async () => {
    const { status, body } = await publish({ app: "door", version: "2.0", rollout: { maximumPerMinute: 5 } });
    expect(status).to.equal(202);
    const file = {
      ...{ version: "2.0", artifact: "artifacts/door/2.0/door.bin", sha256: hash, size: 7 },
      rollout: { maximumPerMinute: 5 },
    };
    expect(releases.changes).to.deep.equal([["releases/door/2.0.json", file]]);
    expect(body).to.deep.equal({ app: "door", ...file, releaseFile: "releases/door/2.0.json", source: "source-1" });
  });

  it("believe the caller's SHA-256, which the release checks, of an artifact too large to read here", async () => {
    releases.found = [{ key: "artifacts/door/2.0/door.bin", size: maximumHashed + 1 }];
    expect((await publish({ app: "door", version: "2.0" })).body.errors[0].path).to.equal("sha256");
    const { body } = await publish({ app: "door", version: "2.0", sha256: "B".repeat(64), rollback: true });
    expect(body).to.include({ sha256: "b".repeat(64), rollback: true });
  });

  const refused: [string, unknown, number, string[]][] = [
    ["without a body", undefined, 400, ["body"]],
    ["that is empty", {}, 400, ["app", "version"]],
    ["of a version that is none", { app: "door", version: "banana" }, 400, ["version"]],
    ["of an app that is none", { app: "Door!", version: "2.0" }, 400, ["app"]],
    ["with a path for an app", { app: "../x", version: "2.0" }, 400, ["app"]],
    [
      "with a rollout that AWS does not take",
      { app: "door", version: "2.0", rollout: { retries: 99 } },
      400,
      ["rollout.retries"],
    ],
    ["with a hash that is none", { app: "door", version: "2.0", sha256: "x" }, 400, ["sha256"]],
    ["with rollback false", { app: "door", version: "2.0", rollback: false }, 400, ["rollback"]],
    ["with something unknown", { app: "door", version: "2.0", artifact: "x" }, 400, ["artifact"]],
  ];
  for (const [what, body, status, paths] of refused) {
    it(`are refused ${what}`, async () => {
      const answer = await publish(body);
      expect(answer.status).to.equal(status);
      expect(answer.body.errors.map(({ path }: { path: string }) => path)).to.deep.equal(paths);
      expect(releases.changes).to.deep.equal([]);
    });
  }

  for (const [what, found] of [
    ["is not there", []],
    ["is one of several", [1, 2].map((n) => ({ key: `artifacts/door/2.0/${n}`, size: 1 }))],
  ] as const) {
    it(`are refused when the artifact ${what}`, async () => {
      releases.found = [...found];
      expect((await publish({ app: "door", version: "2.0" })).status).to.equal(409);
      expect(releases.changes).to.deep.equal([]);
    });
  }
});
