import { once } from "node:events";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import { type JsonObject, Refused, ShadowRejected, telemetryTopic } from "../../devices";
import { desire, failure, look, register } from "./devicesHelp";
import { Lab } from "./devicesLab";

describe("devices on the local cloud", () => {
  const lab = Lab.inThisSuite();

  describe("state", () => {
    it("is reported and accepted with the next version", async () => {
      const device = await lab.join();
      const first = await device.report({ on: false, color: { hue: 10, sat: 5 } });
      expect(await device.report({ color: { hue: 20 } })).to.equal(first + 1);
      const { reported, version } = await device.get();
      expect(reported).to.deep.include({ on: false, color: { hue: 20, sat: 5 } });
      expect(version).to.equal(first + 1);
    });

    it("is followed: an app desires, the device acts and reports, and nothing is left", async () => {
      const thing = await register(lab.cloud, "follower");
      const device = await lab.join(thing);
      const acted: JsonObject[] = [];
      await device.onDelta((delta) => {
        acted.push(delta);
        return delta;
      });
      await desire(lab.cloud, "follower", { on: true, color: { hue: 3 } });
      const document = await waitFor("the report", async () => {
        const now = await look(lab.cloud, "follower");
        return now.reported && !now.delta && now;
      });
      expect(document.reported).to.deep.equal({ on: true, color: { hue: 3 } });
      expect(acted).to.deep.equal([{ on: true, color: { hue: 3 } }]);
    });

    it("is followed as far as the device can, without going round in circles", async () => {
      const thing = await register(lab.cloud, "heater");
      const device = await lab.join(thing);
      let calls = 0;
      await device.onDelta(() => {
        calls++;
        return { target: 80 };
      });
      await desire(lab.cloud, "heater", { target: 100 });
      await waitFor("the report", async () => (await look(lab.cloud, "heater")).reported?.target === 80);
      // Each accepted report makes the service tell the old difference again.
      for (const battery of [3, 2, 1]) await device.report({ battery });
      expect(calls).to.equal(1);
      await desire(lab.cloud, "heater", { target: 60 });
      await waitFor("the next wish", () => calls === 2);
    });

    it("is followed when it was desired before the device was ever there", async () => {
      const thing = await register(lab.cloud, "newcomer");
      await desire(lab.cloud, "newcomer", { on: true });
      const device = await lab.join(thing);
      await device.onDelta((delta) => delta);
      await waitFor("the report", async () => (await look(lab.cloud, "newcomer")).reported?.on === true);
    });

    for (const [session, sessionExpiry] of [
      ["a clean session", 0],
      ["a persistent session", 600],
    ] as const) {
      it(`is followed after an offline time, with ${session}`, async () => {
        const thing = await register(lab.cloud, `sleeper-${sessionExpiry}`);
        const wire = await lab.wireTo();
        const device = await lab.join(thing, { port: wire.port, sessionExpiry });
        const acted: unknown[] = [];
        await device.onDelta((delta) => {
          acted.push(delta.level);
          return delta;
        });
        await desire(lab.cloud, thing.thingName, { level: 1 });
        // As the app sees it: a get() of the device would itself bring the delta along.
        const level = async () => (await look(lab.cloud, thing.thingName)).reported?.level;
        await waitFor("the first report", async () => (await level()) === 1, { lastSeen: level });

        const away = once(device, "disconnected");
        wire.cut();
        await away;
        for (const level of [2, 3, 4]) await desire(lab.cloud, thing.thingName, { level });
        wire.mend();

        await waitFor("the last report", async () => (await level()) === 4, { lastSeen: level });
        expect((await look(lab.cloud, thing.thingName)).delta).to.equal(undefined);
        // Fetched at once with the newest value; a persistent session may deliver the older ones too, first or too late.
        expect(acted.at(-1), `acted on ${acted}`).to.equal(4);
      });
    }

    it("has named shadows beside it", async () => {
      const device = await lab.join();
      const settings = { shadowName: "settings" };
      await device.onDelta((delta) => delta, settings);
      await device.report({ language: "en" }, settings);
      await desire(lab.cloud, "lamp", { language: "de" }, "settings");
      await waitFor("the report", async () => (await device.get(settings)).reported?.language === "de");
      expect((await device.get()).reported ?? {}).not.to.have.property("language");
    });
  });

  describe("what is refused", () => {
    it("a stale version: 409, and the right one is taken", async () => {
      const device = await lab.join();
      const version = await device.report({ count: 1 });
      const error = await failure(device.report({ count: 2 }, { version: version - 1 }));
      expect(error).to.be.instanceOf(ShadowRejected);
      expect(error.code).to.equal(409);
      expect(error.message).to.equal("Version conflict");
      expect(await device.report({ count: 2 }, { version })).to.equal(version + 1);
    });

    it("a report over 8 KB: 413, and nothing of it is stored", async () => {
      const device = await lab.join();
      const version = await device.report({ count: 3 });
      const error = await failure(device.report({ count: 4, photo: "x".repeat(8192) }));
      expect(error).to.be.instanceOf(ShadowRejected);
      expect(error.code).to.equal(413);
      expect((await device.get()).version).to.equal(version);
    });

    it("an update that is not JSON: told on the topic for rejections, and the device goes on", async () => {
      const device = await lab.join();
      const version = await device.report({ count: 5 });
      const rejected = await lab.hear("$aws/things/lamp/shadow/update/rejected");
      await device.publish("$aws/things/lamp/shadow/update", "{reported:");
      await waitFor("the rejection", () => rejected.length > 0);
      expect(JSON.parse(rejected[0] as string).code).to.equal(400);
      expect(await device.report({ count: 6 })).to.equal(version + 1);
    });

    it("to get a shadow that is not there: 404", async () => {
      const device = await lab.join(await register(lab.cloud, "blank"));
      const error = await failure(device.get());
      expect(error).to.be.instanceOf(ShadowRejected);
      expect(error.code).to.equal(404);
    });

    it("another thing's telemetry topic: the message alone, not the connection", async () => {
      const device = await lab.join();
      const error = await failure(device.publish(telemetryTopic("door"), { temperature: 1 }));
      expect(error).to.be.instanceOf(Refused);
      expect(error.reasonCode).to.equal(0x87);
      expect(error.message).to.include("iot:Publish on topic/my/things/door/state");
      await device.publish(telemetryTopic("lamp"), { temperature: 1 });
      expect(device.connected).to.equal(true);
    });

    it("to listen to another thing", async () => {
      const device = await lab.join();
      const error = await failure(device.subscribe("$aws/things/door/shadow/update/delta", () => {}));
      expect(error).to.be.instanceOf(Refused);
      expect(error.message).to.include("iot:Subscribe on topicfilter/$aws/things/door/shadow/update/delta");
    });

    it("a shadow that the policy does not name", async () => {
      const device = await lab.join();
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

  it("says goodbye once, and takes nothing more", async () => {
    const device = await lab.join();
    await Promise.all([device.close(), device.close()]);
    expect((await failure(device.report({ a: 1 }))).reason).to.equal("closed");
    expect((await failure(device.publish(telemetryTopic("lamp"), {}))).reason).to.equal("closed");
  });
});
