import { expect } from "chai";
import { getThingOf } from "../../../functions/api/getThing";
import { backOff, setDesiredOf } from "../../../functions/api/setDesired";
import { etagOf } from "../../../functions/api/shadow";
import { type Asked, ask, silently } from "./apiHelp";
import { FakeFleet } from "./fakeFleet";

describe("set desired", () => {
  silently();
  let fleet: FakeFleet;
  beforeEach(() => {
    fleet = new FakeFleet();
    fleet.write("mine", { desired: { setpoint: 4 }, reported: { temperature: 9 } });
  });
  const set = (asked: Asked = {}) =>
    ask("setDesired", (request) => setDesiredOf(fleet, request), {
      caller: "user",
      path: { thingName: "mine" },
      body: { desired: { setpoint: 3 } },
      ...asked,
    });
  const ifMatch = (etag: string, more: Asked = {}) => set({ headers: { "if-match": etag }, ...more });
  const seen = async () => {
    const { headers } = await ask("getThing", (request) => getThingOf(fleet, request), { path: { thingName: "mine" } });
    return headers.etag as string;
  };
  const desired = () => fleet.shadows.get("mine")?.state?.desired;

  it("changes what is desired and tells the version that has it", async () => {
    const { status, body, headers } = await set();
    expect(status).to.equal(200);
    expect(body).to.deep.include({ thingName: "mine", version: 2, desired: { setpoint: 3 }, attempts: 1 });
    expect(headers.etag).to.equal('"2"');
    expect(desired()).to.deep.equal({ setpoint: 3 });
  });

  it("sends no version by itself, so a device that reports meanwhile is no conflict", async () => {
    fleet.beforeUpdate = () => fleet.write("mine", { reported: { temperature: 10 } });
    const { status, body } = await set();
    expect([status, body.attempts]).to.deep.equal([200, 1]);
  });

  it("tries again when AWS IoT is busy with others who write, with pauses of full jitter", async () => {
    let times = 0;
    fleet.beforeUpdate = () => {
      times += 1;
      if (times < 4) throw Object.assign(new Error("Version conflict"), { name: "ConflictException" });
    };
    const { status, body } = await set();
    expect([status, body.attempts]).to.deep.equal([200, 4]);
    expect(fleet.pauses).to.deep.equal([12.5, 25, 50]);
  });

  for (const [attempt, most] of [
    [0, 25],
    [3, 200],
    [20, 1000],
    [2000, 1000],
  ] as const) {
    it(`pauses up to ${most} ms before retry ${attempt + 1}`, () => {
      expect([backOff(attempt, 0), backOff(attempt, 1)]).to.deep.equal([0, most]);
    });
  }

  it("gives up in time to answer, with 409 and the version that there is now", async () => {
    fleet.beforeUpdate = () => {
      throw Object.assign(new Error("Version conflict"), { name: "ConflictException" });
    };
    const { status, body } = await set({ remaining: 1010 });
    expect(status).to.equal(409);
    expect(body).to.include({ type: "urn:thingstack:problem:version-conflict", currentVersion: 1 });
    expect(fleet.changes).to.equal(0);
  });

  describe("with the ETag of a thing", () => {
    it("survives a device that reports all the time", async () => {
      const etag = await seen();
      let reports = 0;
      fleet.beforeUpdate = () => {
        reports += 1;
        if (reports < 6) fleet.write("mine", { reported: { temperature: reports } });
      };
      const { status, body } = await ifMatch(etag);
      expect([status, body.attempts]).to.deep.equal([200, 6]);
      expect(desired()).to.deep.equal({ setpoint: 3 });
    });

    it("is refused once somebody else has changed what is desired", async () => {
      const etag = await seen();
      fleet.write("mine", { desired: { setpoint: 1 } });
      const { status, body } = await ifMatch(etag);
      expect([status, body.currentVersion]).to.deep.equal([409, 2]);
      expect(desired()).to.deep.equal({ setpoint: 1 });
      expect(fleet.changes).to.equal(0);
    });

    it("is refused when somebody else is faster between two tries", async () => {
      const etag = await seen();
      fleet.beforeUpdate = () => {
        fleet.write("mine", fleet.pauses.length === 0 ? { reported: { a: 1 } } : { desired: { setpoint: 1 } });
      };
      expect((await ifMatch(etag)).status).to.equal(409);
      expect(desired()).to.deep.equal({ setpoint: 1 });
    });

    it("is made on a thing that had no shadow when it was looked at", async () => {
      fleet.shadows.clear();
      const etag = await seen();
      expect(etag).to.match(/^"0-/);
      expect((await ifMatch(etag)).status).to.equal(200);
      expect((await ifMatch(etag)).status, "the second time").to.equal(409);
    });

    it("does not depend on the order in which AWS IoT tells properties", () => {
      const one = etagOf({ version: 1, state: { desired: { a: 1, b: { c: [1], d: 2 } } } });
      const other = etagOf({ version: 1, state: { desired: { b: { d: 2, c: [1] }, a: 1 } } });
      expect(one).to.equal(other);
    });
  });

  it("with a bare version is made on exactly that one", async () => {
    expect((await ifMatch('"1"')).status).to.equal(200);
    const { status, body } = await ifMatch('"1"');
    expect([status, body.currentVersion]).to.deep.equal([409, 2]);
  });

  it("takes * for whatever there is", async () => expect((await ifMatch("*")).status).to.equal(200));

  for (const etag of ['W/"1"', '"1", "2"', "x", '"-1"', '"1-xyz"', '""', '"99999999999999999999"']) {
    it(`refuses the ETag ${etag}, and changes nothing`, async () => {
      const { status, body } = await ifMatch(etag);
      expect([status, body.errors[0].path]).to.deep.equal([400, "If-Match"]);
      expect(fleet.changes).to.equal(0);
    });
  }

  const refused: [string, Asked, number][] = [
    ["an unknown thing", { path: { thingName: "none" }, caller: "admin" }, 404],
    ["another user's thing", { path: { thingName: "theirs" } }, 404],
    ["an unknown thing of a user", { path: { thingName: "none" } }, 404],
    ["a name that no thing can have", { path: { thingName: "../mine" }, caller: "admin" }, 404],
    ["a name with a wildcard", { path: { thingName: "*" }, caller: "admin" }, 404],
    ["no name", { path: {}, caller: "admin" }, 404],
    ["desired that is no object", { body: { desired: 1 } }, 400],
    ["__proto__", { body: '{"desired":{"__proto__":{"a":1}}}' }, 400],
    ["10 MB", { body: { desired: { a: "x".repeat(10_000_000) } } }, 413],
    ["another content type", { headers: { "Content-Type": "text/plain" } }, 415],
  ];
  for (const [what, asked, expected] of refused) {
    it(`is ${expected} for ${what}, and changes nothing`, async () => {
      expect((await set(asked)).status).to.equal(expected);
      expect(fleet.changes).to.equal(0);
    });
  }

  it("answers for another user's thing word for word as for none", async () => {
    const theirs = await set({ path: { thingName: "theirs" } });
    expect(theirs).to.deep.equal(await set({ path: { thingName: "none" } }));
  });

  for (const [name, expected] of [
    ["RequestEntityTooLargeException", 413],
    ["InvalidRequestException", 400],
    ["ThrottlingException", 503],
  ] as const) {
    it(`is ${expected} when AWS IoT says ${name}`, async () => {
      fleet.beforeUpdate = () => {
        throw Object.assign(new Error("State contains an invalid node"), { name });
      };
      expect((await set()).status).to.equal(expected);
    });
  }
});
