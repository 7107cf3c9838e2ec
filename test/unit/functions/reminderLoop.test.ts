import { expect } from "chai";
import { logLineOf } from "../../../functions/deviceLog";
import {
  endOf,
  type Finding,
  firstState,
  look,
  loopIdOf,
  loopItemOf,
  type NewAnomaly,
  reminderOf,
  sentenceOf,
} from "../../../functions/reminder/reminderLoop";
import { goneAnomalyOf, newAnomalyOf } from "../../../functions/reminder/startReminder";

const anomaly: NewAnomaly = {
  deviceId: "cooler-1",
  openedAt: Date.UTC(2026, 0, 1),
  eventId: "c4ca4238a0b923820dcc509a6f75849b",
  sequenceNumber: "100",
};
const settings = { interval: 300, count: 5 };

describe("reminder loop", () => {
  const acknowledgedAt = "2026-01-01T00:01:00.000Z";
  const looks: [string, { kind: string; loopId?: string; acknowledgedAt?: string }[], Finding][] = [
    ["nothing is left", [], "solved"],
    ["only its own loop item is left", [{ kind: "loop", loopId: "mine" }], "solved"],
    ["the anomaly stands and is its own", [{ kind: "anomaly" }, { kind: "loop", loopId: "mine" }], "stands"],
    ["the anomaly stands and its loop item has expired", [{ kind: "anomaly" }], "stands"],
    ["the anomaly is of a later loop", [{ kind: "anomaly" }, { kind: "loop", loopId: "later" }], "superseded"],
    ["somebody knows", [{ kind: "anomaly" }, { kind: "loop", loopId: "mine", acknowledgedAt }], "acknowledged"],
    [
      "somebody knows of a later one",
      [{ kind: "anomaly" }, { kind: "loop", loopId: "x", acknowledgedAt }],
      "superseded",
    ],
    ["somebody knew, and it is solved", [{ kind: "loop", loopId: "mine", acknowledgedAt }], "solved"],
    ["a later anomaly is solved too", [{ kind: "loop", loopId: "later" }], "solved"],
  ];
  for (const [what, items, finding] of looks) {
    it(`finds "${finding}" when ${what}`, () => expect(look(items, "mine")).to.equal(finding));
  }

  it("first is due one interval after the anomaly, not after its start", () => {
    expect(firstState(anomaly, settings)).to.deep.equal({
      deviceId: "cooler-1",
      loopId: "cooler-1-c4ca4238a0b923820dcc509a6f75849b",
      openedAt: "2026-01-01T00:00:00.000Z",
      index: 1,
      count: 5,
      interval: 300,
      dueAt: "2026-01-01T00:05:00.000Z",
    });
  });

  const names: [string, string, string][] = [
    ["a plain name", "cooler-1", "cooler-1-c4ca4238a0b923820dcc509a6f75849b"],
    ["a colon, which execution names can't have", "a:b", "a-b-c4ca4238a0b923820dcc509a6f75849b"],
    ["128 characters", "x".repeat(128), `${"x".repeat(47)}-c4ca4238a0b923820dcc509a6f75849b`],
  ];
  for (const [what, deviceId, name] of names) {
    it(`is named for Step Functions: ${what}`, () => {
      expect(loopIdOf({ ...anomaly, deviceId })).to.equal(name);
      expect(name).to.match(/^[a-zA-Z0-9_-]{1,80}$/);
    });
  }

  it("is the same for every delivery of a record and another for the next anomaly", () => {
    expect(loopIdOf({ ...anomaly })).to.equal(loopIdOf(anomaly));
    expect(loopIdOf({ ...anomaly, eventId: "other" })).not.to.equal(loopIdOf(anomaly));
  });

  it("orders anomalies of one device by number, not by text", () => {
    const [earlier, later] = ["99", "100"].map((sequenceNumber) => loopItemOf({ ...anomaly, sequenceNumber }));
    expect(earlier!.sequence < later!.sequence).to.equal(true);
  });

  it("is remembered as long as its anomaly stands, however long that is", () => {
    expect(loopItemOf(anomaly)).not.to.have.property("expiresAt");
  });

  it("finds its history by the time of its anomaly", () => {
    expect(loopItemOf(anomaly).openedAt).to.equal(firstState(anomaly, settings).openedAt);
  });

  it("tells which reminder it is, the same at every attempt", () => {
    const state = { ...firstState(anomaly, settings), index: 3 };
    const reminder = reminderOf(state, "overheated");
    expect(reminder).to.deep.include({ anomaly: "overheated", deviceId: "cooler-1", index: 3, count: 5 });
    expect(reminder.reminderId).to.equal(`${state.loopId}-3`);
    expect(sentenceOf(reminder)).to.equal(
      'cooler-1 has reported "overheated" since 2026-01-01T00:00:00.000Z and it still stands. Reminder 3 of 5.',
    );
  });
});

describe("a new anomaly from the stream", () => {
  const image = { deviceId: { S: "cooler-1" }, openedAt: { N: "1767225600000" } };
  const record = { eventID: "e1", dynamodb: { SequenceNumber: "100", NewImage: image } };

  it("is read from the record", () => {
    expect(newAnomalyOf(record)).to.deep.equal({
      deviceId: "cooler-1",
      openedAt: 1_767_225_600_000,
      eventId: "e1",
      sequenceNumber: "100",
    });
  });

  const bad: [string, object][] = [
    ["no image", { ...record, dynamodb: { SequenceNumber: "100" } }],
    ["no device", { ...record, dynamodb: { SequenceNumber: "100", NewImage: { openedAt: image.openedAt } } }],
    ["no time", { ...record, dynamodb: { SequenceNumber: "100", NewImage: { deviceId: image.deviceId } } }],
    ["no sequence number", { ...record, dynamodb: { NewImage: image } }],
    ["no event id", { ...record, eventID: undefined }],
  ];
  for (const [what, bare] of bad) {
    it(`is refused with ${what}`, () => expect(() => newAnomalyOf(bare)).to.throw(/not a new anomaly/));
  }
});

describe("the end of an anomaly from the stream", () => {
  const Keys = { deviceId: { S: "cooler-1" }, kind: { S: "anomaly" } };
  const dynamodb = { SequenceNumber: "100", ApproximateCreationDateTime: 1_767_225_600, Keys };
  const gone = { deviceId: "cooler-1", second: 1_767_225_600_000, sequenceNumber: "100" };

  it("is read from the record", () => expect(goneAnomalyOf({ dynamodb })).to.deep.equal(gone));

  const bad: [string, object][] = [
    ["no key", { ...dynamodb, Keys: undefined }],
    ["no time", { ...dynamodb, ApproximateCreationDateTime: undefined }],
    ["no sequence number", { ...dynamodb, SequenceNumber: undefined }],
  ];
  for (const [what, bare] of bad) {
    it(`is refused with ${what}`, () => {
      expect(() => goneAnomalyOf({ dynamodb: bare })).to.throw(/not the end of an anomaly/);
    });
  }

  const times: [string, number, number][] = [
    ["at once, to the millisecond", 250, 250],
    ["late, no later than the second of the stream", 60_000, 999],
    ["by a clock that is behind, no earlier than that second", -500, 0],
  ];
  for (const [what, late, after] of times) {
    it(`is timed ${what}`, () => {
      expect(endOf(gone, gone.second + late)).to.equal(new Date(gone.second + after).toISOString());
    });
  }
});

describe("a line that a device logs", () => {
  const lines: [string, object, string, object][] = [
    ["its level", { level: "error", message: "m" }, "error", { message: "m" }],
    ["no level", { message: "m" }, "info", { message: "m" }],
    ["a level nobody knows", { level: "fatal", message: "m" }, "info", { message: "m" }],
    ["a level that is a method of console", { level: "clear", message: "m" }, "info", { message: "m" }],
    ["details", { message: "m", seconds: 3 }, "info", { message: "m", seconds: 3 }],
  ];
  for (const [what, event, level, line] of lines) {
    it(`is logged with ${what}`, () => {
      const logged = logLineOf({ deviceId: "d", ...event });
      expect(logged).to.deep.equal({ level, line: { deviceId: "d", ...line } });
    });
  }
  for (const message of [undefined, "", 7, null]) {
    it(`is refused with the message ${JSON.stringify(message)}`, () => {
      expect(() => logLineOf({ deviceId: "d", message })).to.throw(/d sent a log line without a "message"/);
    });
  }
});
