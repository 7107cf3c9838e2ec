import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { waitFor } from "../../../common/waitFor";
import { lineOf } from "../../../devices/core/queueLog";
import { KeptQueue, type KeptQueueOptions } from "../../../devices/keptQueue";
import { type Disk, realDisk } from "../../../devices/update/disk";
import { QueueWorld } from "./queueWorld";
import { temporaryFolder } from "./temporaryFolder";

/** What must hold whenever power was lost, and everything that was left has been sent. */
function check(world: QueueWorld): void {
  const { made, safe, received, answered, dropped, problems } = world;
  const arrived = [...new Set(received)];
  for (const message of safe) {
    if (!dropped.has(message)) expect(arrived, `${message} was on the disk`).to.include(message);
  }
  expect(arrived, "in the order in which they were made").to.deep.equal(made.filter((one) => arrived.includes(one)));
  for (const message of answered) {
    expect(received.filter((one) => one === message).length, `${message} and lost answers`).to.be.at.most(
      1 + world.lives,
    );
  }
  expect(problems).to.deep.equal([]);
}

describe("devices: what waits, over a loss of power", () => {
  for (const left of [0.1, 0.6, 0.99]) {
    it(`at each thing that is done (${left} of what was not synced): nothing that was on the disk is lost`, async () => {
      const untouched = new QueueWorld(() => left);
      await untouched.live();
      const operations = untouched.disk.operations;
      expect(operations).to.be.above(30);
      expect(untouched.received, "with power, each once").to.deep.equal([...new Set(untouched.received)]);
      for (let at = 1; at <= operations; at++) {
        const world = new QueueWorld(() => left);
        world.disk.losePowerAt(at);
        await world.live();
        expect(world.disk.isOff, `operation ${at} came`).to.equal(true);
        world.restorePower();
        await world.sendAll();
        check(world);
      }
    });
  }

  it("again and again", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        fc.array(fc.integer({ min: 1, max: 45 }), { maxLength: 5 }),
        async (numbers, losses) => {
          const world = new QueueWorld(() => numbers.next().value as number);
          for (const at of losses) {
            world.disk.losePowerAt(at);
            await world.live();
            world.restorePower();
          }
          await world.sendAll();
          check(world);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** A disk that has no room for a file's bytes, and counts how often it said so. */
function fullDisk(): Disk & { isFull: boolean; failed: number } {
  const disk = {
    ...realDisk,
    isFull: true,
    failed: 0,
    writeFrom: async (...args: Parameters<Disk["writeFrom"]>) => {
      if (!disk.isFull) return realDisk.writeFrom(...args);
      disk.failed++;
      throw new Error("ENOSPC: no space left on device");
    },
  };
  return disk;
}

describe("devices: the file of what waits", () => {
  const folder = temporaryFolder();
  let count = 0;
  let file: string;
  const problems: string[] = [];
  const onProblem = ({ message }: Error) => problems.push(message);
  const opened: KeptQueue<string>[] = [];
  const open = async (options: Partial<KeptQueueOptions<string>> = {}) => {
    const queue = await KeptQueue.open<string>({ file, onProblem, ...options });
    opened.push(queue);
    return queue;
  };
  beforeEach(() => {
    file = path.join(folder(), String(++count), "messages.log");
    problems.length = 0;
  });
  afterEach(async () => {
    for (const queue of opened.splice(0)) await queue.close();
  });
  const write = (...lines: (string | Buffer)[]) => {
    mkdirSync(path.dirname(file));
    writeFileSync(file, Buffer.concat(lines.map((line) => Buffer.from(line))));
  };
  const kept = (order: number, message: string) => lineOf({ keep: order, message });

  it("is its user's alone, and read again", async () => {
    const queue = await open();
    queue.keep(0, "a");
    queue.keep(1, 'b "\n☃');
    queue.keep(2, "c");
    queue.forget(0);
    queue.noteDropped(3);
    await queue.close();
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    const again = await open();
    expect(again.restored).to.deep.equal(['b "\n☃', "c"]);
    expect(again.untold).to.equal(3);
    again.noteDropped(0);
    again.forget(0);
    await again.close();
    expect((await open()).restored).to.deep.equal(["c"]);
    expect(problems).to.deep.equal([]);
  });

  it("has what comes at the very moment when the last was written", async () => {
    for (let ticks = 0; ticks < 12; ticks++) {
      let queue: KeptQueue<string> | undefined;
      const late = async () => {
        for (let at = 0; at < ticks; at++) await Promise.resolve();
        queue?.keep(1, "b");
      };
      const disk: Disk = {
        ...realDisk,
        writeFrom: async (...args) => {
          const writer = await realDisk.writeFrom(...args);
          return { ...writer, sync: () => writer.sync().then(() => void late()) };
        },
      };
      queue = await open({ file: `${file}-${ticks}`, disk });
      queue.keep(0, "a");
      await queue.flushed();
      while (!readFileSync(`${file}-${ticks}`, "utf8").includes('"b"')) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  });

  it("stays small, however much goes through it", async () => {
    const queue = await open();
    const text = "x".repeat(1000);
    queue.keep(0, "stays");
    for (let at = 1; at < 1000; at++) {
      queue.keep(at, text + at);
      if (at > 5) queue.forget(at - 5);
      if (at % 10 === 0) await queue.flushed();
      expect(statSync(file).size).to.be.below(100_000);
    }
    await queue.close();
    expect((await open()).restored).to.deep.equal(["stays", ...[995, 996, 997, 998, 999].map((at) => text + at)]);
  });

  it("may end in the middle of a line: that is what a loss of power leaves", async () => {
    write(kept(0, "a"), kept(1, "b"), kept(2, "c").slice(0, -5));
    expect((await open()).restored).to.deep.equal(["a", "b"]);
    expect(problems).to.deep.equal([]);
    expect(readdirSync(path.dirname(file))).to.deep.equal(["messages.log"]);
  });

  const damages: readonly [string, (string | Buffer)[], string[]][] = [
    ["a changed byte", [kept(0, "a"), kept(1, "b").replace('"b"', '"B"'), kept(2, "c")], ["a", "c"]],
    ["zeros in it", [kept(0, "a"), Buffer.alloc(40), "\n", kept(2, "c")], ["a", "c"]],
    ["another's lines", ["hello\n", kept(2, "c")], ["c"]],
    ["a record of a later version", [lineOf({ keep: 0 } as never), kept(2, "c")], ["c"]],
  ];
  for (const [what, lines, restored] of damages) {
    it(`with ${what} is set aside with a warning, and what can be read of it is sent`, async () => {
      write(...lines);
      const before = readFileSync(file);
      const queue = await open();
      expect(queue.restored).to.deep.equal(restored);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(/messages\.log is damaged: 1 of its records can't be read.*messages\.log\.damaged/);
      expect(readFileSync(`${file}.damaged`).equals(before)).to.equal(true);
      await queue.close();
      problems.length = 0;
      expect((await open()).restored, "and the next time it is a good one").to.deep.equal(restored);
      expect(problems).to.deep.equal([]);
    });
  }

  it("that is none at all costs a warning, and nothing else", async () => {
    mkdirSync(path.join(file, "folder"), { recursive: true });
    const queue = await open();
    queue.keep(0, "a");
    await queue.close();
    expect(problems).to.have.length(1);
    expect(problems[0]).to.match(/messages\.log can't be read: EISDIR/);
    expect((await open()).restored).to.deep.equal(["a"]);
  });

  it("that can't be written costs one warning, and is written as soon as it can be", async () => {
    const disk = fullDisk();
    const queue = await open({ disk, retry: 1 });
    queue.keep(0, "a");
    queue.keep(1, "b");
    queue.forget(0);
    await waitFor("the retries", () => disk.failed >= 3, { everyMs: 1 });
    expect(problems).to.have.length(1);
    expect(problems[0]).to.match(/messages\.log can't be written: ENOSPC.*in memory only until it can be/);
    disk.isFull = false;
    await waitFor("the file", () => readdirSync(path.dirname(file)).includes("messages.log"), { everyMs: 1 });
    queue.keep(2, "c");
    await queue.close();
    expect((await open()).restored).to.deep.equal(["b", "c"]);
    expect(problems).to.have.length(1);
  });

  for (const [what, hasRoom, restored] of [
    ["works again by then", true, ["a"]],
    ["still fails", false, []],
  ] as const) {
    it(`is tried once more on closing, with a disk that ${what}`, async () => {
      const disk = fullDisk();
      const queue = await open({ disk });
      queue.keep(0, "a");
      await queue.flushed();
      const failed = disk.failed;
      disk.isFull = !hasRoom;
      await queue.close();
      expect(disk.failed - failed).to.equal(hasRoom ? 0 : 1);
      expect(problems).to.have.length(1);
      expect((await open()).restored).to.deep.equal(restored);
    });
  }

  it("goes on when whoever is told of a problem throws: that is an uncaught exception, as of any listener", async () => {
    const disk = fullDisk();
    const others = process.listeners("uncaughtException");
    const uncaught: Error[] = [];
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => uncaught.push(error));
    try {
      const onProblem = () => {
        throw new Error("from the listener");
      };
      const queue = await open({ disk, retry: 1, onProblem });
      queue.keep(0, "a");
      await waitFor("the retries", () => disk.failed >= 3, { everyMs: 1 });
      disk.isFull = false;
      await waitFor("the file", () => readdirSync(path.dirname(file)).includes("messages.log"), { everyMs: 1 });
      await queue.close();
      expect((await open()).restored).to.deep.equal(["a"]);
      expect(uncaught.map(({ message }) => message)).to.deep.equal(["from the listener"]);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of others) process.on("uncaughtException", listener);
    }
  });
});
