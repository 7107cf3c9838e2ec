import { expect } from "chai";
import * as fc from "fast-check";
import { runsOf, type StreamRecord } from "../../../functions/telemetry/telemetryRecords";
import type { SetAside } from "../../../operations/replay/quarantine";
import { replayQuarantine } from "../../../operations/replay/replayQuarantine";
import type { Sent } from "../../../operations/replay/sender";

interface Payload {
  readonly n: number;
  /** The version of the function that can store it. */
  readonly since: number;
}

/** A bucket in memory, with the rules of the function that stores telemetry: versions of it understand more and more. */
class Pipeline {
  readonly objects = new Map<string, { sequence: string; reason?: string }[]>();
  version = 1;
  /** Requests that are answered until the replay is broken off. */
  requests = Number.POSITIVE_INFINITY;
  /** Whether S3 refuses what is to be stored, after the quarantine was written. */
  isHalfDown = false;

  async keys(prefix: string) {
    this.request();
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
  async read(key: string) {
    this.request();
    return this.objects.get(key) as SetAside[];
  }
  async write(key: string, rows: readonly SetAside[]) {
    this.request();
    this.objects.set(key, [...rows]);
  }
  async delete(key: string) {
    this.request();
    this.objects.delete(key);
  }

  /** Calls the function; what it sets aside and stores is written by its own rules. */
  readonly call = async (event: object): Promise<Sent> => {
    this.request();
    const transform = ({ payload }: { payload: unknown }) => {
      if ((payload as Payload).since > this.version) throw new Error("unknown unit");
      return payload;
    };
    const rules = { maximumBytes: 1000, objectsOnly: false, transform };
    for (const run of runsOf((event as { Records: StreamRecord[] }).Records, rules)) {
      this.put("quarantine", run.quarantined);
      if (this.isHalfDown) return { result: "failed", reason: "no bucket", response: {} };
      this.put("telemetry", run.stored);
    }
    return { result: "done" };
  };

  replay(options: { dryRun?: boolean; limit?: number } = {}) {
    const { dryRun = false, limit = Number.POSITIVE_INFINITY } = options;
    return replayQuarantine(this, this.call, { dryRun, limit, functionName: "store" });
  }

  /** Lets devices send messages, in batches of some. */
  async receive(messages: readonly (Payload | string)[], batchSize = 10): Promise<void> {
    const records = messages.map((message, at) => ({
      eventID: `shardId-0:${100 + at}`,
      kinesis: {
        partitionKey: "my/things/a/state",
        sequenceNumber: String(100 + at),
        data: Buffer.from(typeof message === "string" ? message : JSON.stringify(message)).toString("base64"),
        approximateArrivalTimestamp: 1_767_225_600.5 + at,
      },
    }));
    for (let at = 0; at < records.length; at += batchSize) {
      await this.call({ Records: records.slice(at, at + batchSize) });
    }
  }

  /** The sequence numbers of what is in objects whose keys begin with something. */
  rows(prefix: string): string[] {
    const found = [...this.objects].flatMap(([key, rows]) => (key.startsWith(prefix) ? rows : []));
    return found.map(({ sequence }) => sequence).sort();
  }

  private put(prefix: string, { key, lines }: { key?: string; lines: readonly string[] }): void {
    if (key !== undefined)
      this.objects.set(
        `${prefix}/${key}`,
        lines.map((line) => JSON.parse(line)),
      );
  }

  private request(): void {
    if (this.requests <= 0) throw new Error("broken off");
    this.requests -= 1;
  }
}

const payload = (n: number, since: number): Payload => ({ n, since });

describe("replaying the quarantine of telemetry", () => {
  let pipeline: Pipeline;
  beforeEach(() => {
    pipeline = new Pipeline();
  });

  it("tells what was set aside and why, grouped; a dry run changes nothing", async () => {
    await pipeline.receive([payload(0, 1), "no", payload(2, 2), "JSON", payload(4, 2), payload(5, 2)]);
    const before = new Map(pipeline.objects);
    const { groups, done } = await pipeline.replay({ dryRun: true });
    expect(
      groups.map(({ messages, reason, replays, from, to }) => [messages, reason, replays, to - from]),
    ).to.deep.equal([
      [3, "the transform failed: unknown unit", 0, 3000],
      [2, "not JSON", 0, 2000],
    ]);
    expect(groups[0]).to.include({ source: "telemetry that function store has set aside", from: 1_767_225_602_500 });
    expect(JSON.parse(groups[1]!.example)).to.include({ topic: "my/things/a/state", payload: "no" });
    expect([done, pipeline.objects]).to.deep.equal([0, before]);
  });

  it("stores what the function takes now, under the hour that it arrived in; the rest keeps its count", async () => {
    await pipeline.receive([payload(0, 1), "no JSON", payload(2, 2), payload(3, 3)]);
    expect((await pipeline.replay()).failed).to.deep.equal({
      "not JSON": 1,
      "the transform failed: unknown unit": 2,
    });
    pipeline.version = 2;
    const { done, failed, groups } = await pipeline.replay();
    expect(groups.map(({ replays }) => replays)).to.deep.equal([1, 1]);
    expect([done, failed]).to.deep.equal([1, { "not JSON": 1, "the transform failed: unknown unit": 1 }]);
    expect(pipeline.rows("telemetry/dt=2026-01-01/hour=00/")).to.deep.equal(["100", "102"]);
    expect(pipeline.rows("quarantine/")).to.deep.equal(["101", "103"]);
    expect((await pipeline.replay({ dryRun: true })).groups[0]?.replays).to.equal(2);
  });

  it("takes no more messages than asked for, the first first", async () => {
    await pipeline.receive(
      [0, 1, 2, 3, 4].map((n) => payload(n, 2)),
      3,
    );
    pipeline.version = 2;
    for (const stored of [2, 4, 5]) {
      await pipeline.replay({ limit: 2 });
      expect(pipeline.rows("telemetry/")).to.deep.equal(["100", "101", "102", "103", "104"].slice(0, stored));
      expect(pipeline.rows("quarantine/")).to.have.length(5 - stored);
    }
  });

  it("loses nothing when the function fails half way, and counts that", async () => {
    await pipeline.receive([payload(0, 2), payload(1, 3), payload(2, 2)]);
    pipeline.version = 2;
    pipeline.isHalfDown = true;
    expect((await pipeline.replay()).failed).to.deep.equal({ "no bucket": 3 });
    expect(pipeline.rows("quarantine/")).to.deep.equal(["100", "101", "102"]);
    pipeline.isHalfDown = false;
    const { groups } = await pipeline.replay();
    expect(groups[0]).to.include({ messages: 3, replays: 1 });
    expect(pipeline.rows("telemetry/")).to.deep.equal(["100", "102"]);
    expect(pipeline.rows("quarantine/")).to.deep.equal(["101"]);
  });

  it("leaves what could not be handed over where it was", async () => {
    await pipeline.receive([payload(0, 2)]);
    const before = new Map(pipeline.objects);
    const refused = async () => {
      throw new Error("throttled");
    };
    const options = { dryRun: false, limit: 10, functionName: "store" };
    expect((await replayQuarantine(pipeline, refused, options)).stuck).to.deep.equal({ throttled: 1 });
    expect(pipeline.objects).to.deep.equal(before);
  });

  const meanwhile: [what: string, breaksOff: boolean, at: "read" | "call"][] = [
    ["takes what this one has read, and this one's call is refused", false, "read"],
    ["takes what this one has read, and this one is broken off", true, "read"],
    ["takes it while this one's call is refused", false, "call"],
  ];
  for (const [what, breaksOff, at] of meanwhile) {
    it(`loses nothing when another replay ${what}`, async () => {
      await pipeline.receive([payload(0, 2), payload(1, 3)]);
      const others = async (now: typeof at) => {
        if (now !== at) return;
        pipeline.version = 2;
        await pipeline.replay();
      };
      const objects = {
        keys: (prefix: string) => pipeline.keys(prefix),
        write: (key: string, rows: readonly SetAside[]) => pipeline.write(key, rows),
        delete: (key: string) => pipeline.delete(key),
        read: async (key: string) => {
          const rows = await pipeline.read(key);
          await others("read");
          return rows;
        },
      };
      const refused = async () => {
        await others("call");
        if (breaksOff) pipeline.requests = 0;
        throw new Error("throttled");
      };
      const options = { dryRun: false, limit: 10, functionName: "store" };
      await replayQuarantine(objects, refused, options).catch((error: Error) =>
        expect(error.message).to.equal("broken off"),
      );
      expect([...new Set(pipeline.rows(""))], "nothing is lost").to.deep.equal(["100", "101"]);
      Object.assign(pipeline, { version: 3, requests: Number.POSITIVE_INFINITY });
      await pipeline.replay();
      expect([pipeline.rows("telemetry/"), pipeline.rows("quarantine/")]).to.deep.equal([["100", "101"], []]);
    });
  }

  // Broken off after any request, by any version of the function, and repeated: with no end of both.
  it("has each message exactly once in the end, wherever it was broken off on the way", async () => {
    const attempt = fc.record({
      version: fc.integer({ min: 1, max: 3 }),
      requests: fc.integer({ min: 0, max: 30 }),
      limit: fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY),
      isHalfDown: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(attempt, { maxLength: 6 }),
        async (sinces, batchSize, attempts) => {
          const world = new Pipeline();
          await world.receive(
            sinces.map((since, n) => payload(n, since)),
            batchSize,
          );
          const all = sinces.map((_, at) => String(100 + at));
          for (const { limit, ...state } of attempts) {
            Object.assign(world, state);
            await world.replay({ limit }).catch((error: Error) => expect(error.message).to.equal("broken off"));
            const somewhere = new Set(world.rows(""));
            expect([...somewhere].sort(), "nothing is lost on the way").to.deep.equal(all);
          }
          Object.assign(world, { version: 4, requests: Number.POSITIVE_INFINITY, isHalfDown: false });
          const { failed, stuck } = await world.replay();
          expect({ ...failed, ...stuck }).to.deep.equal({});
          expect(world.rows("telemetry/")).to.deep.equal(all);
          expect(world.rows("quarantine/")).to.deep.equal([]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
