import { expect } from "chai";
import { FirmwareLab } from "./firmwareLab";

const well = () => ({ status: "SUCCEEDED" }) as const;

describe("firmware", function () {
  this.timeout(60_000);
  let lab: FirmwareLab;

  before(async () => {
    lab = await FirmwareLab.open({ one: "1.0", nine: "1.9", ten: "1.10", two: "2.0" });
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
    const done = await lab.reaches("cooler-2_0-1", "COMPLETED", 40);
    expect(done).to.include({ targets: 3, attempt: 1, turn: 1 });
    expect(done.counts).to.include({ succeeded: 3, failed: 0, queued: 0 });
    for (const name of ["one", "nine", "ten"]) await lab.waitForVersion(name, "2.0");
    expect(await lab.result("cooler-2_0-1", "ten")).to.include({ status: "SUCCEEDED", version: "2.0" });
    expect(await lab.result("cooler-2_0-1", "two")).to.equal(undefined);
  });
});
