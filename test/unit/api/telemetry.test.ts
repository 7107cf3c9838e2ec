import { expect } from "chai";
import {
  readingLimits,
  type StoredObject,
  type Telemetry,
  telemetrySummaryOf,
} from "../../../functions/api/telemetrySummary";
import { type Asked, ask, silently } from "./apiHelp";

const now = Date.UTC(2026, 0, 1, 12, 30);
const minute = 60_000;

/** A line as the telemetry pipeline writes it. */
const line = (thing: string, minutesAgo: number, payload: unknown) => {
  const arrived = new Date(now - minutesAgo * minute).toISOString().replace("T", " ").replace("Z", "");
  return JSON.stringify({ topic: `my/things/${thing}/state`, arrived, sequence: "1", payload });
};

class FakeBucket implements Telemetry {
  readonly objects: (StoredObject & { text: string })[] = [];
  readonly listed: string[] = [];
  readonly read: string[] = [];
  owns = async () => true;
  add(minutesAgo: number, lines: string[], size = 100) {
    const date = new Date(now - minutesAgo * minute).toISOString();
    const key = `telemetry/dt=${date.slice(0, 10)}/hour=${date.slice(11, 13)}/${this.objects.length}`;
    this.objects.push({ key, size, modified: now - minutesAgo * minute, text: `${lines.join("\n")}\n` });
  }
  list = async (prefix: string) => {
    this.listed.push(prefix);
    return this.objects.filter(({ key }) => key.startsWith(prefix));
  };
  lines = async (key: string) => {
    this.read.push(key);
    return this.objects.find((object) => object.key === key)?.text ?? "";
  };
}

describe("the telemetry summary", () => {
  silently();
  let bucket: FakeBucket;
  beforeEach(() => {
    bucket = new FakeBucket();
  });
  const summary = (asked: Asked = {}) =>
    ask("telemetrySummary", (request) => telemetrySummaryOf(bucket, request, now), {
      path: { thingName: "cooler-1" },
      ...asked,
    });

  it("sums up the numbers of one thing, in all and by part of the time", async () => {
    bucket.add(1, [
      line("cooler-1", 2, { temperature: 4, door: "open", battery: { level: 80 }, list: [9] }),
      line("cooler-1", 1, { temperature: 8 }),
      line("cooler-10", 1, { temperature: 99 }),
    ]);
    bucket.add(130, [line("cooler-1", 131, { temperature: -3 })]);
    const { body } = await summary();
    expect(body).to.deep.include({ complete: true, messages: 3, bucketSeconds: 180 });
    expect(body.fields.temperature).to.deep.equal({
      ...{ count: 3, minimum: -3, average: 3, maximum: 8, last: 8 },
      lastAt: new Date(now - minute).toISOString(),
    });
    expect(Object.keys(body.fields)).to.have.members(["temperature", "battery.level"]);
    expect(body.buckets.map(({ messages }: { messages: number }) => messages)).to.deep.equal([1, 2]);
    expect(body.buckets[1].fields.temperature.average).to.equal(6);
  });

  it("reads the hours asked for and no others, over midnight too", async () => {
    await summary({ query: { hours: "14" } });
    expect(bucket.listed).to.have.length(15);
    expect(bucket.listed[0]).to.equal("telemetry/dt=2025-12-31/hour=22/");
    expect(bucket.listed.at(-1)).to.equal("telemetry/dt=2026-01-01/hour=12/");
  });

  it("leaves out what arrived before", async () => {
    bucket.add(59, [line("cooler-1", 61, { a: 1 }), line("cooler-1", 59, { a: 2 })]);
    expect((await summary({ query: { hours: "1" } })).body.messages).to.equal(1);
  });

  it("takes messages that are no objects for messages without numbers", async () => {
    bucket.add(1, [
      line("cooler-1", 1, [1, 2]),
      line("cooler-1", 1, "x"),
      line("cooler-1", 1, null),
      line("cooler-1", 1, 7),
    ]);
    expect((await summary()).body).to.deep.include({ messages: 4, fields: {} });
  });

  it("holds properties that every object has for plain names", async () => {
    bucket.add(1, [
      `{"topic":"my/things/cooler-1/state","arrived":"2026-01-01 12:29:00.000","payload":{"__proto__":1,"toString":2}}`,
    ]);
    expect((await summary()).status).to.equal(200);
  });

  it("of a thing that sent nothing is empty", async () => {
    expect((await summary()).body).to.deep.include({ complete: true, messages: 0, fields: {}, buckets: [] });
  });

  const limited: [string, () => void, Asked][] = [
    [
      "objects",
      () => {
        for (let n = 0; n <= readingLimits.objects; n++)
          bucket.add(1 + n / 10, [line("cooler-1", 1 + n / 10, { a: n })]);
      },
      {},
    ],
    [
      "bytes",
      () => {
        for (let n = 0; n < 5; n++) bucket.add(1 + n, [line("cooler-1", 1 + n, { a: n })], readingLimits.bytes / 4);
      },
      {},
    ],
    [
      "time",
      () => {
        for (let n = 0; n < 5; n++) bucket.add(1 + n, [line("cooler-1", 1 + n, { a: n })]);
      },
      { remaining: 100 },
    ],
  ];
  for (const [what, fill, asked] of limited) {
    it(`says that it is not complete, and since when it is, when there are too many ${what}`, async () => {
      fill();
      const { body } = await summary(asked);
      expect(body.complete).to.equal(false);
      expect(body.messages).to.be.lessThan(bucket.objects.length);
      expect(Date.parse(body.from)).to.be.greaterThan(now - 3 * 60 * minute);
      const newest = bucket.objects.map(({ key }) => key).slice(0, bucket.read.length);
      expect(bucket.read, "the newest are read").to.deep.equal(newest);
    });
  }

  for (const hours of ["0", "25", "x", "-1"]) {
    it(`refuses ${hours} hours`, async () => expect((await summary({ query: { hours } })).status).to.equal(400));
  }
});
