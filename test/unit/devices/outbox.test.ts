import { expect } from "chai";
import sinon from "sinon";
import { Outbox } from "../../../devices/core/outbox";
import type { AfterFailure, OutboxOptions } from "../../../devices/core/outboxOptions";
import { NotDelivered } from "../../../devices/errors";

/** A message under way, for the test to answer. */
interface Sent {
  readonly message: string;
  readonly accept: (result?: string) => Promise<void>;
  readonly fail: (after: AfterFailure) => Promise<void>;
}

class Failure extends Error {
  constructor(readonly after: AfterFailure) {
    super(after);
  }
}

/** Until all promises that can settle have. The tests' clock does not stop setImmediate. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp(options: Partial<OutboxOptions<string, string>> = {}) {
  const sent: Sent[] = [];
  const dropped: string[] = [];
  const results: string[] = [];
  const outbox = new Outbox<string, string>({
    window: 1,
    capacity: 3,
    backoff: { base: 1000, maximum: 60_000 },
    random: () => 0.5,
    onDropped: (message) => dropped.push(message),
    afterFailure: (error) => (error as Failure).after,
    send: (message) =>
      new Promise((resolve, reject) => {
        sent.push({
          message,
          accept: (result = message) => {
            resolve(result);
            return turn();
          },
          fail: (after) => {
            reject(new Failure(after));
            return turn();
          },
        });
      }),
    ...options,
  });
  const add = (...messages: string[]) => {
    for (const message of messages) {
      outbox.add(message).then(
        (result) => results.push(`${message}: ${result}`),
        (error) => results.push(`${message}! ${error instanceof NotDelivered ? error.reason : error.message}`),
      );
    }
  };
  const names = () => sent.map(({ message }) => message);
  const last = () => sent.at(-1) as Sent;
  return { outbox, sent, dropped, results, add, names, last };
}

describe("devices: outbox", () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => clock.restore());

  it("sends nothing before there is a connection, and all in order then", async () => {
    const { outbox, add, names, last, results } = setUp();
    add("a", "b");
    expect(names()).to.deep.equal([]);
    outbox.open();
    expect(names()).to.deep.equal(["a"]);
    await last().accept("1");
    expect(names()).to.deep.equal(["a", "b"]);
    await last().accept("2");
    expect(results).to.deep.equal(["a: 1", "b: 2"]);
    expect(outbox.size).to.equal(0);
  });

  it("has no more under way than its window", async () => {
    const { outbox, add, names, sent } = setUp({ window: 2 });
    outbox.open();
    add("a", "b", "c");
    expect(names()).to.deep.equal(["a", "b"]);
    await sent[1]?.accept();
    expect(names()).to.deep.equal(["a", "b", "c"]);
  });

  for (const [first, second] of [
    [0, 1],
    [1, 0],
  ] as const) {
    it(`sends again in the old order what was under way when the connection broke, though ${first} failed first`, async () => {
      const { outbox, add, names, sent } = setUp({ window: 2, capacity: 9 });
      outbox.open();
      add("a", "b", "c");
      outbox.hold();
      await sent[first]?.fail("onReconnect");
      await sent[second]?.fail("onReconnect");
      add("d");
      expect(names()).to.deep.equal(["a", "b"]);
      outbox.open();
      expect(names()).to.deep.equal(["a", "b", "a", "b"]);
      await sent[2]?.accept();
      await sent[3]?.accept();
      expect(names().slice(4)).to.deep.equal(["c", "d"]);
    });
  }

  it("never gives up a message because the connection broke, however often", async () => {
    const { outbox, add, last, results } = setUp();
    add("a");
    for (let at = 0; at < 50; at++) {
      outbox.open();
      outbox.hold();
      await last().fail("onReconnect");
    }
    outbox.open();
    await last().accept("1");
    expect(results).to.deep.equal(["a: 1"]);
  });

  it("waits longer and longer before it tries again, and gives up after five tries", async () => {
    const { outbox, add, names, last, results } = setUp();
    outbox.open();
    add("a", "b");
    for (const wait of [500, 1000, 2000, 4000]) {
      const before = names().length;
      await last().fail("later");
      clock.tick(wait - 1);
      expect(names(), `before ${wait} ms`).to.have.length(before);
      clock.tick(1);
      expect(names(), `after ${wait} ms`).to.have.length(before + 1);
    }
    await last().fail("later");
    expect(results).to.deep.equal(["a! later"]);
    expect(last().message).to.equal("b");
  });

  it("does not wait out a pause when the connection is new", async () => {
    const { outbox, add, names, last } = setUp();
    outbox.open();
    add("a");
    await last().fail("later");
    outbox.hold();
    outbox.open();
    expect(names()).to.deep.equal(["a", "a"]);
  });

  it("finds the message that the server closes the connection over, and lets the others through", async () => {
    const { outbox, add, sent, names, results } = setUp({ window: 3, capacity: 9 });
    add("good", "bad", "fine");
    for (let round = 0; round < 9 && !results.some((line) => line.startsWith("bad!")); round++) {
      outbox.open();
      const underWay = () => sent.splice(0);
      for (let batch = underWay(); batch.length > 0; batch = underWay()) {
        if (batch.some(({ message }) => message === "bad")) {
          outbox.hold();
          for (const one of batch) await one.fail("suspect");
        } else {
          for (const one of batch) await one.accept("ok");
        }
      }
    }
    outbox.open();
    for (let one = sent.shift(); one; one = sent.shift()) await one.accept("ok");
    expect(results.sort()).to.deep.equal(["bad! suspect", "fine: ok", "good: ok"]);
    expect(names()).to.deep.equal([]);
  });

  it("gives up at once what was refused", async () => {
    const { outbox, add, last, results } = setUp();
    outbox.open();
    add("a");
    await last().fail("giveUp");
    expect(results).to.deep.equal(["a! giveUp"]);
  });

  it("drops the oldest when it is full, counts it and tells", async () => {
    const { outbox, add, dropped, results, names, last } = setUp();
    add("a", "b", "c", "d", "e");
    await turn();
    expect(dropped).to.deep.equal(["a", "b"]);
    expect(outbox.dropped).to.equal(2);
    expect(outbox.size).to.equal(3);
    expect(results).to.deep.equal(["a! dropped", "b! dropped"]);
    outbox.open();
    for (let at = 0; at < 3; at++) await last().accept();
    expect(names()).to.deep.equal(["c", "d", "e"]);
  });

  it("drops the oldest when it has too many bytes, as many as it takes", async () => {
    const { outbox, add, dropped, names, last } = setUp({
      capacity: 99,
      bytes: { capacity: 6, of: ({ length }) => length },
    });
    add("aa", "bb", "cc", "dddd");
    expect(dropped).to.deep.equal(["aa", "bb"]);
    outbox.open();
    await last().accept();
    add("eeee");
    expect(dropped, "what is under way takes no room").to.deep.equal(["aa", "bb"]);
    await last().accept();
    expect(names()).to.deep.equal(["cc", "dddd", "eeee"]);
  });

  /** Kinds by the first letter; capital letters may be dropped, and x can't be merged. */
  const merging: OutboxOptions<string, string>["merging"] = {
    kindOf: (message) => message[0]?.toLowerCase(),
    merge: (older, newer) => (/[A-Zx]/.test(older + newer) ? undefined : `${older}+${newer}`),
    mayDrop: (message) => /^[A-Z]/.test(message),
  };

  it("makes one of the two oldest where it can, and answers both", async () => {
    const { outbox, add, dropped, results, names, last } = setUp({ merging });
    add("a1", "a2", "a3", "a4", "a5");
    outbox.open();
    expect(names()).to.deep.equal(["a1+a2+a3"]);
    await last().accept("1");
    expect(results).to.deep.equal(["a1: 1", "a2: 1", "a3: 1"]);
    expect(dropped).to.deep.equal([]);
    expect(outbox.dropped).to.equal(0);
  });

  const full: readonly [what: string, added: string[], sent: string[], dropped: string[]][] = [
    ["merges over others of another kind", ["a1", "b1", "a2", "b2"], ["b1", "a1+a2", "b2"], []],
    ["does not merge over one of the same kind that can't be", ["a1", "A", "a2", "b1"], ["a1", "a2", "b1"], ["A"]],
    ["drops what may be dropped, not the oldest", ["a1", "B", "c1", "d1"], ["a1", "c1", "d1"], ["B"]],
    ["lets wait what can be neither merged nor dropped", ["ax", "ax", "ax", "ax"], ["ax", "ax", "ax", "ax"], []],
  ];
  for (const [what, added, expected, thrown] of full) {
    it(`when it is full, ${what}`, async () => {
      const { outbox, add, dropped, names, last } = setUp({ merging });
      add(...added);
      outbox.open();
      for (let at = 1; at < expected.length; at++) await last().accept();
      expect(names()).to.deep.equal(expected);
      expect(dropped).to.deep.equal(thrown);
    });
  }

  it("sends first what an earlier life has left, and tells what was refused of it", async () => {
    const givenUp: string[] = [];
    const { outbox, add, names, last, results } = setUp({ onGivenUp: (message) => givenUp.push(message) });
    outbox.restore(["a", "b"]);
    add("c");
    outbox.open();
    await last().fail("giveUp");
    await last().accept();
    expect(names()).to.deep.equal(["a", "b", "c"]);
    await last().fail("giveUp");
    expect(givenUp).to.deep.equal(["a"]);
    expect(results).to.deep.equal(["c! giveUp"]);
  });

  it("has kept what waits and what is under way, and forgets what is over", async () => {
    const kept = new Map<number, string>();
    const keeper = {
      keep: (order: number, message: string) => kept.set(order, message),
      forget: kept.delete.bind(kept),
    };
    const { outbox, add, last, sent } = setUp({ merging, keeper, window: 2 });
    const left = () => [...kept].sort(([one], [other]) => one - other).map(([, message]) => message);
    add("a1", "a2", "B", "C", "b2");
    expect(left(), "two merged, and one dropped").to.deep.equal(["a1+a2", "C", "b2"]);
    outbox.open();
    expect(left(), "under way").to.deep.equal(["a1+a2", "C", "b2"]);
    await sent[0]?.accept();
    expect(left(), "delivered").to.deep.equal(["C", "b2"]);
    await sent[1]?.fail("giveUp");
    expect(left(), "refused").to.deep.equal(["b2"]);
    outbox.close();
    await last().fail("onReconnect");
    expect(left(), "closed").to.deep.equal(["b2"]);
  });

  it("gives up all that is left when it is closed, and takes no more", async () => {
    const { outbox, add, results, sent } = setUp();
    outbox.open();
    add("a", "b");
    outbox.close();
    add("c");
    await turn();
    expect(results.sort()).to.deep.equal(["a! closed", "b! closed", "c! closed"]);
    await sent[0]?.fail("onReconnect");
    expect(sent).to.have.length(1);
  });
});
