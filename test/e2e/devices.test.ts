import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { IoTClient, UpdateCertificateCommand } from "@aws-sdk/client-iot";
import { expect } from "chai";
import {
  ConnectionError,
  Device,
  type DeviceOptions,
  type JsonObject,
  logTopic,
  NotDelivered,
  Refused,
  ShadowRejected,
  telemetryTopic,
} from "../../devices";
import { awsConfig } from "../../sandbox/aws";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { waitFor } from "../../sandbox/waitFor";
import { desire, look, type Registered, register, Wire } from "./devicesHelp";

/** Quick to come back, so that the tests are. */
const reconnect = { base: 50, maximum: 500 };

describe("devices on the local cloud", function () {
  this.timeout(60_000);
  let cloud: LocalCloud;
  let lamp: Registered;
  let witness: Device;
  const open: Device[] = [];
  const wires: Wire[] = [];

  before(async function () {
    // They cut wires and revoke certificates, which is nothing for a real account.
    if (process.env.THINGSTACK_E2E_STACK) this.skip();
    cloud = await startLocalCloud();
    lamp = await register(cloud, "lamp");
    const everything = [{ Effect: "Allow", Action: "iot:*", Resource: "*" }];
    const all = await register(cloud, "witness", { Version: "2012-10-17", Statement: everything });
    witness = await Device.connect({ ...all, ...cloud.mqtt });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((device) => device.close()));
    await Promise.all(wires.splice(0).map((wire) => wire.close()));
  });
  after(async () => {
    await witness?.close();
    await cloud?.stop();
  });

  async function join(who: Registered = lamp, options: Partial<DeviceOptions> = {}): Promise<Device> {
    const device = await Device.connect({ ...who, ...cloud.mqtt, reconnect, ...options });
    open.push(device);
    return device;
  }
  async function wireTo(port = cloud.mqtt.port, host?: string): Promise<Wire> {
    const wire = await Wire.to(port, host);
    wires.push(wire);
    return wire;
  }
  /** Everything that is published to a topic filter from now on. */
  async function hear(filter: string): Promise<string[]> {
    const heard: string[] = [];
    await witness.subscribe(filter, (payload) => heard.push(payload.toString()));
    return heard;
  }
  /** What the call failed with. */
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail("it should have failed"),
      (error) => error,
    );

  /** Runs a program of the repository; `seen` is all that it printed. */
  function run(...args: string[]): { child: ChildProcess; seen: () => string; ended: Promise<number> } {
    const root = path.join(__dirname, "..", "..");
    const command = ["-r", "ts-node/register/transpile-only", ...args];
    const child = spawn(process.execPath, command, { cwd: root, stdio: "pipe" });
    let text = "";
    child.stdout?.on("data", (data) => (text += data));
    child.stderr?.on("data", (data) => (text += data));
    return { child, seen: () => text, ended: once(child, "exit").then(([code]) => code as number) };
  }

  describe("state", () => {
    it("is reported and accepted with the next version", async () => {
      const device = await join();
      const first = await device.report({ on: false, color: { hue: 10, sat: 5 } });
      expect(await device.report({ color: { hue: 20 } })).to.equal(first + 1);
      const { reported, version } = await device.get();
      expect(reported).to.deep.include({ on: false, color: { hue: 20, sat: 5 } });
      expect(version).to.equal(first + 1);
    });

    it("is followed: an app desires, the device acts and reports, and nothing is left", async () => {
      const thing = await register(cloud, "follower");
      const device = await join(thing);
      const acted: JsonObject[] = [];
      await device.onDelta((delta) => {
        acted.push(delta);
        return delta;
      });
      await desire(cloud, "follower", { on: true, color: { hue: 3 } });
      const document = await waitFor("the report", async () => {
        const now = await look(cloud, "follower");
        return now.reported && !now.delta && now;
      });
      expect(document.reported).to.deep.equal({ on: true, color: { hue: 3 } });
      expect(acted).to.deep.equal([{ on: true, color: { hue: 3 } }]);
    });

    it("is followed as far as the device can, without going round in circles", async () => {
      const thing = await register(cloud, "heater");
      const device = await join(thing);
      let calls = 0;
      await device.onDelta(() => {
        calls++;
        return { target: 80 };
      });
      await desire(cloud, "heater", { target: 100 });
      await waitFor("the report", async () => (await look(cloud, "heater")).reported?.target === 80);
      // Each accepted report makes the service tell the old difference again.
      for (const battery of [3, 2, 1]) await device.report({ battery });
      expect(calls).to.equal(1);
      await desire(cloud, "heater", { target: 60 });
      await waitFor("the next wish", () => calls === 2);
    });

    it("is followed when it was desired before the device was ever there", async () => {
      const thing = await register(cloud, "newcomer");
      await desire(cloud, "newcomer", { on: true });
      const device = await join(thing);
      await device.onDelta((delta) => delta);
      await waitFor("the report", async () => (await look(cloud, "newcomer")).reported?.on === true);
    });

    for (const [session, sessionExpiry] of [
      ["a clean session", 0],
      ["a persistent session", 600],
    ] as const) {
      it(`is followed after an offline time, with ${session}`, async () => {
        const thing = await register(cloud, `sleeper-${sessionExpiry}`);
        const wire = await wireTo();
        const device = await join(thing, { port: wire.port, sessionExpiry });
        const acted: unknown[] = [];
        await device.onDelta((delta) => {
          acted.push(delta.level);
          return delta;
        });
        await desire(cloud, thing.thingName, { level: 1 });
        // As the app sees it: a get() of the device would itself bring the delta along.
        const level = async () => (await look(cloud, thing.thingName)).reported?.level;
        await waitFor("the first report", async () => (await level()) === 1, { lastSeen: level });

        const away = once(device, "disconnected");
        wire.cut();
        await away;
        for (const level of [2, 3, 4]) await desire(cloud, thing.thingName, { level });
        wire.mend();

        await waitFor("the last report", async () => (await level()) === 4, { lastSeen: level });
        expect((await look(cloud, thing.thingName)).delta).to.equal(undefined);
        // Fetched at once with the newest value; a persistent session may deliver the older ones too, first or too late.
        expect(acted.at(-1), `acted on ${acted}`).to.equal(4);
      });
    }

    it("has named shadows beside it", async () => {
      const device = await join();
      const settings = { shadowName: "settings" };
      await device.onDelta((delta) => delta, settings);
      await device.report({ language: "en" }, settings);
      await desire(cloud, "lamp", { language: "de" }, "settings");
      await waitFor("the report", async () => (await device.get(settings)).reported?.language === "de");
      expect((await device.get()).reported ?? {}).not.to.have.property("language");
    });
  });

  describe("what is refused", () => {
    it("a stale version: 409, and the right one is taken", async () => {
      const device = await join();
      const version = await device.report({ count: 1 });
      const error = await failure(device.report({ count: 2 }, { version: version - 1 }));
      expect(error).to.be.instanceOf(ShadowRejected);
      expect(error.code).to.equal(409);
      expect(error.message).to.equal("Version conflict");
      expect(await device.report({ count: 2 }, { version })).to.equal(version + 1);
    });

    it("a report over 8 KB: 413, and nothing of it is stored", async () => {
      const device = await join();
      const version = await device.report({ count: 3 });
      const error = await failure(device.report({ count: 4, photo: "x".repeat(8192) }));
      expect(error).to.be.instanceOf(ShadowRejected);
      expect(error.code).to.equal(413);
      expect((await device.get()).version).to.equal(version);
    });

    it("an update that is not JSON: told on the topic for rejections, and the device goes on", async () => {
      const device = await join();
      const version = await device.report({ count: 5 });
      const rejected = await hear("$aws/things/lamp/shadow/update/rejected");
      await device.publish("$aws/things/lamp/shadow/update", "{reported:");
      await waitFor("the rejection", () => rejected.length > 0);
      expect(JSON.parse(rejected[0] as string).code).to.equal(400);
      expect(await device.report({ count: 6 })).to.equal(version + 1);
    });

    it("to get a shadow that is not there: 404", async () => {
      const device = await join(await register(cloud, "blank"));
      const error = await failure(device.get());
      expect(error).to.be.instanceOf(ShadowRejected);
      expect(error.code).to.equal(404);
    });

    it("another thing's telemetry topic: the message alone, not the connection", async () => {
      const device = await join();
      const error = await failure(device.publish(telemetryTopic("door"), { temperature: 1 }));
      expect(error).to.be.instanceOf(Refused);
      expect(error.reasonCode).to.equal(0x87);
      expect(error.message).to.include("iot:Publish on topic/my/things/door/state");
      await device.publish(telemetryTopic("lamp"), { temperature: 1 });
      expect(device.connected).to.equal(true);
    });

    it("to listen to another thing", async () => {
      const device = await join();
      const error = await failure(device.subscribe("$aws/things/door/shadow/update/delta", () => {}));
      expect(error).to.be.instanceOf(Refused);
      expect(error.message).to.include("iot:Subscribe on topicfilter/$aws/things/door/shadow/update/delta");
    });

    it("a shadow that the policy does not name", async () => {
      const device = await join();
      const other = { shadowName: "other" };
      for (const attempt of [
        () => device.report({ a: 1 }, other),
        () => device.get(other),
        () => device.onDelta(() => {}, other),
      ]) {
        const error = await failure(attempt());
        expect(error).to.be.instanceOf(Refused);
        expect(error.message).to.include("$aws/things/lamp/shadow/name/other/").and.include("IoT policy");
      }
    });
  });

  describe("who is refused", () => {
    const fault = async (work: Promise<Device>) => {
      const error = await failure(work);
      expect(error, String(error)).to.be.instanceOf(ConnectionError);
      return error as ConnectionError;
    };

    it("a certificate of another CA: said clearly, after three tries, and never again", async () => {
      // The other cloud's CA is another; it has nothing else to do with this one.
      const elsewhere = await startLocalCloud();
      const stranger = await register(elsewhere, "lamp").finally(() => elsewhere.stop());
      const wire = await wireTo();
      const error = await fault(join(stranger, { port: wire.port }));
      expect(error.fault).to.equal("certificateRefused");
      expect(error.message).to.include("from the right CA");
      const { attempts } = wire;
      expect(attempts).to.equal(3);
      // With pauses of half a second at most, a storm would show while another device does its work.
      const device = await join();
      const until = Date.now() + 1500;
      while (Date.now() < until) await device.report({ busy: true });
      expect(wire.attempts).to.equal(attempts);
    });

    it("a certificate that was made inactive, on its next connection", async () => {
      const thing = await register(cloud, "retired");
      await (await join(thing)).close();
      const off = { certificateId: thing.certificateId, newStatus: "INACTIVE" as const };
      await new IoTClient(awsConfig(cloud)).send(new UpdateCertificateCommand(off));
      const error = await fault(join(thing));
      expect(error.fault).to.equal("certificateRefused");
      expect(error.message).to.include("ACTIVE");
    });

    it("another client id than the certificate's thing", async () => {
      await register(cloud, "door");
      const error = await fault(join({ ...lamp, thingName: "door" }));
      expect(error.fault).to.equal("notAllowed");
      expect(error.message).to.include("iot:Connect on client/door");
    });

    it("a key that is not the certificate's, without asking anybody", async () => {
      const other = await register(cloud, "other-key");
      const error = await fault(join({ ...lamp, keyPem: other.keyPem }));
      expect(error.fault).to.equal("credentials");
      expect(error.message).to.include("is not the key of the certificate");
    });

    it("a server with a certificate of another CA, in seconds", async () => {
      const error = await fault(join(lamp, { caPath: undefined, caPem: lamp.certificatePem }));
      expect(error.fault).to.equal("untrustedServer");
      expect(error.message).to.include("CA that the device does not trust");
    });

    it("a server whose certificate is for another name", async () => {
      const wire = await wireTo(cloud.mqtt.port, "127.0.0.2");
      const error = await fault(join(lamp, { host: "127.0.0.2", port: wire.port }));
      expect(error.fault).to.equal("untrustedServer");
      expect(error.message).to.include("for another host name");
    });

    it("nobody there", async () => {
      const wire = await wireTo();
      const { port } = wire;
      await wire.close();
      wires.splice(0);
      const error = await fault(join(lamp, { port, connectTimeout: 1 }));
      expect(error.fault).to.equal("unreachable");
      expect(error.message).to.include(`nothing listens at 127.0.0.1:${port}`);
    });
  });

  describe("a connection that breaks", () => {
    it("loses no report and no message, and keeps the reports' order", async () => {
      const thing = await register(cloud, "commuter");
      const wire = await wireTo();
      const device = await join(thing, { port: wire.port });
      const accepted = await hear("$aws/things/commuter/shadow/update/accepted");
      const messages = await hear(telemetryTopic("commuter"));
      const work: Promise<unknown>[] = [];
      const numbers = Array.from({ length: 60 }, (_, at) => at + 1);
      for (const n of numbers) {
        work.push(device.report({ n }), device.publish(telemetryTopic("commuter"), { n }));
        if (n % 15 === 0) {
          // Once the first of these are under way, and before all of them are done.
          await waitFor(`report ${n - 10} of ${n}`, () => accepted.length >= n - 10, { everyMs: 1 });
          wire.drop();
        }
      }
      await Promise.all(work);
      await waitFor("all messages", () => numbers.every((n) => messages.some((one) => JSON.parse(one).n === n)), {
        lastSeen: () => messages.length,
      });
      const order = () => accepted.map((one) => JSON.parse(one).state.reported.n as number);
      await waitFor("the last acceptance", () => order().includes(60), { lastSeen: order });
      expect([...new Set(order())], "each once or more, in order").to.deep.equal(numbers);
      expect(order()).to.deep.equal(order().sort((left, right) => left - right));
      expect((await device.get()).reported).to.deep.equal({ n: 60 });
      expect(device.stats).to.deep.equal({ waiting: 0, dropped: 0 });
    });

    it("keeps what was said meanwhile up to its limit: folds reports, drops the oldest messages and says so", async () => {
      const thing = await register(cloud, "hermit");
      const wire = await wireTo();
      const device = await join(thing, { port: wire.port, queueLimit: 5 });
      const dropped: string[] = [];
      device.on("dropped", (topic) => dropped.push(topic));
      const away = once(device, "disconnected");
      wire.cut();
      await away;
      const reports = Array.from({ length: 20 }, (_, n) => device.report({ [`key${n}`]: n, last: n }));
      const messages = Array.from({ length: 20 }, (_, n) => device.publish(telemetryTopic("hermit"), { n }));
      const outcomes = Promise.allSettled(messages);
      expect(device.stats).to.deep.equal({ waiting: 10, dropped: 15 });
      wire.mend();
      await Promise.all(reports);
      const { reported } = await device.get();
      expect(Object.keys(reported as object)).to.have.length(21);
      expect(reported?.last).to.equal(19);
      const lost = (await outcomes).map((one) => one.status === "rejected" && (one.reason as NotDelivered).reason);
      expect(lost).to.deep.equal([...Array(15).fill("dropped"), ...Array(5).fill(false)]);
      expect(dropped).to.deep.equal(Array(15).fill(telemetryTopic("hermit")));
    });

    it("does not guess about a report for a certain version", async () => {
      const thing = await register(cloud, "careful");
      const wire = await wireTo();
      const device = await join(thing, { port: wire.port });
      const version = await device.report({ n: 1 });
      const report = failure(device.report({ n: 2 }, { version }));
      wire.cut();
      const error = await report;
      wire.mend();
      expect(error).to.be.instanceOf(NotDelivered);
      expect(error.reason).to.equal("unknown");
      expect((await device.get()).version).to.be.oneOf([version, version + 1]);
    });

    it("brings subscriptions back", async () => {
      const thing = await register(cloud, "listener");
      const wire = await wireTo();
      const device = await join(thing, { port: wire.port });
      const heard: string[] = [];
      await device.subscribe("my/things/listener/commands/+", (payload, topic) => heard.push(`${topic} ${payload}`));
      const back = once(device, "connected");
      wire.drop();
      await back;
      await waitFor("a command", async () => {
        await witness.publish("my/things/listener/commands/blink", "3");
        return heard.includes("my/things/listener/commands/blink 3");
      });
    });

    for (const [session, sessionExpiry, arrives] of [
      ["a clean session", 0, false],
      ["a persistent session", 600, true],
    ] as const) {
      it(`${arrives ? "hears" : "does not hear"} what was said meanwhile, with ${session}`, async () => {
        const thing = await register(cloud, `absent-${sessionExpiry}`);
        const wire = await wireTo();
        const device = await join(thing, { port: wire.port, sessionExpiry });
        const topic = `my/things/${thing.thingName}/commands/say`;
        const heard: string[] = [];
        await device.subscribe(topic, (payload) => heard.push(payload.toString()));
        const gone = await hear(`$aws/events/presence/disconnected/${thing.thingName}`);
        const back = once(device, "connected");
        wire.cut();
        await waitFor("the broker to know", () => gone.length > 0);
        await witness.publish(topic, "meanwhile");
        wire.mend();
        await back;
        await waitFor("what is said now", async () => {
          await witness.publish(topic, "now");
          return heard.includes("now") && (!arrives || heard.includes("meanwhile"));
        });
        expect(heard.includes("meanwhile"), `heard ${heard}`).to.equal(arrives);
      });
    }

    it("lets the server publish the will", async () => {
      const thing = await register(cloud, "mortal");
      const wire = await wireTo();
      const wills = await hear(logTopic("mortal"));
      await join(thing, { port: wire.port, will: { topic: logTopic("mortal"), payload: '{"gone":true}' } });
      wire.cut();
      await waitFor("the will", () => wills.length > 0);
      expect(wills).to.deep.equal(['{"gone":true}']);
    });

    it("is told from one that another client took over", async () => {
      const thing = await register(cloud, "twin");
      const first = await join(thing, { reconnect: { base: 10_000, maximum: 20_000 } });
      const away = once(first, "disconnected");
      await join(thing);
      const [error] = await away;
      expect(error.fault).to.equal("takenOver");
      expect(error.message).to.include("Two devices share one identity");
    });
  });

  it("says goodbye once, and takes nothing more", async () => {
    const device = await join();
    await Promise.all([device.close(), device.close()]);
    expect((await failure(device.report({ a: 1 }))).reason).to.equal("closed");
    expect((await failure(device.publish(telemetryTopic("lamp"), {}))).reason).to.equal("closed");
  });

  it("leaves its process able to end, and with 0", async () => {
    const wire = await wireTo();
    const options = { ...lamp, ...cloud.mqtt, port: wire.port, reconnect };
    const { seen, ended } = run("test/e2e/devicesLeave.ts", JSON.stringify(options));
    await waitFor("its being there", () => seen().includes("cut me off"), { lastSeen: seen });
    wire.cut();
    await waitFor("a failed attempt", () => seen().includes("let me back"), { lastSeen: seen });
    wire.mend();
    expect(await ended, seen()).to.equal(0);
  });

  describe("npm run device", () => {
    let folder: string;
    let outputs: string;
    before(() => {
      folder = mkdtempSync(path.join(tmpdir(), "thingstack-device-"));
      outputs = path.join(folder, "outputs.json");
      const [certificatePath, keyPath] = [path.join(folder, "lamp.pem"), path.join(folder, "lamp.key")];
      writeFileSync(certificatePath, lamp.certificatePem);
      writeFileSync(keyPath, lamp.keyPem, { mode: 0o600 });
      const devices = [{ thingName: "lamp", certificatePath, keyPath }];
      writeFileSync(outputs, JSON.stringify({ mqtt: cloud.mqtt, devices }));
    });
    after(() => folder && rmSync(folder, { recursive: true }));

    const device = (...args: string[]) => run("devices/main.ts", ...args);

    it("does what is typed, shows what is desired, and ends with 0", async () => {
      const { child, seen, ended } = device("--thing", "lamp", "--outputs", outputs);
      const shows = (text: string) => waitFor(text, () => seen().includes(text), { lastSeen: seen });
      const type = (line: string) => child.stdin?.write(`${line}\n`);
      await shows("connected as lamp");
      type('report {"typed": true}');
      await shows("accepted, version ");
      type("get");
      await shows('"typed":true');
      await desire(cloud, "lamp", { brightness: 5 });
      await shows('delta {"brightness":5');
      const heard = await hear(telemetryTopic("lamp"));
      type('publish my/things/$thing/state {"temperature": 21}');
      await waitFor("the message", () => heard.includes('{"temperature": 21}'), { lastSeen: () => heard });
      child.stdin?.end();
      expect(await ended, seen()).to.equal(0);
    });

    it("ends with 1 when a line failed, and says why", async () => {
      const { child, seen, ended } = device("--thing", "lamp", "--outputs", outputs);
      child.stdin?.end('report {"a": [null]}\nget\n');
      expect(await ended, seen()).to.equal(1);
      expect(seen()).to.include("InvalidMessage: reported.a is a list with a null").and.include('"version":');
    });

    it("ends with 2 for wrong usage, and with 3 when it cannot connect", async () => {
      const wrong = device("--thing", "door", "--outputs", outputs);
      expect(await wrong.ended, wrong.seen()).to.equal(2);
      expect(wrong.seen()).to.include("knows no device door; it has lamp");
      const pem = path.join(folder, "lamp.pem");
      const broken = device("--thing", "lamp", "--endpoint", "127.0.0.1:1", "--cert", pem, "--key", pem);
      expect(await broken.ended, broken.seen()).to.equal(3);
      expect(broken.seen()).to.include("lamp.pem is not one in PEM form");
    });
  });
});
