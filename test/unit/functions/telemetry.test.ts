import { expect } from "chai";
import fc from "fast-check";
import { type SinonStub, stub } from "sinon";
import { storeTelemetry } from "../../../functions/telemetry/telemetry";
import {
  maximumDepth,
  type StreamRecord,
  type TelemetryTransform,
} from "../../../functions/telemetry/telemetryRecords";
import { deliver } from "../../../sandbox/streams/deliver";
import { FakeBucket, recordOf } from "./telemetryHelp";

const hour = (at: string) => Date.parse(`${at}Z`);
const nested = (depth: number) => Buffer.from("[".repeat(depth) + "]".repeat(depth));
const shard = "shardId-000000000000";
const key = (prefix: string, time: string, first: number, name = shard) =>
  `${prefix}/${time}/${name}-${String(first).padStart(20, "0")}.ndjson.gz`;

describe("storing telemetry", () => {
  let bucket: FakeBucket;
  let stdout: SinonStub;
  const written: string[] = [];
  beforeEach(() => {
    bucket = new FakeBucket();
    written.length = 0;
    const original = process.stdout.write.bind(process.stdout);
    // Mocha prints by the same stream.
    stdout = stub(process.stdout, "write").callsFake(((text: string, ...rest: []) => {
      if (!String(text).startsWith('{"_aws"')) return original(text, ...rest);
      written.push(String(text));
      return true;
    }) as never);
    stub(console, "warn");
    stub(console, "error");
    Object.assign(process.env, { BUCKET: "b", MAXIMUM_BYTES: "1048576", OBJECTS_ONLY: "false" });
  });
  afterEach(() => {
    bucket.restore();
    stdout.restore();
    for (const method of [console.warn, console.error]) (method as unknown as SinonStub).restore();
  });

  const store = (records: StreamRecord[], transform?: TelemetryTransform) =>
    storeTelemetry(transform)({ Records: records });
  const stored = () => bucket.rows("telemetry").map(({ payload }) => payload);
  const metrics = () => JSON.parse(written.at(-1) ?? "{}");

  it("writes one object for a batch, under the hour that its records arrived", async () => {
    const response = await store([recordOf(1, { t: 4 }), recordOf(2, { t: 5 })]);
    expect(response).to.deep.equal({ batchItemFailures: [] });
    expect(bucket.keys).to.deep.equal([key("telemetry", "dt=2026-11-23/hour=10", 1)]);
    expect(bucket.rows("telemetry")[0]).to.deep.equal({
      topic: "my/things/cooler-1/state",
      arrived: "2026-11-23 10:30:00.000",
      sequence: "00000000000000000001",
      payload: { t: 4 },
    });
  });

  it("writes nothing for an empty batch", async () => {
    expect(await store([])).to.deep.equal({ batchItemFailures: [] });
    expect(bucket.keys).to.deep.equal([]);
  });

  const hours: [string, string[], string[]][] = [
    [
      "the last millisecond of an hour and the next",
      ["2026-11-23T10:59:59.999", "2026-11-23T11:00:00.000"],
      ["dt=2026-11-23/hour=10", "dt=2026-11-23/hour=11"],
    ],
    [
      "midnight in UTC",
      ["2026-12-31T23:59:59.999", "2027-01-01T00:00:00.000"],
      ["dt=2026-12-31/hour=23", "dt=2027-01-01/hour=00"],
    ],
    [
      "an hour that is not there on local clocks",
      ["2026-03-29T01:30:00.000", "2026-03-29T02:30:00.000"],
      ["dt=2026-03-29/hour=01", "dt=2026-03-29/hour=02"],
    ],
  ];
  for (const [what, times, folders] of hours) {
    it(`parts a batch at ${what}`, async () => {
      await store(times.map((at, index) => recordOf(index + 1, { n: index }, { at: hour(at) })));
      expect(bucket.keys).to.deep.equal(folders.map((folder, index) => key("telemetry", folder, index + 1)));
      expect(bucket.rows("telemetry").map(({ arrived }) => arrived.replace(" ", "T"))).to.deep.equal(times);
    });
  }

  it("keeps two shards apart", async () => {
    const other = "shardId-000000000001";
    await store([recordOf(1, { n: 1 })]);
    await store([recordOf(1, { n: 2 }, { shard: other })]);
    expect(bucket.keys).to.deep.equal([
      key("telemetry", "dt=2026-11-23/hour=10", 1),
      key("telemetry", "dt=2026-11-23/hour=10", 1, other),
    ]);
  });

  describe("keeps what devices send", () => {
    const payloads: [string, unknown][] = [
      ["an array", [1, 2]],
      ["a number", 5],
      ["a text", "ok"],
      ["null", null],
      ["an empty object", {}],
      ["unicode", { ü: "日本 👩‍🚒 \u2028" }],
      ["keys of objects' own", { __proto__: 1, constructor: 2, payload: 3, topic: 4 }],
      ["just as deep as allowed", JSON.parse(nested(maximumDepth).toString())],
      ["many brackets, but side by side", Array.from({ length: 300 }, () => [])],
      ["brackets in a text", { text: `${"[".repeat(500)}\\"{` }],
      ["1 MB", { text: "x".repeat(1_048_000) }],
    ];
    for (const [what, payload] of payloads) {
      it(what, async () => {
        await store([recordOf(1, payload)]);
        expect(stored()).to.deep.equal([payload]);
        expect(bucket.rows("quarantine")).to.deep.equal([]);
      });
    }

    it("line by line, though a device sends JSON in many", async () => {
      await store([recordOf(1, Buffer.from('{\r\n  "a": "b\\nc"\n}')), recordOf(2, { n: 2 })]);
      expect(stored()).to.deep.equal([{ a: "b\nc" }, { n: 2 }]);
    });

    it("to the last digit of a number", async () => {
      await store([recordOf(1, Buffer.from('{"n":12345678901234567890.10}'))]);
      const [object] = [...bucket.objects.values()];
      const { gunzipSync } = await import("node:zlib");
      expect(gunzipSync(object as Buffer).toString()).to.include('"payload":{"n":12345678901234567890.10}');
    });
  });

  const topics = [
    'my/things/a"b\\c/state',
    "my/things/../../x/state",
    "my/things/dt=2020-01-01/state",
    "ü/\u0000/日本",
  ];
  for (const topic of topics) {
    it(`lets no topic change a key: ${JSON.stringify(topic)}`, async () => {
      await store([recordOf(1, { n: 1 }, { topic }), recordOf(2, Buffer.from("x"), { topic })]);
      expect(bucket.keys).to.deep.equal([
        key("quarantine", "dt=2026-11-23/hour=10", 2),
        key("telemetry", "dt=2026-11-23/hour=10", 1),
      ]);
      for (const prefix of ["telemetry", "quarantine"] as const) expect(bucket.rows(prefix)[0]?.topic).to.equal(topic);
    });
  }

  describe("sets aside, with reason, topic and bytes,", () => {
    const bad: [string, Buffer, RegExp][] = [
      ["what is not JSON", Buffer.from("t=4"), /^not JSON: .*token/],
      ["bytes that are no text", Buffer.from([0xff, 0x00, 0xc3, 0x28]), /^not JSON: the bytes are no UTF-8$/],
      ["nothing", Buffer.alloc(0), /^not JSON: /],
      ["JSON that is cut off", Buffer.from('{"t":'), /^not JSON: /],
      ["two values", Buffer.from("1,2"), /^not JSON: /],
      ["one level too many", nested(maximumDepth + 1), /^nested more than 100 levels deep$/],
      ["ten thousand levels", nested(10_000), /^nested more than 100 levels deep$/],
      [
        "one byte too many",
        Buffer.from(JSON.stringify("x".repeat(1_048_575))),
        /^too large: 1048577 bytes, 1048576 at most$/,
      ],
    ];
    for (const [what, bytes, reason] of bad) {
      for (const [place, at] of [
        ["first", 0],
        ["in the middle", 1],
        ["last", 2],
      ] as const) {
        it(`${what}, ${place} of a batch`, async () => {
          const payloads: unknown[] = [{ n: 1 }, { n: 2 }];
          payloads.splice(at, 0, bytes);
          const response = await store(payloads.map((payload, index) => recordOf(index + 1, payload)));
          expect(response).to.deep.equal({ batchItemFailures: [] });
          expect(stored()).to.deep.equal([{ n: 1 }, { n: 2 }]);
          const [row, ...others] = bucket.rows("quarantine");
          expect(others).to.deep.equal([]);
          expect(row).to.include({ topic: "my/things/cooler-1/state", sequence: String(at + 1).padStart(20, "0") });
          expect(row?.reason).to.match(reason);
          expect(Buffer.from(row?.bytes ?? "", "base64").equals(bytes), "the very bytes").to.equal(true);
          expect(metrics()).to.include({ Stored: 2, Quarantined: 1, Dropped: 0 });
        });
      }
    }

    it("what is no object, where the table has columns", async () => {
      process.env.OBJECTS_ONLY = "true";
      await store([recordOf(1, [1]), recordOf(2, 5), recordOf(3, null), recordOf(4, { n: 1 })]);
      expect(stored()).to.deep.equal([{ n: 1 }]);
      expect(bucket.rows("quarantine").map(({ reason }) => reason)).to.deep.equal(
        Array(3).fill("not an object, as the columns of the table want it"),
      );
    });

    const transforms: [string, TelemetryTransform, RegExp][] = [
      ["throws", ({ payload }) => (payload as { a: { b: unknown } }).a.b, /^the transform failed: Cannot read/],
      [
        "throws something else",
        () => {
          throw "no";
        },
        /^the transform failed: no$/,
      ],
      ["returns a promise", async () => ({}), /promise.*synchronous/],
      ["returns a function", () => () => {}, /a function, which is no JSON/],
      ["returns a bigint", () => 1n, /BigInt/],
      [
        "returns a circle",
        () => {
          const o: { o?: unknown } = {};
          o.o = o;
          return o;
        },
        /circular/,
      ],
      ["returns too much", () => "x".repeat(1_048_577), /^after the transform too large/],
    ];
    for (const [what, transform, reason] of transforms) {
      it(`what the transform ${what} at`, async () => {
        const guarded: TelemetryTransform = (message) =>
          (message.payload as { n?: number }).n === 2 ? message.payload : transform(message);
        expect(await store([recordOf(1, {}), recordOf(2, { n: 2 })], guarded)).to.deep.equal({ batchItemFailures: [] });
        expect(stored()).to.deep.equal([{ n: 2 }]);
        expect(bucket.rows("quarantine").map((row) => row.reason)[0]).to.match(reason);
      });
    }
  });

  it("stores what a transform makes of a message, and drops what it drops", async () => {
    const seen: unknown[] = [];
    await store([recordOf(1, { t: 4 }), recordOf(2, { test: true })], (message) => {
      seen.push(message);
      const { t, test } = message.payload as { t: number; test?: boolean };
      return test ? undefined : { celsius: t };
    });
    expect(stored()).to.deep.equal([{ celsius: 4 }]);
    expect(seen[0]).to.deep.equal({
      topic: "my/things/cooler-1/state",
      arrived: Date.UTC(2026, 10, 23, 10, 30),
      payload: { t: 4 },
    });
    expect(metrics()).to.include({ Stored: 1, Quarantined: 0, Dropped: 1 });
    expect(metrics()._aws.CloudWatchMetrics[0].Namespace).to.equal("thingstack");
  });

  describe("when S3 fails", () => {
    it("names the first record that is not written, and has written all before it", async () => {
      const records = ["10:59:58", "10:59:59", "11:00:00", "11:00:01"].map((time, index) =>
        recordOf(index + 1, { n: index + 1 }, { at: hour(`2026-11-23T${time}`) }),
      );
      bucket.fails = (name) => name.includes("hour=11");
      expect(await store(records)).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "00000000000000000003" }] });
      expect(stored()).to.deep.equal([{ n: 1 }, { n: 2 }]);
      expect(metrics(), "what comes again is not counted yet").to.include({ Stored: 2 });
    });

    it("does not store a run whose quarantine it could not write", async () => {
      bucket.fails = (name) => name.startsWith("quarantine");
      const response = await store([recordOf(1, { n: 1 }), recordOf(2, Buffer.from("x"))]);
      expect(response.batchItemFailures).to.deep.equal([{ itemIdentifier: "00000000000000000001" }]);
      expect(bucket.keys).to.deep.equal([]);
    });
  });

  it("writes the same bytes under the same keys when a batch comes again", async () => {
    const records = [recordOf(1, { n: 1 }), recordOf(2, Buffer.from("x"))];
    await store(records);
    const first = new Map(bucket.objects);
    await new Promise((resolve) => setTimeout(resolve, 1100 - (Date.now() % 1000)));
    await store(records);
    expect([...bucket.objects].map(([name, body]) => [name, body.toString("hex")])).to.deep.equal(
      [...first].map(([name, body]) => [name, body.toString("hex")]),
    );
  });

  // Everything that Lambda may do to a function at once: kill it before or after a write, run it twice, part its batch,
  // give it another batch size; and S3 may refuse at any time. Every message has to be in the store once, or set aside once.
  it("has each record exactly once, whatever happens on the way", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ poison: fc.boolean(), minutes: fc.integer({ min: -40, max: 40 }) }), {
          minLength: 1,
          maxLength: 24,
        }),
        fc.array(fc.constantFrom("ok", "ok", "killed after", "killed between", "killed before", "twice", "S3 down"), {
          maxLength: 30,
        }),
        fc.integer({ min: 1, max: 10 }),
        async (specs, fates, size) => {
          bucket.objects.clear();
          const records = specs.map(({ poison, minutes }, index) =>
            recordOf(index, poison ? Buffer.from(`poison ${index}`) : { n: index }, {
              at: hour("2026-11-23T11:00:00") + minutes * 60_000,
            }),
          );
          const queue = [...fates];
          const handler = storeTelemetry();
          const call = async (handedOver: readonly { readonly event: object }[]) => {
            const batch = handedOver.map(({ event }) => event as StreamRecord);
            const fate = queue.shift() ?? "ok";
            let writes = 0;
            bucket.fails = () => (writes++ > 0 && fate === "killed between") || fate === "S3 down";
            if (fate === "killed before") return { functionError: "Unhandled", payload: null };
            if (fate === "twice") await handler({ Records: batch });
            const payload = await handler({ Records: batch });
            const killed = fate === "killed after" || fate === "killed between";
            return killed ? { functionError: "Unhandled", payload: null } : { payload };
          };
          const settings = { bisect: true, partialResponses: true, maximumRetryAttempts: -1, maximumRecordAge: -1 };
          const giveUp = async () => expect.fail("nothing may be given up");
          for (let at = 0; at < records.length; at += size) {
            const batch = records.slice(at, at + size).map((event) => ({
              sequenceNumber: event.kinesis.sequenceNumber,
              arrived: event.kinesis.approximateArrivalTimestamp,
              event,
              bytes: 0,
            }));
            await deliver(batch, settings, { call, giveUp, pause: async () => {}, done: () => {}, now: () => 0 });
          }
          const numbers = specs.map((_, index) => index);
          expect(
            stored()
              .map((payload) => (payload as { n: number }).n)
              .sort((a, b) => a - b),
          ).to.deep.equal(numbers.filter((index) => !specs[index]?.poison));
          expect(
            bucket
              .rows("quarantine")
              .map(({ sequence }) => Number(sequence))
              .sort((a, b) => a - b),
          ).to.deep.equal(numbers.filter((index) => specs[index]?.poison));
        },
      ),
      { numRuns: 300 },
    );
  });
});
