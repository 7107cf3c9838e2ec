import { expect } from "chai";
import sinon from "sinon";
import { ChangeQueue, type Due } from "../../../sandbox/fleetIndex/changeQueue";

describe("the queue of changes", () => {
  const LAG = 1000;
  let clock: sinon.SinonFakeTimers;
  let handed: Due[];
  let said: string[];
  beforeEach(() => {
    clock = sinon.useFakeTimers();
    handed = [];
    said = [];
  });
  afterEach(() => clock.restore());

  const queueOf = (work: (due: Due) => Promise<void> = async (due) => void handed.push(due)) =>
    new ChangeQueue(LAG, work, (line) => said.push(line));
  const change = (thingName: string) => ({ change: { thingName, heard: 1, apply: (thing: never) => thing } });
  const changed = () => handed.map(({ changes }) => changes.map(({ thingName }) => thingName));

  it("hands a change over after the lag, and not before", async () => {
    queueOf().add(change("a"));
    await clock.tickAsync(LAG - 1);
    expect(handed).to.have.length(0);
    await clock.tickAsync(1);
    expect(changed()).to.deep.equal([["a"]]);
  });

  it("hands over together, and in order, what is due together", async () => {
    const queue = queueOf();
    for (const name of ["a", "b", "a"]) queue.add(change(name));
    queue.add({ thing: "x" });
    queue.add({ thing: "x" });
    queue.add({ group: "g" });
    await clock.tickAsync(LAG / 2);
    queue.add(change("later"));
    await clock.tickAsync(LAG / 2);
    expect(changed()).to.deep.equal([["a", "b", "a"]]);
    const [{ things, groups, everything }] = handed as [Due];
    expect({ things: [...things], groups: [...groups], everything }).to.deep.equal({
      things: ["x"],
      groups: ["g"],
      everything: false,
    });
    await clock.tickAsync(LAG / 2);
    expect(changed()).to.deep.equal([["a", "b", "a"], ["later"]]);
  });

  it("lets a sweep go first, which does not wait", async () => {
    const queue = queueOf();
    queue.add(change("a"));
    queue.add({ everything: true }, 0);
    await clock.tickAsync(0);
    expect(handed.map(({ everything }) => everything)).to.deep.equal([true]);
    await clock.tickAsync(LAG);
    expect(changed()).to.deep.equal([[], ["a"]]);
  });

  it("begins nothing before what is under way is done: what was heard meanwhile comes after what was read", async () => {
    const order: string[] = [];
    const queue = queueOf(async ({ everything, changes }) => {
      order.push(everything ? "reads" : `hears ${changes.length}`);
      if (everything) await new Promise((resolve) => setTimeout(resolve, 5 * LAG));
      order.push("done");
    });
    queue.add({ everything: true }, 0);
    await clock.tickAsync(1);
    queue.add(change("a"));
    await clock.tickAsync(4 * LAG);
    expect(order).to.deep.equal(["reads"]);
    await clock.tickAsync(LAG);
    expect(order).to.deep.equal(["reads", "done", "hears 1", "done"]);
  });

  it("tries again what failed, says so, and loses nothing", async () => {
    let failing = true;
    const queue = queueOf(async (due) => {
      if (failing) throw new Error("MiniStack is busy");
      handed.push(due);
    });
    queue.add(change("a"));
    await clock.tickAsync(LAG);
    expect(said).to.have.length(1);
    expect(said[0]).to.contain("MiniStack is busy");
    failing = false;
    queue.add(change("b"));
    await clock.tickAsync(2 * LAG);
    expect(changed().flat()).to.deep.equal(["a", "b"]);
  });

  it("has nothing left when it is cleared, not even what was under way then and failed", async () => {
    let calls = 0;
    const queue = queueOf(async () => {
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, LAG));
      throw new Error("MiniStack is busy");
    });
    queue.add({ everything: true }, 0);
    await clock.tickAsync(1);
    const cleared = queue.clear();
    await clock.tickAsync(LAG);
    await cleared;
    await clock.tickAsync(10 * LAG);
    expect(calls).to.equal(1);
  });

  it("is silent after it was closed, and lets what is under way finish", async () => {
    let finished = false;
    const queue = queueOf(async () => {
      await new Promise((resolve) => setTimeout(resolve, LAG));
      finished = true;
    });
    queue.add(change("a"), 0);
    await clock.tickAsync(1);
    queue.add(change("b"));
    const closing = queue.close();
    queue.add(change("c"));
    await clock.tickAsync(10 * LAG);
    await closing;
    expect(finished).to.equal(true);
    expect(clock.countTimers()).to.equal(0);
  });
});
