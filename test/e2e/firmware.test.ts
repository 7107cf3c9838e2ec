import { IoTDataPlaneClient, UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import { Alarms } from "./alarmsHelp";
import { FirmwareLab } from "./firmwareLab";

const well = () => ({ status: "SUCCEEDED" }) as const;

describe("firmware", () => {
  let lab: FirmwareLab;
  let alarms: Alarms;

  before(async () => {
    lab = await FirmwareLab.open({ one: "1.0", nine: "1.9", ten: "1.10", two: "2.0" });
    alarms = new Alarms(lab.config);
    await Promise.all(["one", "nine", "ten", "two"].map((name) => lab.join(name, well)));
  });
  after(() => lab?.close());

  it("knows what each thing was delivered with", async () => {
    const { installed, attributes } = await lab.installed("ten");
    expect(installed).to.deep.equal({ version: "1.10", build: 1_010_000 });
    expect(attributes).to.deep.equal({ app_version: "1.10", app_build: "1010000" });
  });

  it("brings 2.0 to all that are older, and to no other", async () => {
    await lab.release(await lab.artifact("2.0"));
    const done = await lab.reaches("cooler-2_0-1", "COMPLETED");
    expect(done).to.include({ targets: 3, attempt: 1, turn: 1 });
    expect(done.counts).to.include({ succeeded: 3, failed: 0, queued: 0 });
    for (const name of ["one", "nine", "ten"]) await lab.waitForVersion(name, "2.0");
    expect(await lab.ended("cooler-2_0-1", "ten")).to.include({ status: "SUCCEEDED", version: "2.0" });
    expect(await lab.result("cooler-2_0-1", "two")).to.equal(undefined);
  });

  it("reaches nobody when the same version is released again", async () => {
    await lab.release(await lab.artifact("2.0"));
    const again = await lab.reaches("cooler-2_0-2", "COMPLETED");
    expect(again).to.include({ targets: 0, attempt: 2, turn: 2 });
    expect(await lab.told("cooler-2_0-2")).to.include({ app: "cooler", version: "2.0", status: "COMPLETED" });
  });

  it("does not take late and repeated news for the last word", async () => {
    const late = {
      job_id: "cooler-2_0-1",
      thingArn: lab.thingArn("ten"),
      status: "SUCCEEDED",
      timestamp: 1_760_000_000,
    };
    const before = await lab.installed("ten");
    await lab.call("ended", late);
    await lab.call("ended", late);
    expect(await lab.installed("ten")).to.deep.equal(before);
  });

  it("ignores jobs of others", async () => {
    await lab.call("ended", {
      job_id: "theirs-1",
      thingArn: lab.thingArn("ten"),
      status: "FAILED",
      timestamp: 1_760_000_000,
    });
    expect(await lab.result("theirs-1", "ten")).to.equal(undefined);
  });

  it("records a claim that is not true, and does not believe it", async () => {
    expect(await alarms.history("firmware-false-claims"), "while all devices told the truth").not.to.include("ALARM");
    const device = lab.device("ten");
    await device.report({ apps: { cooler: "9.9" } });
    await waitFor("the claim", async () => (await lab.result("cooler-2_0-1", "ten"))?.claimed === "9.9");
    expect((await lab.installed("ten")).installed).to.include({ version: "2.0", jobId: "cooler-2_0-1" });
  });

  // As docs/runbooks/false-claims.md has it.
  it("reaches a device once more that went back by itself, when an operator says that nobody knows what it runs", async () => {
    const unknown = { version: "0.0", build: 0, jobId: null, turn: null };
    await new IoTDataPlaneClient(lab.config).send(
      new UpdateThingShadowCommand({
        thingName: "ten",
        shadowName: "apps",
        payload: Buffer.from(JSON.stringify({ state: { reported: { cooler: unknown } } })),
      }),
    );
    await lab.release(await lab.artifact("2.0"));
    expect(await lab.reaches("cooler-2_0-3", "COMPLETED")).to.include({ targets: 1, attempt: 3 });
    await lab.waitForVersion("ten", "2.0");
    expect(await lab.ended("cooler-2_0-3", "ten")).to.include({ status: "SUCCEEDED", version: "2.0" });
  });

  it("goes back to 1.9 by a rollback, and only by one", async () => {
    const file = await lab.artifact("1.9");
    await lab.release(file);
    await lab.refused(/1\.9 is below 2\.0, which was released last \(cooler-2_0-3\); .*"rollback": true/);
    await lab.release({ ...file, rollback: true });
    const done = await lab.reaches("cooler-1_9-1", "COMPLETED");
    expect(done).to.include({ targets: 4, rollback: true });
    for (const name of ["one", "nine", "ten", "two"]) await lab.waitForVersion(name, "1.9");
    // The success of 2.0 that comes after the rollback's.
    await lab.call("ended", {
      job_id: "cooler-2_0-1",
      thingArn: lab.thingArn("ten"),
      status: "SUCCEEDED",
      timestamp: 1_900_000_000,
    });
    expect((await lab.installed("ten")).installed).to.include({ version: "1.9", jobId: "cooler-1_9-1" });
  });

  it("stops by its abort criteria, records why each device failed, and leaves them as they were", async () => {
    const ends = { one: "FAILED", nine: "FAILED", ten: "REJECTED", two: "REJECTED" } as const;
    for (const [name, status] of Object.entries(ends)) lab.behave(name, () => ({ status, reason: `${name} is worn` }));
    const file = await lab.artifact("2.1");
    const rollout = { abort: [{ thresholdPercentage: 50, minNumberOfExecutedThings: 2 }], maximumPerMinute: 2 };
    await lab.release({ ...file, rollout });
    await lab.release({ ...file, rollout });
    await lab.refused(/this release of cooler is under way: cooler-2_1-1/);
    const stopped = await lab.reaches("cooler-2_1-1", "CANCELED");
    expect(stopped.reason).to.match(/Abort criteria/);
    // The rate let two of them begin; the others never will.
    const { failed = 0, rejected = 0, succeeded } = stopped.counts ?? {};
    expect({ ended: failed + rejected, succeeded }).to.deep.equal({ ended: 2, succeeded: 0 });
    await waitFor("the results of both", async () => (await lab.results("cooler-2_1-1")).length >= 2);
    for (const { thingName, status, reason } of await lab.results("cooler-2_1-1")) {
      expect({ status, reason }).to.deep.equal({ status: ends[thingName as "one"], reason: `${thingName} is worn` });
    }
    for (const name of Object.keys(ends)) expect((await lab.installed(name)).installed).to.include({ version: "1.9" });
  });

  it("refuses what can't be released, says why, and starts nothing", async () => {
    const file = await lab.artifact("3.0");
    const bad: [string, string, RegExp, string?][] = [
      ["releases/cooler/3.0.json", "{", /is not JSON/],
      [
        "releases/cooler/banana.json",
        JSON.stringify({ ...file, version: "banana" }),
        /"banana" is not two or three numbers/,
      ],
      ["releases/cooler/2.json", JSON.stringify({ ...file, version: "2" }), /only one part/],
      ["releases/cooler/1.2.3-beta.json", JSON.stringify({ ...file, version: "1.2.3-beta" }), /pre-releases/],
      ["releases/cooler/3.0.json", JSON.stringify({ ...file, colour: "red" }), /colour: is not known/],
      ["releases/toaster/3.0.json", JSON.stringify(file), /"toaster" is not known; there are cooler, radio/, "toaster"],
      ["releases/cooler/3.0.json", JSON.stringify({ ...file, size: 200_000 }), /size: must be .* to 100000/],
      [
        "releases/cooler/3.0.json",
        JSON.stringify({ ...file, artifact: `artifacts/cooler/3.0/${"x".repeat(40_000)}` }),
        /job document 40\d+ bytes/,
      ],
      ["releases/cooler/3.0.json", `"${"x".repeat(70_000)}"`, /a release file has 65536 at most/],
      ["releases/cooler/3.0.txt", "hello", /must be releases\/<app>\/<version>\.json/, "unknown"],
    ];
    for (const [key, text] of bad) await lab.put(key, text);
    for (const [, , reason, of] of bad) {
      const { jobId, app } = await lab.refused(reason, of);
      expect(await lab.told(jobId)).to.include({ app, status: "REFUSED" });
    }
    // These are found out by looking at the artifact.
    await lab.release({ ...file, sha256: "0".repeat(64) });
    expect((await lab.reaches("cooler-3_0-1", "REFUSED")).reason).to.match(/sha256: .* has [0-9a-f]{64}, not 0000/);
    await lab.release({ ...file, size: 999 });
    expect((await lab.reaches("cooler-3_0-2", "REFUSED")).reason).to.match(/has 1000 bytes, not 999/);
    await lab.release({ ...file, artifact: "artifacts/cooler/3.0/other.bin" });
    expect((await lab.reaches("cooler-3_0-3", "REFUSED")).reason).to.match(
      /there is no artifacts\/cooler\/3\.0\/other\.bin/,
    );
    await lab.put("artifacts/cooler/3.0/empty.bin", "");
    await lab.release({ ...file, artifact: "artifacts/cooler/3.0/empty.bin" });
    expect((await lab.reaches("cooler-3_0-4", "REFUSED")).reason).to.match(/empty\.bin is empty/);
    expect(await lab.jobs()).to.have.members(["cooler-2_0-1", "cooler-2_0-3", "cooler-1_9-1", "cooler-2_1-1"]);
  });

  it("takes a release on once, however often and at once its event comes", async () => {
    const key = "releases/radio/1.0.json";
    await lab.put(key, JSON.stringify(await lab.artifact("1.0", "radio")));
    const event = await lab.eventOf(key);
    await Promise.all([lab.call("start", event), lab.call("start", event), lab.call("start", event)]);
    await lab.reaches("radio-1_0-1", "COMPLETED", "radio");
    await lab.call("start", event);
    expect((await lab.releases("radio")).map(({ jobId }) => jobId)).to.deep.equal(["radio-1_0-1"]);
  });

  for (const alarm of ["firmware-false-claims", "firmware-jobs-failed"]) {
    it(`rang as ${alarm} for what its devices did, and is over`, () => alarms.waitForRing(alarm, { andEnd: true }));
  }
});
