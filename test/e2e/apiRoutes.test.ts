import { randomBytes } from "node:crypto";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { ApiOutputs, FirmwareOutputs, ReminderOutputs } from "../../common/stackOutputs";
import { waitFor } from "../../common/waitFor";
import type { Device } from "../../devices";
import type { Anomaly, ReminderTold } from "../../functions/api/anomalies";
import type { Release } from "../../functions/firmware/releases";
import { Loops } from "../../start/scenario/loops";
import { type Answered, expectAsDocumented } from "../support/apiContract";
import { ApiPeople, type Person } from "./apiPeople";
import { Fleet } from "./support/fleet";
import { openTarget, type Target } from "./support/target";

interface Ask {
  readonly as?: Person;
  readonly method?: string;
  /** A text, or something that becomes JSON. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

describe("the routes of the API, through its gateway", () => {
  let target: Target;
  let api: ApiOutputs;
  let people: ApiPeople;
  let admin: Person;
  let owner: Person;
  let fleet: Fleet;
  let device: Device;
  let mine: string;
  let theirs: string;

  before(async () => {
    // Five seconds between reminders: time to acknowledge before the last one, on a busy machine too.
    target = await openTarget({ speed: 60 });
    api = target.outputs.api as ApiOutputs;
    people = new ApiPeople(target.aws, api);
    fleet = new Fleet(target);
    [mine, theirs] = target.devices.map(({ thingName }) => thingName) as [string, string];
    [admin, owner, device] = await Promise.all([
      people.signUp({ group: "admin" }),
      people.signUp({ group: "user", things: [mine] }),
      fleet.device(0),
    ]);
    await device.report({ temperature: 4 });
  });
  after(async () => {
    await fleet?.close();
    await people?.close();
    await target?.close();
  });

  /** Asks a route, and holds whatever comes to the table of routes. */
  async function ask(operationId: string, path: string, { as = owner, method = "GET", body, headers }: Ask = {}) {
    const answer = await fetch(api.url + path, {
      method,
      headers: {
        authorization: `Bearer ${as.accessToken}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    });
    const found = { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
    return expectAsDocumented(operationId, found);
  }
  /** Asks until an answer is as wanted. */
  const until = async (
    what: string,
    look: () => Promise<Answered>,
    wanted: (body: Answered["body"]) => boolean,
    seconds = 120,
  ) => {
    let last: Answered | undefined;
    const seen = async () => {
      last = await look();
      return last.status < 400 && wanted(last.body) ? last.body : undefined;
    };
    return waitFor(what, seen, { seconds, everyMs: 200, lastSeen: () => last });
  };
  const setDesired = (desired: unknown, more: Ask = {}) =>
    ask("setDesired", `/things/${mine}/desired`, { method: "PATCH", body: { desired }, ...more });
  const thing = () => ask("getThing", `/things/${mine}`);
  const namesIn = ({ body }: Answered) => body.things.map(({ thingName }: { thingName: string }) => thingName);

  it("lists the fleet with who is connected, and for a user what is theirs", async () => {
    const connected = (body: Answered["body"]) =>
      body.things.some((found: { thingName: string; connectivity: { connected: boolean } }) => {
        return found.thingName === mine && found.connectivity.connected;
      });
    await until("the device in the index", () => ask("listThings", "/things", { as: owner }), connected);
    expect(namesIn(await ask("listThings", "/things"))).to.deep.equal([mine]);
    const all = namesIn(await ask("listThings", "/things?limit=100", { as: admin }));
    expect(all).to.include.members(target.devices.map(({ thingName }) => thingName));
    const [first] = namesIn(await ask("listThings", `/things?query=${mine}`, { as: admin }));
    expect(first).to.equal(mine);
    expect(namesIn(await ask("listThings", `/things?query=connectivity.connected:true`))).to.deep.equal([mine]);
  });

  it("has pages that together are the fleet", async () => {
    const seen: string[] = [];
    for (let pageToken = ""; ; ) {
      const page = await ask("listThings", `/things?limit=2&pageToken=${pageToken}`, { as: admin });
      seen.push(...namesIn(page));
      if (page.body.nextPageToken === undefined) break;
      pageToken = page.body.nextPageToken;
    }
    expect(seen).to.have.length.greaterThan(2);
    expect(seen.sort()).to.deep.equal(namesIn(await ask("listThings", "/things?limit=100", { as: admin })).sort());
  });

  it("sets what is desired; the device hears it, does it, and the delta is gone", async () => {
    const heard: object[] = [];
    await device.onDelta((delta) => {
      heard.push(delta);
      return delta;
    });
    const setpoint = Math.random();
    expect((await setDesired({ setpoint })).status).to.equal(200);
    const body = await until("the device to follow", thing, ({ shadow }) => shadow.reported.setpoint === setpoint);
    expect(body.shadow.delta).to.deep.equal({});
    expect(heard).to.deep.include({ setpoint });
  });

  it("sets it by ETag beside a device that reports all the time, and refuses what somebody else has changed", async () => {
    let going = true;
    const reports = (async () => {
      for (let n = 0; going; n++) await device.report({ n });
    })();
    try {
      const etag = (await thing()).headers.etag as string;
      await waitFor("a report in between", async () => (await thing()).headers.etag !== etag);
      const first = await setDesired({ mode: "eco" }, { headers: { "if-match": etag } });
      expect(first.status).to.equal(200);
      const second = await setDesired({ mode: "boost" }, { headers: { "if-match": etag } });
      expect(second.status).to.equal(409);
      expect(second.body.currentVersion).to.be.at.least(first.body.version);
      expect((await thing()).body.shadow.desired.mode).to.equal("eco");
    } finally {
      going = false;
      await reports;
    }
  });

  it("tells of an anomaly and its reminders, and acknowledging ends them while it stands", async () => {
    const stack = target.outputs.overheated as ReminderOutputs;
    const loops = new Loops(target.aws, stack.stateMachineArn);
    const history = () => ask("anomalyHistory", `/things/${mine}/anomalies`);
    const open = () => ask("listAnomalies", `/anomalies?thingName=${mine}`);
    const newest = (body: { anomalies: (Anomaly & { reminders: ReminderTold[] })[] }) => body.anomalies[0];
    const nobody = await ask("acknowledgeAnomaly", `/things/${mine}/anomalies/overheated/acknowledge`, {
      method: "POST",
    });
    expect(nobody.status, "while nothing is wrong").to.equal(404);

    await device.report({ overheated: true });
    await until("a reminder", history, (body) => (newest(body)?.remindersSent ?? 0) >= 1, stack.interval + 120);
    const standing = (await open()).body.anomalies[0] as Anomaly;
    expect(standing).to.include({ thingName: mine, kind: "overheated", status: "open", acknowledged: false });
    expect(standing.count).to.equal(stack.count);

    const post = () =>
      ask("acknowledgeAnomaly", `/things/${mine}/anomalies/overheated/acknowledge`, { method: "POST" });
    const { body: known } = await post();
    expect(known).to.include({ acknowledged: true, acknowledgedBy: owner.email, status: "open" });
    expect((await post()).body.acknowledgedAt, "acknowledged again").to.equal(known.acknowledgedAt);
    // The device goes on to report it: it is the same anomaly, and no second loop begins.
    await device.report({ overheated: true });
    await waitFor("the loop to end", async () => (await loops.of(mine)).at(-1)?.endedBy === "acknowledged", {
      seconds: stack.interval + 120,
      lastSeen: () => loops.of(mine),
    });
    const told = newest((await history()).body)?.remindersSent;
    expect((await loops.of(mine)).filter(({ status }) => status === "RUNNING")).to.deep.equal([]);

    await device.report({ overheated: false });
    const over = newest(await until("its end", history, (body) => newest(body)?.status === "ended")) as Anomaly & {
      reminders: ReminderTold[];
    };
    expect(over).to.include({ endedBy: "solved", acknowledged: true, remindersSent: told });
    expect(Date.parse(over.endedAt as string)).to.be.at.least(Date.parse(over.openedAt));
    expect(over.reminders.map(({ index }) => index)).to.deep.equal(over.reminders.map((_, at) => at + 1));
    for (const { dueAt, at } of over.reminders) expect(Date.parse(at)).to.be.at.least(Date.parse(dueAt));
    expect((await open()).body.anomalies).to.deep.equal([]);
    const ended = await ask("listAnomalies", "/anomalies?status=ended", { as: admin });
    expect(ended.body.anomalies.map(({ openedAt }: Anomaly) => openedAt)).to.include(over.openedAt);
  });

  it("sums up what the device has sent", async () => {
    const summary = () => ask("telemetrySummary", `/things/${mine}/telemetry?hours=1`);
    const before = (await summary()).body.messages;
    for (const level of [3, 5, 10]) await device.publish(`my/things/${mine}/state`, { battery: { level } });
    const body = await until("three messages", summary, ({ messages }) => messages >= before + 3);
    expect(body.fields["battery.level"]).to.include({ minimum: 3, average: 6, maximum: 10, last: 10 });
    expect(body.complete).to.equal(true);
  });

  it("releases an artifact, tells how far that is, and stops it", async () => {
    const { bucketName, apps } = target.outputs.firmware as FirmwareOutputs;
    const [app] = apps;
    const version = `9.${Math.floor(Math.random() * 900)}`;
    const post = () => ask("publishRelease", "/releases", { as: admin, method: "POST", body: { app, version } });
    expect((await post()).status, "without an artifact").to.equal(409);
    const Key = `artifacts/${app}/${version}/app.bin`;
    await new S3Client(target.aws).send(new PutObjectCommand({ Bucket: bucketName, Key, Body: randomBytes(64) }));
    const published = await post();
    expect(published.status).to.equal(202);
    expect(published.body).to.include({ artifact: Key, size: 64 });

    const mineIn = ({ releases }: { releases: (Release & { source: string })[] }) =>
      releases.find(({ source }) => source === published.body.source);
    const list = () => ask("listReleases", "/releases?limit=100", { as: admin });
    const underWay = await until("its release", list, (body) => mineIn(body)?.status === "IN_PROGRESS");
    const { jobId } = mineIn(underWay) as Release;
    const { body } = await ask("getRelease", `/releases/${app}/${jobId}`, { as: admin });
    expect(body.counts).to.include.keys("queued", "succeeded");
    expect(body.failures).to.deep.equal([]);

    const cancel = () => ask("cancelRelease", `/releases/${app}/${jobId}/cancel`, { as: admin, method: "POST" });
    expect((await cancel()).status).to.equal(202);
    const ended = await until("its end", list, (body) => mineIn(body)?.status === "CANCELED");
    expect(mineIn(ended)?.reason).to.include(admin.email);
    expect((await cancel()).status, "canceled again").to.equal(409);
  });

  describe("given something bad", () => {
    const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
    const patch = (path: string, body: unknown, more: Ask = {}) =>
      ask("setDesired", path, { method: "PATCH", body, as: admin, ...more });
    const desired = (body: unknown, more: Ask = {}) => patch(`/things/${mine}/desired`, body, more);
    const bad: [string, () => Promise<Answered>, number][] = [
      ["an unknown thing", () => ask("getThing", "/things/none", { as: admin }), 404],
      ["an unknown thing's desired state", () => patch("/things/none/desired", { desired: {} }), 404],
      ["an unknown thing's telemetry", () => ask("telemetrySummary", "/things/none!/telemetry", { as: admin }), 404],
      ["an unknown thing's anomalies", () => ask("listAnomalies", "/anomalies?thingName=none"), 404],
      ["another user's thing's anomalies", () => ask("listAnomalies", `/anomalies?thingName=${theirs}`), 404],
      [
        "an unknown kind of anomaly",
        () => ask("acknowledgeAnomaly", `/things/${mine}/anomalies/none/acknowledge`, { method: "POST" }),
        404,
      ],
      ["an unknown release", () => ask("getRelease", "/releases/none/none", { as: admin }), 404],
      ["a user who asks for releases", () => ask("listReleases", "/releases"), 403],
      ["desired that is no object", () => desired({ desired: 1 }), 400],
      ["no desired", () => desired({}), 400],
      ["a body that is no JSON", () => desired("{"), 400],
      ["no body", () => desired(undefined, { headers: { "content-type": "application/json" } }), 400],
      ["seven levels", () => desired({ desired: deep(7) }), 400],
      ["more than 8 KB", () => desired({ desired: { a: "x".repeat(8200) } }), 413],
      ["__proto__", () => desired('{"desired":{"__proto__":{"admin":true}}}'), 400],
      ["a number beyond a double", () => desired('{"desired":{"a":1e999}}'), 400],
      ["10 MB", () => desired({ desired: { a: "x".repeat(10 * 2 ** 20 - 100) } }), 413],
      ["another content type", () => desired('{"desired":{}}', { headers: { "content-type": "text/plain" } }), 415],
      ["a page token made up", () => ask("listThings", "/things?pageToken=bm8", { as: admin }), 400],
      [
        "another user's page token",
        async () => {
          const { body } = await ask("listThings", "/things?limit=1", { as: admin });
          return ask("listThings", `/things?limit=1&pageToken=${body.nextPageToken}`);
        },
        400,
      ],
      ["a limit that is no number", () => ask("listThings", "/things?limit=many"), 400],
      ["a parameter twice", () => ask("listThings", "/things?limit=1&limit=2"), 400],
      [
        "a release of nothing",
        () => ask("publishRelease", "/releases", { as: admin, method: "POST", body: { app: "x", version: "banana" } }),
        400,
      ],
      ["an unknown route", () => ask("", "/nothing", { as: admin }), 404],
      ["an unknown method", () => ask("", "/whoami", { as: admin, method: "DELETE" }), 404],
    ];

    let shadow: Answered["body"];
    before(async () => {
      ({ shadow } = (await thing()).body);
    });
    for (const [what, act, status] of bad) {
      it(`${what}: ${status}`, async () => expect((await act()).status).to.equal(status));
    }
    it("changes nothing", async () => {
      const { version, desired: now } = (await thing()).body.shadow;
      expect([version, now]).to.deep.equal([shadow.version, shadow.desired]);
    });

    it("answers for another user's thing as for none", async () => {
      const of = (name: string) => ask("getThing", `/things/${name}`);
      const [other, none] = [await of(theirs), await of("none")];
      expect(other.status).to.be.oneOf([403, 404]);
      expect([other.status, other.body]).to.deep.equal([none.status, none.body]);
    });
  });
});
