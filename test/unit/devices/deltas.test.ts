import { expect } from "chai";
import { waitFor } from "../../../common/waitFor";
import { type Delta, DeltaTracker, metadataOf } from "../../../devices/core/deltaTracker";
import type { JsonObject } from "../../../devices/core/json";
import { DeltaFollower } from "../../../devices/deltaFollower";

/** All leaves desired at the same time. */
const delta = (version: number, state: JsonObject, timestamp = 1): Delta => {
  const stamp = (value: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        typeof item === "object" && item !== null && !Array.isArray(item) ? stamp(item as JsonObject) : { timestamp },
      ]),
    );
  return { version, state, metadata: stamp(state) };
};

describe("devices: which deltas are news", () => {
  type Step =
    | readonly ["comes", Delta, boolean]
    | readonly ["fetched", Delta, boolean]
    | readonly ["acted" | "failed", Delta]
    | readonly ["reported", JsonObject];

  const on = { on: true };
  const warm = { target: 100 };
  const cases: readonly [name: string, steps: readonly Step[]][] = [
    ["the first", [["comes", delta(1, on), true]]],
    [
      "the same message twice (QoS 1 may do that)",
      [
        ["comes", delta(1, on), true],
        ["acted", delta(1, on)],
        ["comes", delta(1, on), false],
      ],
    ],
    [
      "an older one that was overtaken",
      [
        ["comes", delta(5, on), true],
        ["acted", delta(5, on)],
        ["comes", delta(4, { on: false }), false],
      ],
    ],
    [
      "one that repeats what the device could not do",
      [
        ["comes", delta(1, warm), true],
        ["acted", delta(1, warm)],
        ["reported", { target: 80 }],
        ["comes", delta(2, warm), false],
        ["reported", { target: 80, battery: 3 }],
        ["comes", delta(3, warm), false],
      ],
    ],
    [
      "the same wish, wished again",
      [
        ["comes", delta(1, warm, 1), true],
        ["acted", delta(1, warm, 1)],
        ["comes", delta(2, warm, 2), true],
      ],
    ],
    [
      "another wish for the same",
      [
        ["comes", delta(1, warm), true],
        ["acted", delta(1, warm)],
        ["comes", delta(2, { target: 90 }), true],
      ],
    ],
    [
      "one more wish beside the old one",
      [
        ["comes", delta(1, warm), true],
        ["acted", delta(1, warm)],
        ["comes", delta(2, { ...warm, ...on }), true],
      ],
    ],
    [
      "part of what was acted on",
      [
        ["comes", delta(1, { ...warm, ...on }), true],
        ["acted", delta(1, { ...warm, ...on })],
        ["comes", delta(2, warm), false],
      ],
    ],
    [
      "a wish that was fulfilled, and then undone at the device",
      [
        ["comes", delta(1, on), true],
        ["acted", delta(1, on)],
        ["reported", on],
        ["reported", { on: false }],
        ["comes", delta(3, on), true],
      ],
    ],
    [
      "one that the device failed at, again",
      [
        ["comes", delta(1, on), true],
        ["failed", delta(1, on)],
        ["fetched", delta(1, on), true],
      ],
    ],
    [
      "what is fetched and was acted on",
      [
        ["comes", delta(1, on), true],
        ["acted", delta(1, on)],
        ["fetched", delta(1, on), false],
      ],
    ],
    [
      "a shadow that was deleted and began anew",
      [
        ["comes", delta(7, on), true],
        ["acted", delta(7, on)],
        ["fetched", delta(1, on), true],
        ["acted", delta(1, on)],
        ["comes", delta(2, { on: false }), true],
      ],
    ],
    [
      "a change deep inside",
      [
        ["comes", delta(1, { a: { b: { c: 1, d: 2 } } }), true],
        ["acted", delta(1, { a: { b: { c: 1, d: 2 } } })],
        ["reported", { a: { b: { c: 1 } } }],
        ["comes", delta(2, { a: { b: { d: 2 } } }), false],
        ["comes", delta(3, { a: { b: { c: 1, d: 2 } } }), true],
      ],
    ],
    [
      "a list, which is one value",
      [
        ["comes", delta(1, { list: [1, 2] }), true],
        ["acted", delta(1, { list: [1, 2] })],
        ["comes", delta(2, { list: [1, 2] }), false],
        ["comes", delta(3, { list: [2, 1] }), true],
      ],
    ],
  ];
  for (const [name, steps] of cases) {
    it(name, () => {
      const tracker = new DeltaTracker();
      for (const [at, step] of steps.entries()) {
        if (step[0] === "comes") expect(tracker.isNews(step[1]), `step ${at}`).to.equal(step[2]);
        if (step[0] === "fetched") expect(tracker.isNews(step[1], true), `step ${at}`).to.equal(step[2]);
        if (step[0] === "acted") tracker.actedOn(step[1]);
        if (step[0] === "failed") tracker.failedOn(step[1]);
        if (step[0] === "reported") tracker.reported(step[1]);
      }
    });
  }

  it("takes the delta's metadata out of the desired one", () => {
    const desired = { a: { timestamp: 1 }, b: { c: { timestamp: 2 }, d: { timestamp: 3 } }, e: [{ timestamp: 4 }] };
    expect(metadataOf({ b: { c: 5 }, e: [7], gone: 1 }, desired)).to.deep.equal({
      b: { c: { timestamp: 2 } },
      e: [{ timestamp: 4 }],
    });
  });
});

describe("devices: following deltas", () => {
  /** A shadow of which only `desired` and `reported` matter; it tells its delta with every accepted report, as AWS does. */
  function shadow(desired: JsonObject) {
    const reports: JsonObject[] = [];
    const failures: unknown[] = [];
    let reported: JsonObject = {};
    let version = 1;
    const outstanding = () =>
      Object.fromEntries(Object.entries(desired).filter(([key, value]) => reported[key] !== value)) as JsonObject;
    const follow = (handler: (delta: JsonObject) => JsonObject | undefined | Promise<JsonObject | undefined>) => {
      const follower: DeltaFollower = new DeltaFollower(
        handler,
        async (patch) => {
          reports.push(patch);
          reported = { ...reported, ...patch };
          version++;
          follower.reported(patch);
          if (Object.keys(outstanding()).length > 0) follower.offer(delta(version, outstanding()));
        },
        (error) => failures.push(error),
      );
      follower.offer(delta(version, outstanding()), true);
      return follower;
    };
    return { follow, reports, failures, reported: () => reported };
  }

  it("acts, then reports what it came to", async () => {
    const { follow, reports } = shadow({ on: true, color: "red" });
    follow((wish) => wish);
    await waitFor("the report", () => reports.length === 1, { lastSeen: () => reports });
    expect(reports).to.deep.equal([{ on: true, color: "red" }]);
  });

  it("does not run in circles over a wish that it cannot fulfil", async () => {
    const { follow, reports } = shadow({ target: 100, on: true });
    let calls = 0;
    const follower = follow(() => {
      calls++;
      return { target: 80, on: true };
    });
    await waitFor("the report", () => reports.length > 0);
    await new Promise(setImmediate);
    expect(calls).to.equal(1);
    expect(reports).to.deep.equal([{ target: 80, on: true }]);
    follower.offer(delta(9, { target: 60 }, 5));
    await waitFor("the next wish", () => calls === 2);
  });

  it("acts on one at a time, and then only on the newest", async () => {
    const seen: unknown[] = [];
    let release = () => {};
    const follower = new DeltaFollower(
      async (wish) => {
        seen.push(wish.n);
        if (wish.n === 1) await new Promise<void>((resolve) => (release = resolve));
        return undefined;
      },
      async () => {},
      () => {},
    );
    for (const n of [1, 2, 3]) follower.offer(delta(n, { n }));
    expect(seen).to.deep.equal([1]);
    release();
    await waitFor("the newest", () => seen.length === 2, { lastSeen: () => seen });
    expect(seen).to.deep.equal([1, 3]);
  });

  it("tells of a handler that threw, and tries again when told again", async () => {
    const { follow, failures, reports } = shadow({ on: true });
    let broken = true;
    const follower = follow((wish) => {
      if (broken) throw new Error("the motor is stuck");
      return wish;
    });
    await waitFor("the failure", () => failures.length === 1);
    expect(String(failures[0])).to.equal("Error: the motor is stuck");
    broken = false;
    follower.offer(delta(1, { on: true }), true);
    await waitFor("the report", () => reports.length === 1);
  });

  it("tells of a report that was refused, and goes on", async () => {
    const failures: unknown[] = [];
    const seen: unknown[] = [];
    const follower = new DeltaFollower(
      (wish) => {
        seen.push(wish.n);
        return wish;
      },
      () => Promise.reject(new Error("refused")),
      (error) => failures.push(error),
    );
    follower.offer(delta(1, { n: 1 }));
    await waitFor("the first failure", () => failures.length === 1);
    follower.offer(delta(2, { n: 2 }));
    await waitFor("the second", () => failures.length === 2);
    expect(seen).to.deep.equal([1, 2]);
  });
});
