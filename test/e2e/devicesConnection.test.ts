import { once } from "node:events";
import { IoTClient, UpdateCertificateCommand } from "@aws-sdk/client-iot";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import { ConnectionError, type Device, logTopic, NotDelivered, telemetryTopic } from "../../devices";
import { awsConfig } from "../../sandbox/aws";
import { startLocalCloud } from "../../sandbox/localCloud";
import { desire, failure, register } from "./devicesHelp";
import { Lab } from "./devicesLab";

describe("devices and their connection", () => {
  const lab = Lab.inThisSuite();

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
      const wire = await lab.wireTo();
      const error = await fault(lab.join(stranger, { port: wire.port }));
      expect(error.fault).to.equal("certificateRefused");
      expect(error.message).to.include("from the right CA");
      const { attempts } = wire;
      expect(attempts).to.equal(3);
      // With pauses of half a second at most, a storm would show while another device does its work.
      const device = await lab.join();
      const until = Date.now() + 1500;
      while (Date.now() < until) await device.report({ busy: true });
      expect(wire.attempts).to.equal(attempts);
    });

    it("a certificate that was made inactive, on its next connection", async () => {
      const thing = await register(lab.cloud, "retired");
      await (await lab.join(thing)).close();
      const off = { certificateId: thing.certificateId, newStatus: "INACTIVE" as const };
      await new IoTClient(awsConfig(lab.cloud)).send(new UpdateCertificateCommand(off));
      const error = await fault(lab.join(thing));
      expect(error.fault).to.equal("certificateRefused");
      expect(error.message).to.include("ACTIVE");
    });

    it("another client id than the certificate's thing", async () => {
      await register(lab.cloud, "door");
      const error = await fault(lab.join({ ...lab.lamp, thingName: "door" }));
      expect(error.fault).to.equal("notAllowed");
      expect(error.message).to.include("iot:Connect on client/door");
    });

    it("a key that is not the certificate's, without asking anybody", async () => {
      const other = await register(lab.cloud, "other-key");
      const error = await fault(lab.join({ ...lab.lamp, keyPem: other.keyPem }));
      expect(error.fault).to.equal("credentials");
      expect(error.message).to.include("is not the key of the certificate");
    });

    it("a server with a certificate of another CA, in seconds", async () => {
      const error = await fault(lab.join(lab.lamp, { caPath: undefined, caPem: lab.lamp.certificatePem }));
      expect(error.fault).to.equal("untrustedServer");
      expect(error.message).to.include("CA that the device does not trust");
    });

    it("a server whose certificate is for another name", async () => {
      const wire = await lab.wireTo(lab.cloud.mqtt.port, "127.0.0.2");
      const error = await fault(lab.join(lab.lamp, { host: "127.0.0.2", port: wire.port }));
      expect(error.fault).to.equal("untrustedServer");
      expect(error.message).to.include("for another host name");
    });

    it("nobody there", async () => {
      const wire = await lab.wireTo();
      const { port } = wire;
      await wire.close();
      const error = await fault(lab.join(lab.lamp, { port, connectTimeout: 1 }));
      expect(error.fault).to.equal("unreachable");
      expect(error.message).to.include(`nothing listens at 127.0.0.1:${port}`);
    });
  });

  describe("who starts offline", () => {
    it("measures, reports and listens before there is a network, and all of it arrives", async () => {
      const thing = await register(lab.cloud, "early");
      const wire = await lab.wireTo();
      wire.cut();
      const device = await lab.join(thing, { port: wire.port, startOffline: true });
      expect(device.connected).to.equal(false);
      const deltas: unknown[] = [];
      await device.onDelta((delta) => {
        deltas.push(delta);
        return delta;
      });
      const work = [device.publish(telemetryTopic("early"), { n: 1 }), device.report({ n: 1 })];
      const [error] = await once(device, "connectionFailed");
      expect(error).to.be.instanceOf(ConnectionError);
      const heard = await lab.hear(telemetryTopic("early"));
      await desire(lab.cloud, "early", { on: true });
      expect(device.stats).to.deep.equal({ waiting: 2, dropped: 0 });
      wire.mend();
      await Promise.all(work);
      await waitFor("the message", () => heard.includes('{"n":1}'), { lastSeen: () => heard });
      await waitFor("what is desired", () => deltas.length > 0);
      expect(deltas).to.deep.equal([{ on: true }]);
    });

    it("is still told at once of a key that is not the certificate's", async () => {
      const other = await register(lab.cloud, "early-key");
      const error = await failure(lab.join({ ...lab.lamp, keyPem: other.keyPem }, { startOffline: true }));
      expect(error).to.be.instanceOf(ConnectionError).with.property("fault", "credentials");
    });
  });

  describe("a connection that breaks", () => {
    it("loses no report and no message, and keeps the reports' order", async () => {
      const thing = await register(lab.cloud, "commuter");
      const wire = await lab.wireTo();
      const device = await lab.join(thing, { port: wire.port });
      const accepted = await lab.hear("$aws/things/commuter/shadow/update/accepted");
      const messages = await lab.hear(telemetryTopic("commuter"));
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
      const thing = await register(lab.cloud, "hermit");
      const wire = await lab.wireTo();
      const device = await lab.join(thing, { port: wire.port, queueLimit: 5 });
      const dropped: string[] = [];
      device.on("dropped", (topic) => dropped.push(topic));
      const log = await lab.hear("my/things/hermit/log");
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
      await waitFor("the count on the log topic", () => log.length > 0);
      expect(log.map((line) => JSON.parse(line).dropped)).to.deep.equal([15]);
    });

    it("does not guess about a report for a certain version", async () => {
      const thing = await register(lab.cloud, "careful");
      const wire = await lab.wireTo();
      const device = await lab.join(thing, { port: wire.port });
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
      const thing = await register(lab.cloud, "listener");
      const wire = await lab.wireTo();
      const device = await lab.join(thing, { port: wire.port });
      const heard: string[] = [];
      await device.subscribe("my/things/listener/commands/+", (payload, topic) => heard.push(`${topic} ${payload}`));
      const back = once(device, "connected");
      wire.drop();
      await back;
      await waitFor("a command", async () => {
        await lab.witness.publish("my/things/listener/commands/blink", "3");
        return heard.includes("my/things/listener/commands/blink 3");
      });
    });

    for (const [session, sessionExpiry, arrives] of [
      ["a clean session", 0, false],
      ["a persistent session", 600, true],
    ] as const) {
      it(`${arrives ? "hears" : "does not hear"} what was said meanwhile, with ${session}`, async () => {
        const thing = await register(lab.cloud, `absent-${sessionExpiry}`);
        const wire = await lab.wireTo();
        const device = await lab.join(thing, { port: wire.port, sessionExpiry });
        const topic = `my/things/${thing.thingName}/commands/say`;
        const heard: string[] = [];
        await device.subscribe(topic, (payload) => heard.push(payload.toString()));
        const gone = await lab.hear(`$aws/events/presence/disconnected/${thing.thingName}`);
        const back = once(device, "connected");
        wire.cut();
        await waitFor("the broker to know", () => gone.length > 0);
        await lab.witness.publish(topic, "meanwhile");
        wire.mend();
        await back;
        await waitFor("what is said now", async () => {
          await lab.witness.publish(topic, "now");
          return heard.includes("now") && (!arrives || heard.includes("meanwhile"));
        });
        expect(heard.includes("meanwhile"), `heard ${heard}`).to.equal(arrives);
      });
    }

    it("lets the server publish the will", async () => {
      const thing = await register(lab.cloud, "mortal");
      const wire = await lab.wireTo();
      const wills = await lab.hear(logTopic("mortal"));
      await lab.join(thing, { port: wire.port, will: { topic: logTopic("mortal"), payload: '{"gone":true}' } });
      wire.cut();
      await waitFor("the will", () => wills.length > 0);
      expect(wills).to.deep.equal(['{"gone":true}']);
    });

    it("is told from one that another client took over", async () => {
      const thing = await register(lab.cloud, "twin");
      const first = await lab.join(thing, { reconnect: { base: 10_000, maximum: 20_000 } });
      const away = once(first, "disconnected");
      await lab.join(thing);
      const [error] = await away;
      expect(error.fault).to.equal("takenOver");
      expect(error.message).to.include("Two devices share one identity");
    });
  });
});
