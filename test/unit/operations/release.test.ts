import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { expect } from "chai";
import { createSandbox } from "sinon";
import { RefusedError, UsageError } from "../../../common/commandLine";
import type { FirmwareOutputs } from "../../../common/stackOutputs";
import type { DeviceResult, Release, ReleaseCounts } from "../../../functions/firmware/releases";
import type { Place } from "../../../operations/place";
import { commands } from "../../../operations/release/commands";
import { readCall } from "../../../operations/release/options";
import { countsLine, failureLines, progressLine, sums } from "../../../operations/release/progress";
import { publish } from "../../../operations/release/publish";
import { Releases } from "../../../operations/release/releases";

const none: ReleaseCounts = {
  queued: 0,
  inProgress: 0,
  succeeded: 0,
  failed: 0,
  rejected: 0,
  timedOut: 0,
  canceled: 0,
  removed: 0,
};

const release = (status: Release["status"]) => ({ app: "firmware", version: "2.0", status }) as Release;

describe("npm run release", () => {
  describe("shows progress", () => {
    const lines: [what: string, status: Release["status"], counts: ReleaseCounts | undefined, line: string][] = [
      ["before there is a job", "CHECKING", undefined, "firmware 2.0  checking the artifact"],
      [
        "while the group is made",
        "WAITING_FOR_GROUP",
        undefined,
        "firmware 2.0  waiting until the group of devices is ready",
      ],
      ["of nobody", "COMPLETED", none, "firmware 2.0  ████ 0/0  succeeded 0"],
      ["at the start", "IN_PROGRESS", { ...none, queued: 3 }, "firmware 2.0  ░░░░ 0/3  queued 3, succeeded 0"],
      [
        "in the middle: what failed is done, too",
        "IN_PROGRESS",
        { ...none, queued: 1, inProgress: 1, succeeded: 1, timedOut: 1 },
        "firmware 2.0  ██░░ 2/4  queued 1, in progress 1, succeeded 1, timed out 1",
      ],
      [
        "never full before the end",
        "IN_PROGRESS",
        { ...none, inProgress: 1, succeeded: 999 },
        "firmware 2.0  ███░ 999/1000  in progress 1, succeeded 999",
      ],
    ];
    for (const [what, status, counts, line] of lines) {
      it(what, () => expect(progressLine(release(status), counts, 4)).to.equal(line));
    }

    it("and knows who did not take it from who was not asked any more", () => {
      expect(
        sums({ ...none, succeeded: 5, failed: 1, rejected: 2, timedOut: 3, canceled: 4, removed: 5 }),
      ).to.deep.equal({ all: 20, done: 20, failed: 6 });
      expect(countsLine({ ...none, canceled: 2 })).to.equal("succeeded 0, canceled 2");
    });
  });

  it("groups those who did not take it by reason, the most frequent first", () => {
    const result = (thingName: string, status: DeviceResult["status"], reason: string) =>
      ({ thingName, status, reason }) as DeviceResult;
    const many = Array.from({ length: 12 }, (_, at) =>
      result(`thing-${String(at).padStart(2, "0")}`, "FAILED", "damaged"),
    );
    expect(failureLines([result("late", "TIMED_OUT", "took too long"), ...many])).to.deep.equal([
      "12 failed: damaged (thing-00, thing-01, thing-02, thing-03, thing-04, thing-05, thing-06, thing-07, thing-08, thing-09, ...)",
      "1 timed out: took too long (late)",
    ]);
    expect(failureLines([])).to.deep.equal([]);
  });

  describe("refuses before anything is uploaded", () => {
    let folder: string;
    const file = (name: string) => path.join(folder, name);
    before(() => {
      folder = mkdtempSync(path.join(tmpdir(), "release-"));
      writeFileSync(file("empty.bin"), "");
      writeFileSync(file("small.bin"), "firmware");
      writeFileSync(file("large.bin"), Buffer.alloc(2000));
    });
    after(() => rmSync(folder, { recursive: true }));

    // Nothing listens there: an upload would fail in another way.
    const place = { stack: "local", aws: { region: "us-east-1", endpoint: "http://127.0.0.1:9" } } as unknown as Place;
    const outputs = { bucketName: "b", apps: ["firmware"], maximumArtifactSize: 1000 } as unknown as FirmwareOutputs;
    const cases: [what: string, app: string, version: string, file: string, rollout: object, reason: RegExp][] = [
      ["banana", "firmware", "banana", "small.bin", {}, /version.*banana/],
      ["a version of one part", "firmware", "2", "small.bin", {}, /write "2.0"/],
      ["a pre-release", "firmware", "1.2.3-beta", "small.bin", {}, /suffix/],
      ["an unknown app", "radio", "2.0", "small.bin", {}, /"radio" is not known; there are firmware/],
      ["an empty artifact", "firmware", "2.0", "empty.bin", {}, /empty.bin is empty/],
      ["a missing artifact", "firmware", "2.0", "none.bin", {}, /can't be read.*none.bin/],
      ["a folder", "firmware", "2.0", ".", {}, /is not a file/],
      ["an artifact over the limit", "firmware", "2.0", "large.bin", {}, /size.*1000/],
      [
        "a rate over AWS's limit",
        "firmware",
        "2.0",
        "small.bin",
        { maximumPerMinute: 1001 },
        /rollout.maximumPerMinute.*1 to 1000/,
      ],
      [
        "everything at once",
        "radio",
        "banana",
        "large.bin",
        {},
        /radio(.|\n)*banana(.|\n)*size|banana(.|\n)*size(.|\n)*radio/,
      ],
    ];
    for (const [what, app, version, name, rollout, reason] of cases) {
      it(what, async () => {
        const refused = await publish(place, outputs, { app, version, rollout }, file(name)).catch((error) => error);
        expect(refused).to.be.instanceOf(RefusedError);
        expect(refused.message).to.match(reason);
      });
    }
  });

  it("cancels a continuous release that everybody has: to its end, which the cloud notes some looks later", async () => {
    const sandbox = createSandbox();
    const counts = { ...none, succeeded: 3 };
    const statuses: Release["status"][] = ["IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "CANCELED"];
    let looks = 0;
    const all = sandbox.stub(Releases.prototype);
    all.find.callsFake(async () => ({
      ...release(statuses[Math.min(looks++, 3)]!),
      ...{ jobId: "firmware-2_0-1", continuous: true, counts },
    }));
    all.countsOf.resolves(counts);
    all.failuresOf.resolves([]);
    const place = { stack: "local", aws: { region: "us-east-1" }, outputs: { firmware: {} } } as unknown as Place;
    const printed = sandbox.stub(process.stdout, "write");
    try {
      const options = { rollout: undefined, force: false, detach: false, json: true };
      const code = await commands(place, options).run("cancel", ["firmware"]);
      const [[text]] = printed.args as [[string]];
      expect([code, JSON.parse(text).release.status]).to.deep.equal([0, "CANCELED"]);
    } finally {
      sandbox.restore();
    }
  });

  const calls: [what: string, args: string[], message: RegExp][] = [
    ["no command", [], /name a command: publish, rollback/],
    ["an unknown command", ["push"], /not push/],
    ["too few arguments", ["publish", "firmware"], /publish <app> <version> <file>/],
    ["too many arguments", ["cancel", "a", "b", "c"], /cancel <app> \[version\|job\]/],
    ["a rate that is no number", ["status", "--rate", "fast"], /--rate must be a number, not fast/],
    ["half a criterion", ["status", "--abort", "10:"], /--abort must be a number, not nothing/],
    ["an unknown option", ["status", "--now"], /--now.*--help/],
  ];
  for (const [what, args, message] of calls) {
    it(`says what is wrong with ${what}`, () => {
      expect(() => readCall(args)).to.throw(UsageError, message);
    });
  }

  it("takes settings of the rollout as AWS IoT Jobs names them", () => {
    const call = readCall([
      ..."publish a 2.0 f --rate 5 --abort 10.5:20 --timeout 60 --retries 2 --continuous".split(" "),
    ]);
    expect(call).to.deep.include({ command: "publish", rest: ["a", "2.0", "f"] });
    expect(call?.rollout).to.deep.equal({
      maximumPerMinute: 5,
      abort: [{ failureType: "ALL", thresholdPercentage: 10.5, minNumberOfExecutedThings: 20 }],
      timeoutInMinutes: 60,
      retries: 2,
      continuous: true,
    });
    expect(readCall(["publish", "a", "2.0", "f"])?.rollout).to.equal(undefined);
    expect(readCall(["--help"])).to.equal(undefined);
  });
});
