import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import {
  GetStatisticsCommand,
  IoTClient,
  ListCertificatesCommand,
  ListThingsCommand,
  UpdateThingCommand,
} from "@aws-sdk/client-iot";
import { expect } from "chai";
import { RefusedError } from "../../common/commandLine";
import { projectDirectory } from "../../common/project";
import type { FirmwareOutputs } from "../../common/stackOutputs";
import { waitFor } from "../../common/waitFor";
import { Device } from "../../devices";
import { type FleetOptions, Interrupted, runFleet } from "../../devices/simulator/fleet";
import { Stage } from "../../devices/simulator/stage";
import { outputOf, type Place, placeIn } from "../../operations/place";
import { Releases } from "../../operations/release/releases";
import { awsConfig } from "../../sandbox/aws";
import { outputsFileOf } from "../../sandbox/outputsFile";
import { openSession, type Session } from "../../sandbox/session";

describe("npm run simulate", () => {
  let session: Session;
  let place: Place;
  let iot: IoTClient;

  before(async function () {
    if (process.env.THINGSTACK_E2E_STACK) this.skip();
    session = await openSession();
    place = placeIn(outputsFileOf(session));
    iot = new IoTClient(awsConfig(session.cloud));
  });
  after(() => session?.stop());

  const run = (options: Partial<FleetOptions>) =>
    runFleet({
      ...{ place, mqtt: session.cloud.mqtt, devices: 2, faults: {}, seed: 7, imageSize: 20_000, timeout: 120 },
      ...options,
    });
  /** What there is that a simulation may have made. */
  const inventory = async () => {
    const { things = [] } = await iot.send(new ListThingsCommand({ maxResults: 250 }));
    const { certificates = [] } = await iot.send(new ListCertificatesCommand({ pageSize: 250 }));
    return { things: things.map(({ thingName }) => thingName), certificates: certificates.length };
  };
  const statusOf = async (version: string) => (await new Releases(place).find("simulated", version)).status;

  it("brings a fleet with faults to the release, or to a recorded reason, and leaves nothing", async () => {
    const before = await inventory();
    const faults = { offline: 0.15, crash: 0.15, slow: 0.1, corrupt: 0.1, reject: 0.05, fail: 0.05 };
    const { outcomes, release, left, firstDownloads } = await run({ devices: 20, faults, release: "2.0" });
    expect(left).to.deep.equal([]);
    expect(release).to.include({ app: "simulated", version: "2.0", status: "COMPLETED", targets: 20 });
    expect(release.counts).to.include({ succeeded: 16, failed: 3, rejected: 1 });
    expect(outcomes.filter(({ isRight }) => !isRight)).to.deep.equal([]);
    const ends = outcomes.map(({ group, status, runs }) => `${group}: ${status}, ${runs}`);
    expect([...new Set(ends)].sort()).to.deep.equal([
      "corrupt: FAILED, factory",
      "crash: SUCCEEDED, released",
      "fail: FAILED, factory",
      "healthy: SUCCEEDED, released",
      "offline: SUCCEEDED, released",
      "reject: REJECTED, factory",
      "slow: SUCCEEDED, released",
    ]);
    for (const { status, reason } of outcomes)
      if (status !== "SUCCEEDED") expect(reason).to.be.a("string").and.not.empty;
    expect(outcomes.reduce((sum, { losses }) => sum + losses, 0)).to.be.above(5);
    expect(firstDownloads).to.have.length(19);
    expect(await inventory()).to.deep.equal(before);
  });

  it("refuses what the stack would not take, before it makes anything", async () => {
    const before = await inventory();
    const message = async (options: Partial<FleetOptions>) =>
      run(options).then(
        () => expect.fail("it should have been refused"),
        (error) => `${error.name} ${error.message}`,
      );
    expect(await message({ release: "1.9" })).to.match(/1\.9 is below 2\.0.*Leave out --release, and it is 2\.1/);
    expect(await message({ release: "2.0", imageSize: 30 })).to.match(/2\.0 was released with another artifact/);
    const { firmware } = place.outputs as { firmware: object };
    const without = (outputs: object) => ({ place: { ...place, outputs: { ...place.outputs, ...outputs } } });
    expect(await message(without({ firmware: { ...firmware, apps: ["cooler"] } }))).to.match(
      /releases cooler.*Add simulated to thingstack:apps in Pulumi\.local\.yaml/,
    );
    expect(await message(without({ firmware: { ...firmware, maximumArtifactSize: 9 } }))).to.match(
      /--size 20000 is more than the stack local takes: 9 bytes/,
    );
    expect(await message(without({ firmware: undefined }))).to.match(/has no output `firmware`; deploy it again/);
    expect(await inventory()).to.deep.equal(before);
  });

  it("cancels its release and removes all it made when it is interrupted", async () => {
    const before = await inventory();
    const interrupted = new AbortController();
    const work = run({
      devices: 4,
      faults: { slow: 1 },
      release: "2.1",
      rollout: { maximumPerMinute: 1 },
      signal: interrupted.signal,
      onProgress: (_, counts) => {
        if (counts && counts.succeeded > 0) interrupted.abort();
      },
    });
    const error = await work.catch((reason) => reason);
    expect(error).to.be.instanceOf(Interrupted).with.deep.property("left", []);
    expect(await statusOf("2.1")).to.equal("CANCELED");
    expect(await inventory()).to.deep.equal(before);
  });

  it("removes all it made and cancels its release when a request fails, and the first ones of its cleaning up", async () => {
    const before = await inventory();
    const firmware = { ...(place.outputs.firmware as FirmwareOutputs) };
    const { releasesTableName } = firmware;
    const failure = await run({
      place: { ...place, outputs: { ...place.outputs, firmware } },
      release: "2.2",
      rollout: { maximumPerMinute: 1 },
      onProgress: (_, counts) => {
        if (counts) Object.assign(firmware, { releasesTableName: "not-there" });
      },
      onPhase: (text) => {
        if (text === "cleaning up") setTimeout(() => Object.assign(firmware, { releasesTableName }), 1500);
      },
    }).catch((error) => error);
    expect(failure).to.have.property("name", "ResourceNotFoundException");
    expect(failure.message).not.to.include("Left:");
    expect(await statusOf("2.2")).to.equal("CANCELED");
    expect(await inventory()).to.deep.equal(before);
  });

  describe("two at a time", () => {
    const stage = (startLimit: number) =>
      new Stage({ aws: place.aws, policyName: outputOf(place, "devicePolicyName"), startLimit, indexLag: 1 });
    const isKnown = (thingName: string) => async () => {
      const queryString = `attributes.simulated:true AND thingName:${thingName}`;
      return (await iot.send(new GetStatisticsCommand({ queryString }))).statistics?.count === 1;
    };

    it("leaves the things of one that is about to connect, and refuses when it has", async () => {
      const before = await inventory();
      const early = stage(60);
      await early.setUp(["simulated-early"]);
      try {
        await waitFor("the index to know its thing", isKnown("simulated-early"));
        const late = stage(60)
          .clearAway()
          .catch((error) => error);
        const device = await Device.connect({
          ...{ thingName: "simulated-early", certificatePem: early.certificatePem, keyPem: early.keyPem },
          ...session.cloud.mqtt,
        });
        const refused = await late;
        await device.close();
        expect(refused).to.be.instanceOf(RefusedError);
        expect(refused.message).to.match(
          /another simulation runs.*1 of its devices are connected, such as simulated-early/,
        );
        expect((await inventory()).things).to.deep.equal([...before.things, "simulated-early"]);
      } finally {
        expect(await early.tearDown()).to.deep.equal([]);
      }
      expect(await inventory()).to.deep.equal(before);
    });

    it("refuses when things are new for too long", async () => {
      const early = stage(60);
      await early.setUp(["simulated-slow"]);
      try {
        await waitFor("the index to know its thing", isKnown("simulated-slow"));
        const late = stage(1);
        await iot.send(
          new UpdateThingCommand({
            thingName: "simulated-slow",
            attributePayload: { attributes: { made: new Date(Date.now() + 60_000).toISOString() }, merge: true },
          }),
        );
        const refused = await late.clearAway().catch((error) => error);
        expect(refused).to.be.instanceOf(RefusedError);
        expect(refused.message).to.match(/1 of its things are being made, such as simulated-slow/);
      } finally {
        expect(await early.tearDown()).to.deep.equal([]);
      }
    });
  });

  describe("as a process", () => {
    let file: string;
    before(() => {
      file = path.join(path.dirname(session.cloud.mqtt.caPath), "outputs.json");
      writeFileSync(file, JSON.stringify(outputsFileOf(session)));
    });

    /** Runs the command against the local cloud of this suite. */
    function simulate(...args: string[]): { child: ChildProcess; seen: () => string; ended: Promise<number | null> } {
      const command = ["-r", "./typescript.cjs", "devices/simulate.ts", "--outputs", file, ...args];
      const child = spawn(process.execPath, command, { cwd: projectDirectory });
      let text = "";
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (text += data));
      return { child, seen: () => text, ended: once(child, "close").then(([code]) => code as number | null) };
    }

    it("is ended by Ctrl-C with 130; what a killed one has left goes with the next", async () => {
      const before = await inventory();
      const first = simulate("--devices", "2", "--faults", "slow=1");
      await waitFor("its devices", () => /connecting/.test(first.seen()), { lastSeen: first.seen });
      await waitFor("its things", async () => (await inventory()).things.length === before.things.length + 2);
      first.child.kill("SIGKILL");
      await first.ended;
      const queryString = "attributes.simulated:true AND thingName:simulated-1-*";
      await waitFor("the index to know them", async () => {
        return (await iot.send(new GetStatisticsCommand({ queryString }))).statistics?.count === 2;
      });
      // Some minutes later.
      for (const thingName of ["simulated-1-0001", "simulated-1-0002"]) {
        const attributePayload = { attributes: { made: new Date(Date.now() - 300_000).toISOString() }, merge: true };
        await iot.send(new UpdateThingCommand({ thingName, attributePayload }));
      }
      const second = simulate("--devices", "2", "--faults", "slow=1", "--seed", "8");
      await waitFor("the release", () => /releasing simulated 2\.3/.test(second.seen()), {
        lastSeen: second.seen,
      });
      expect(second.seen()).to.match(/removed 2 things that an earlier simulation has left/);
      second.child.kill("SIGINT");
      expect(await second.ended, second.seen()).to.equal(130);
      expect(second.seen()).to.match(/Interrupted\. What was made is removed\./);
      expect(await inventory()).to.deep.equal(before);
    });
  });
});
