import { expect } from "chai";
import { image, World } from "./agentWorld";

const [old, released] = [image("old"), image("new")];

describe("devices: update agent", () => {
  const worlds: World[] = [];
  afterEach(async () => {
    await Promise.all(worlds.splice(0).map((world) => world.stop()));
  });
  const make = (...args: ConstructorParameters<typeof World>) => {
    const world = new World(...args);
    worlds.push(world);
    return world;
  };
  /** One that runs `old`, by an update. */
  const updated = async (...args: ConstructorParameters<typeof World>) => {
    const world = make(...args);
    world.release("first", old, "1.5");
    world.start();
    await world.settle();
    world.jobs.log.length = 0;
    world.images.asked.length = 0;
    return world;
  };
  const last = ({ jobs }: World) => {
    const { status, statusDetails } = jobs.executions.at(-1)!;
    return { status, ...(statusDetails as { reason?: string; version?: string }) };
  };

  it("claims on its start what it was made with, and after an update what it runs, before it says so", async () => {
    const world = await updated();
    expect(world.jobs.claims).to.deep.equal([{ lamp: "1.0" }, { lamp: "1.5" }]);
    world.release("second", released);
    await world.settle();
    expect(world.jobs.claims.at(-1)).to.deep.equal({ lamp: "2.0" });
    const { log } = world.jobs;
    expect(log.indexOf("claim")).to.be.below(log.indexOf("update second SUCCEEDED"));
    expect(last(world)).to.deep.equal({ status: "SUCCEEDED", version: "2.0" });
  });

  it("takes one job after the other, and waits in between without asking", async () => {
    const world = await updated();
    for (const version of ["2.0", "2.1", "2.2"]) world.release(`to-${version}`, image(version), version);
    await world.settle();
    expect(world.results.map(({ version, status }) => `${version} ${status}`)).to.deep.equal(
      ["1.5", "2.0", "2.1", "2.2"].map((version) => `${version} SUCCEEDED`),
    );
    const asked = world.jobs.log.length;
    for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(world.jobs.log.length).to.equal(asked);
  });

  const refusals: readonly [string, object, string][] = [
    ["an unknown app", { app: "door" }, 'this device has no app "door"; it has lamp'],
    ["a lower build", { build: 1_000_000 }, "build 1000000 is below the installed 1005000, and the job is no rollback"],
    ["more than there is room for", { size: 5000 }, "5000 bytes do not fit; there is room for 4096"],
    ["a document that is none", { sha256: "abc" }, '"sha256" is not 64 hex digits'],
  ];
  for (const [what, document, reason] of refusals) {
    it(`rejects ${what}, and downloads nothing`, async () => {
      const world = await updated({ maximumBytes: 4096, refuseLower: true });
      world.release("second", released, "2.0", document);
      await world.settle();
      expect(last(world)).to.deep.equal({ status: "REJECTED", reason });
      expect(world.images.asked).to.deep.equal([]);
      expect(world.runs()).to.deep.equal(old);
    });
  }

  for (const [when, lamp, document] of [
    ["when the cloud says so", {}, {}],
    ["when it refuses lower ones, and the job is a rollback", { refuseLower: true }, { rollback: true }],
  ] as const) {
    it(`goes back to a lower build ${when}`, async () => {
      const world = await updated(lamp);
      world.release("second", released, "1.2", document);
      await world.settle();
      expect(last(world)).to.deep.equal({ status: "SUCCEEDED", version: "1.2" });
      expect(world.runs()).to.deep.equal(released);
    });
  }

  it("does not download what it runs already, but looks whether that is whole", async () => {
    const world = await updated();
    world.release("again", old, "1.5");
    await world.settle();
    expect(last(world)).to.deep.equal({ status: "SUCCEEDED", version: "1.5" });
    expect(world.images.asked).to.deep.equal([]);
    world.disk.damage("/device/lamp/current/image", 500);
    world.release("repair", old, "1.5");
    await world.settle();
    expect(last(world)).to.deep.equal({ status: "SUCCEEDED", version: "1.5" });
    expect(world.images.asked).to.deep.equal([0]);
    expect(world.runs()).to.deep.equal(old);
  });

  it("goes on with a download where it broke off", async () => {
    const world = await updated();
    world.images.faults.push({ breakAfter: 300 }, { status: 403 }, { status: 503 }, { breakAfter: 200 });
    world.release("second", released);
    await world.settle();
    expect(last(world)).to.deep.equal({ status: "SUCCEEDED", version: "2.0" });
    expect(world.images.asked).to.deep.equal([0, 300, 300, 300, 500]);
    expect(
      world.jobs.log.filter((what) => what === "get second"),
      "a new link each time",
    ).to.have.length(4);
  });

  it("gives up a download that fails ten times without a byte, and says why", async () => {
    const world = await updated();
    world.images.faults.push({ breakAfter: 100 }, ...Array.from({ length: 9 }, () => ({ status: 403 })));
    world.release("second", released);
    await world.settle();
    expect(last(world)).to.deep.equal({
      status: "FAILED",
      reason: "the download failed 10 times in a row: HTTP 403",
    });
    expect(world.runs()).to.deep.equal(old);
  });

  it("refuses a damaged image, and says what it should have been", async () => {
    const world = await updated();
    world.release("second", released);
    world.images.files.set("https://images/2.0", image("bad"));
    await world.settle();
    expect(last(world).status).to.equal("FAILED");
    expect(last(world).reason).to.match(/^the artifact is damaged: its SHA-256 is [0-9a-f]{64} where the job says/);
    expect(world.images.asked).to.deep.equal([0]);
    expect(world.runs()).to.deep.equal(old);
  });

  it("downloads once more, and whole, what came in pieces and does not fit together; but only once", async () => {
    const world = await updated();
    world.images.faults.push({ breakAfter: 300 }, { breakAfter: 100 });
    world.release("second", released);
    world.images.files.set("https://images/2.0", image("bad"));
    await world.settle();
    expect(last(world).status).to.equal("FAILED");
    expect(world.images.asked).to.deep.equal([0, 300, 400, 0]);
  });

  it("says of an artifact that is not there, or of another size, what is wrong", async () => {
    const world = await updated();
    world.release("second", released);
    world.images.files.clear();
    await world.settle();
    expect(last(world)).to.deep.equal({ status: "FAILED", reason: "there is no such artifact: HTTP 404" });
    world.release("third", released, "2.0", { size: 999 });
    await world.settle();
    expect(last(world)).to.deep.equal({
      status: "FAILED",
      reason: "the artifact has 1000 bytes where the job says 999",
    });
  });

  for (const end of ["CANCELED", "TIMED_OUT"] as const) {
    it(`drops a download whose job is ${end}, and keeps the old version`, async () => {
      const world = await updated();
      world.images.onPiece = (sent) => sent === 500 && world.jobs.end("second", end);
      world.release("second", released);
      await world.settle();
      expect(world.gone).to.deep.equal(["second"]);
      expect(world.runs()).to.deep.equal(old);
      expect(world.results).to.have.length(1);
      expect(world.disk.peek("/device/update.json")).to.equal(undefined);
    });
  }

  it("installs nothing when the job ended before the installation, though nobody told", async () => {
    const installed: string[] = [];
    const world = await updated({ install: ({ version }) => void installed.push(version) });
    const { images, jobs } = world;
    images.onPiece = (sent) => {
      if (sent === 1000) jobs.executions.at(-1)!.status = "CANCELED";
    };
    world.release("second", released);
    await world.settle();
    expect(world.gone).to.deep.equal(["second"]);
    expect(installed).to.deep.equal(["1.5"]);
    expect(world.runs()).to.deep.equal(old);
  });

  it("keeps the old image when the installation or the self-test throws, with the reason", async () => {
    for (const step of ["install", "selfTest"] as const) {
      const world = await updated({
        [step]: ({ version }: { version: string }) => {
          if (version === "2.0") throw new Error("no good");
        },
      });
      world.release("second", released);
      await world.settle();
      const reason = `${step === "install" ? "installation" : "self-test"}: no good`;
      expect(last(world)).to.deep.equal({ status: "FAILED", reason });
      expect(world.runs()).to.deep.equal(old);
      expect(world.jobs.claims.at(-1)).to.deep.equal({ lamp: "1.5" });
    }
  });

  it("goes back when the device does not survive its self-test three times", async () => {
    let tests = 0;
    const selfTest = ({ version }: { version: string }) => {
      if (version !== "2.0") return undefined;
      tests++;
      return new Promise<void>(() => {});
    };
    const world = await updated({ selfTest });
    world.release("second", released);
    for (let life = 1; life <= 3; life++) {
      while (tests < life) await new Promise((resolve) => setImmediate(resolve));
      world.restorePower();
      world.start();
    }
    await world.settle();
    expect(tests).to.equal(3);
    expect(last(world)).to.deep.equal({ status: "FAILED", reason: "the device restarted in its self-test, 3 times" });
    expect(world.runs()).to.deep.equal(old);
  });

  it("reports no success for an image that was damaged while power was gone", async () => {
    for (const step of ["installing", "testing"]) {
      let reached = false;
      const selfTest = ({ version }: { version: string }) => {
        if (version === "2.0" && !reached) {
          reached = true;
          return new Promise<void>(() => {});
        }
        return undefined;
      };
      const world = await updated({ selfTest });
      world.release("second", released);
      while (!reached) await new Promise((resolve) => setImmediate(resolve));
      world.restorePower();
      world.disk.damage("/device/lamp/current/image", 7);
      // As if power had gone between the switch and the entry for it.
      const entry = JSON.parse(String(world.disk.peek("/device/update.json")));
      world.disk
        .peek("/device/update.json")!
        .fill(" ")
        .write(JSON.stringify({ ...entry, step }));
      world.start();
      await world.settle();
      if (step === "installing") {
        expect(last(world), "downloaded again").to.deep.equal({ status: "SUCCEEDED", version: "2.0" });
        expect(world.runs()).to.deep.equal(released);
      } else {
        expect(last(world).status).to.equal("FAILED");
        expect(world.runs()).to.deep.equal(old);
      }
    }
  });

  it("says once what it said when the answer was lost", async () => {
    const world = await updated();
    let lost = false;
    world.jobs.onRequest = (what, moment) => {
      if (lost || what !== "update second SUCCEEDED" || moment === "asked") return;
      lost = true;
      throw new Error("the answer was lost");
    };
    world.release("second", released);
    await world.settle();
    expect(lost).to.equal(true);
    expect(world.results.map(({ status }) => status)).to.deep.equal(["SUCCEEDED", "SUCCEEDED"]);
    expect(last(world)).to.deep.equal({ status: "SUCCEEDED", version: "2.0" });
  });

  it("leaves a job to the attempt that took its place", async () => {
    const world = await updated();
    const { images, jobs } = world;
    images.onPiece = (sent) => {
      if (sent !== 500) return;
      images.onPiece = () => {};
      Object.assign(jobs.executions.at(-1)!, { executionNumber: 2, versionNumber: 1, status: "QUEUED" });
    };
    world.release("second", released);
    await world.settle();
    expect(world.gone).to.deep.equal(["second"]);
    expect(last(world)).to.deep.equal({ status: "SUCCEEDED", version: "2.0" });
  });

  it("starts over without a journal that nobody can read", async () => {
    const world = await updated();
    world.images.onPiece = (sent) => sent === 500 && world.disk.losePowerAt(1);
    world.release("second", released);
    await world.settle();
    world.restorePower();
    world.images.onPiece = () => {};
    world.disk.peek("/device/update.json")!.fill("{");
    world.start();
    await world.settle();
    expect(world.problems.join()).to.include("JSON");
    expect(last(world)).to.deep.equal({ status: "SUCCEEDED", version: "2.0" });
  });
});
