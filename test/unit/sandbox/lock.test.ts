import { spawnSync } from "node:child_process";
import { existsSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { withLock } from "../../../sandbox/ministack/lock";
import { temporaryFolder } from "./fakePython";

describe("withLock", () => {
  const folder = temporaryFolder();
  let count = 0;
  const nobodyWaits = () => expect.fail("waited for a lock that nobody holds");
  const newLock = () => path.join(folder, `${++count}.lock`);

  it("lets one at a time work, tells who waits, and leaves nothing", async () => {
    const lock = newLock();
    let working = 0;
    let most = 0;
    let waited = 0;
    const work = async () => {
      most = Math.max(most, ++working);
      await sleep(10);
      working--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(lock, work, () => waited++)));
    expect({ most, waited }).to.deep.equal({ most: 1, waited: 2 });
    expect(existsSync(lock)).to.equal(false);
  });

  it("hands on what the work returns or throws, and is free afterwards", async () => {
    const lock = newLock();
    expect(await withLock(lock, async () => 42, nobodyWaits)).to.equal(42);
    const failure = await withLock(lock, () => Promise.reject(new Error("broken")), nobodyWaits).catch(
      (error) => error,
    );
    expect(failure).to.include({ message: "broken" });
    expect(await withLock(lock, async () => "again", nobodyWaits)).to.equal("again");
  });

  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  const stale: { what: string; content: string; ageSeconds: number }[] = [
    {
      what: "a process that is gone",
      content: JSON.stringify({ pid: gone, host: hostname(), id: "x" }),
      ageSeconds: 0,
    },
    {
      what: "a process that does not touch it any more, though its id is in use again",
      content: JSON.stringify({ pid: process.pid, host: hostname(), id: "x" }),
      ageSeconds: 60,
    },
    { what: "a process that died while it wrote it", content: "", ageSeconds: 60 },
  ];
  for (const { what, content, ageSeconds } of stale) {
    it(`takes over the lock of ${what}`, async () => {
      const lock = newLock();
      writeFileSync(lock, content);
      const then = new Date(Date.now() - ageSeconds * 1000);
      utimesSync(lock, then, then);
      expect(await withLock(lock, async () => "done", nobodyWaits)).to.equal("done");
    });
  }

  const held: { what: string; content: string }[] = [
    { what: "a process that lives", content: JSON.stringify({ pid: process.pid, host: hostname(), id: "x" }) },
    { what: "a process of another machine", content: JSON.stringify({ pid: gone, host: "elsewhere", id: "x" }) },
    { what: "a process that is just writing it", content: "" },
  ];
  for (const { what, content } of held) {
    it(`leaves the fresh lock of ${what}`, async () => {
      const lock = newLock();
      writeFileSync(lock, content);
      let worked = false;
      const waiting = new Promise<void>((resolve) => {
        void withLock(
          lock,
          async () => {
            worked = true;
          },
          resolve,
        ).then(() => undefined);
      });
      await waiting;
      expect(worked).to.equal(false);
      const released = new Date(0); // lets the one that waits end
      utimesSync(lock, released, released);
    });
  }
});
