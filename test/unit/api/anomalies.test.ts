import { expect } from "chai";
import { acknowledge } from "../../../functions/api/acknowledgeAnomaly";
import { type Anomaly, anomalyOf } from "../../../functions/api/anomalies";
import { anomalyHistoryOf } from "../../../functions/api/anomalyHistory";
import { listAnomaliesOf } from "../../../functions/api/listAnomalies";
import type { AnomalyRecord } from "../../../functions/reminder/reminderLoop";
import { type Asked, ask, silently } from "./apiHelp";
import { FakeAnomalies } from "./fakeAnomalies";

const start = Date.UTC(2026, 0, 1);
const at = (second: number) => new Date(start + second * 1000).toISOString();

describe("an anomaly, as the API tells of it", () => {
  const record: AnomalyRecord = {
    ...{ deviceId: "mine", openedAt: at(0), status: "open", loopId: "l", interval: 300, count: 3 },
    reminders: {},
  };
  const cases: [string, Partial<AnomalyRecord>, number, Partial<Anomaly>][] = [
    ["at its beginning", {}, 0, { remindersSent: 0, nextReminderAt: at(300) }],
    ["after a reminder", { reminders: { 1: at(301) } }, 310, { remindersSent: 1, nextReminderAt: at(600) }],
    [
      "after one that could not be told",
      { reminders: { 1: at(301) } },
      700,
      { remindersSent: 1, nextReminderAt: at(900) },
    ],
    ["after its last one", { reminders: { 1: at(300), 2: at(600), 3: at(900) } }, 910, { remindersSent: 3 }],
    ["that somebody knows of", { acknowledgedAt: at(9), acknowledgedBy: "ada" }, 10, { acknowledgedBy: "ada" }],
    ["that is over", { status: "ended", endedAt: at(20) }, 30, { endedAt: at(20), endedBy: "solved" }],
  ];
  for (const [what, more, second, expected] of cases) {
    it(what, () => {
      const found = anomalyOf({ ...record, ...more }, "overheated", start + second * 1000);
      expect(found).to.deep.include(expected);
      expect(found.acknowledged).to.equal(more.acknowledgedAt !== undefined);
      if (!("nextReminderAt" in expected)) expect(found).not.to.have.property("nextReminderAt");
    });
  }
});

describe("the list of anomalies", () => {
  silently();
  let anomalies: FakeAnomalies;
  beforeEach(() => {
    anomalies = new FakeAnomalies();
    anomalies.add("overheated", "theirs", 1);
    anomalies.add("overheated", "mine-1", 2);
    anomalies.add("overheated", "mine-1", 3, { status: "ended", endedAt: at(5) });
    anomalies.add("open-door", "mine-2", 4);
  });
  const list = (asked: Asked = {}) =>
    ask("listAnomalies", (request) => listAnomaliesOf(anomalies, request, start), asked);
  const told = (body: { anomalies: Anomaly[] }) => body.anomalies.map(({ thingName, kind }) => `${thingName} ${kind}`);

  it("has for admins what stands in the whole fleet", async () => {
    const { body } = await list();
    expect(told(body)).to.deep.equal(["mine-1 overheated", "theirs overheated", "mine-2 open-door"]);
    expect(told((await list({ query: { status: "ended" } })).body)).to.deep.equal(["mine-1 overheated"]);
  });

  it("has for others what stands of their own things", async () => {
    expect(told((await list({ caller: "user" })).body)).to.deep.equal(["mine-1 overheated", "mine-2 open-door"]);
  });

  it("has those of one thing, if it is the caller's", async () => {
    const of = (thingName: string, caller: Asked["caller"]) => list({ caller, query: { thingName } });
    expect(told((await of("mine-1", "user")).body)).to.deep.equal(["mine-1 overheated"]);
    expect(told((await of("theirs", "admin")).body)).to.deep.equal(["theirs overheated"]);
    const theirs = await of("theirs", "user");
    expect(theirs.status).to.equal(404);
    expect(theirs).to.deep.equal(await of("none", "user"));
    expect((await of("*", "admin")).status).to.equal(404);
  });

  for (const [caller, things] of [
    ["admin", 3],
    ["user", 12],
  ] as const) {
    it(`has pages that lose nothing and repeat nothing, for ${caller}s`, async () => {
      for (let n = 0; n < 40; n++) anomalies.add(n % 3 ? "overheated" : "open-door", `mine-x${n % things}`, n);
      const whole = (await list({ caller, query: { limit: "100" } })).body.anomalies;
      expect(whole).to.have.length.greaterThan(40);
      for (const limit of ["1", "7", "25"]) {
        const seen: Anomaly[] = [];
        let pageToken: string | undefined;
        do {
          const { body, status } = await list({ caller, query: { limit, ...(pageToken && { pageToken }) } });
          expect(status).to.equal(200);
          expect(body.anomalies.length).to.be.at.most(Number(limit));
          seen.push(...body.anomalies);
          expect(seen.length, "it comes to an end").to.be.at.most(whole.length);
          pageToken = body.nextPageToken;
        } while (pageToken);
        expect(seen, `limit ${limit}`).to.deep.equal(whole);
      }
    });
  }

  it("refuses a page of a thing that has changed hands, another list's token and an unknown status", async () => {
    const { body } = await list({ caller: "user", query: { limit: "1" } });
    const { nextPageToken: pageToken } = body;
    expect((await list({ query: { limit: "1", pageToken } })).status, "another caller's").to.equal(400);
    expect((await list({ caller: "user", query: { pageToken, status: "ended" } })).status).to.equal(400);
    anomalies.own = async () => ["mine-2"];
    expect((await list({ caller: "user", query: { limit: "1", pageToken } })).status).to.equal(400);
    expect((await list({ query: { status: "all" } })).status).to.equal(400);
  });
});

describe("the history of a thing", () => {
  silently();
  it("has every anomaly, each with its reminders", async () => {
    const anomalies = new FakeAnomalies();
    anomalies.add("overheated", "mine", 1, { status: "ended", endedAt: at(700), reminders: { 10: at(9), 2: at(601) } });
    anomalies.add("overheated", "mine", 800);
    const history = { kinds: anomalies.kinds, read: anomalies.read(), owns: anomalies.owns };
    const asked: Asked = { caller: "user", path: { thingName: "mine" } };
    const { body } = await ask("anomalyHistory", (request) => anomalyHistoryOf(history, request, start), asked);
    expect(body.anomalies.map(({ openedAt }: Anomaly) => openedAt)).to.deep.equal([at(800), at(1)]);
    expect(body.anomalies[1].reminders).to.deep.equal([
      { index: 2, dueAt: at(601), at: at(601) },
      { index: 10, dueAt: at(3001), at: at(9) },
    ]);
    const theirs = await ask("anomalyHistory", (request) => anomalyHistoryOf(history, request, start), {
      caller: "user",
      path: { thingName: "theirs" },
    });
    expect(theirs.status).to.equal(404);
  });
});

describe("acknowledging", () => {
  silently();
  let anomalies: FakeAnomalies;
  beforeEach(() => {
    anomalies = new FakeAnomalies();
    anomalies.add("overheated", "mine", 0);
  });
  const post = (path: Record<string, string> = {}, more: Asked = {}) =>
    ask("acknowledgeAnomaly", (request) => acknowledge(anomalies, request, start + 5000), {
      caller: "user",
      path: { thingName: "mine", kind: "overheated", ...path },
      ...more,
    });

  it("ends the reminders, and tells who knows", async () => {
    const { status, body } = await post();
    expect(status).to.equal(200);
    expect(body).to.include({ acknowledged: true, acknowledgedBy: "uma", acknowledgedAt: at(5), status: "open" });
    expect(body).not.to.have.property("nextReminderAt");
  });

  it("twice changes nothing", async () => {
    const first = await post();
    expect(await post({}, { caller: "admin" })).to.deep.equal(first);
    expect(anomalies.noted).to.have.length(1);
  });

  const refused: [string, () => Promise<{ status: number }>, number][] = [
    ["a thing without an anomaly", () => post({ thingName: "mine-2" }), 404],
    ["another user's thing", () => post({ thingName: "theirs" }), 404],
    ["a kind that is not watched", () => post({ kind: "lonely" }), 404],
    ["a kind that every object has", () => post({ kind: "toString" }), 404],
    ["no kind", () => post({ kind: "" }), 404],
  ];
  for (const [what, act, status] of refused) {
    it(`is ${status} for ${what}`, async () => {
      expect((await act()).status).to.equal(status);
      expect(anomalies.noted).to.deep.equal([]);
    });
  }

  for (const [what, change] of [
    ["whose loop is not noted yet", { loop: undefined }],
    ["whose loop is still that of the one before", { loop: { openedAt: at(-9), endedAt: at(-5) } }],
  ] as const) {
    it(`is 409 for an anomaly ${what}`, async () => {
      Object.assign(anomalies.loops.get("overheated mine") as object, change);
      expect((await post()).status).to.equal(409);
      expect(anomalies.noted).to.deep.equal([]);
    });
  }

  it("is 409 when it was over just now", async () => {
    anomalies.overJustNow = true;
    expect((await post()).status).to.equal(409);
  });

  it("changes nothing when somebody else did so between the look and the note", async () => {
    const { note } = anomalies;
    anomalies.note = async (tables, loop, _, by) => {
      await note(tables, { ...loop }, at(4), "ada");
      Object.assign(anomalies.loops.get("overheated mine")!.loop!, { acknowledgedAt: at(4) });
      expect(by).to.equal("uma");
      return false;
    };
    const { status, body } = await post();
    expect([status, body.acknowledgedBy]).to.deep.equal([200, "ada"]);
  });

  it("is 409 when it was over between the look and the note, and another has begun and is acknowledged", async () => {
    anomalies.note = async () => {
      anomalies.loops.set("overheated mine", { anomaly: {}, loop: { loopId: "next", acknowledgedAt: at(5) } });
      return false;
    };
    expect((await post()).status).to.equal(409);
  });
});
