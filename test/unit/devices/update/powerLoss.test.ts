import { expect } from "chai";
import fc from "fast-check";
import { image, sha256, World } from "./agentWorld";

/** What must hold whenever anybody looks. */
function checkTruth(world: World, jobId: string, old: Buffer | undefined, released: Buffer) {
  const status = world.jobs.executions.find((execution) => execution.jobId === jobId)?.status;
  const runs = world.runs();
  const content = runs && sha256(runs);
  const allowed = [old && sha256(old), sha256(released)];
  expect(allowed, "what runs is whole: the old image or the new one").to.include(content);
  if (status === "SUCCEEDED") expect(content, "SUCCEEDED is no lie").to.equal(sha256(released));
  if (status === "FAILED") expect(content, "FAILED is no lie").to.equal(old && sha256(old));
}

/** Things that are done, on the disk and in the cloud, in an update that nothing disturbs. */
async function operationsOf(world: World): Promise<number> {
  world.start();
  await world.settle();
  await world.stop();
  return world.disk.operations;
}

const old = image("old");
const released = image("new");

/** A device that runs an updated image already, with the job for the next one waiting. */
async function updatedOnce(world: World): Promise<World> {
  world.release("first", old, "1.5");
  world.start();
  await world.settle();
  await world.stop();
  world.disk.restorePower();
  world.release("second", released, "2.0");
  return world;
}

describe("devices: an update over a loss of power", () => {
  const situations: readonly [string, Buffer | undefined, (random: () => number) => Promise<World>, string][] = [
    [
      "of a device as it was made",
      undefined,
      async (random) => {
        const world = new World({}, random);
        world.release("second", released);
        return world;
      },
      "SUCCEEDED",
    ],
    ["of one that was updated before", old, (random) => updatedOnce(new World({}, random)), "SUCCEEDED"],
    [
      "whose self-test fails",
      old,
      (random) => {
        const selfTest = ({ version }: { version: string }) => {
          if (version === "2.0") throw new Error("it does not start");
        };
        return updatedOnce(new World({ selfTest }, random));
      },
      "FAILED",
    ],
    [
      "whose download breaks off twice",
      old,
      async (random) => {
        const world = await updatedOnce(new World({}, random));
        world.images.faults.push({ breakAfter: 300 }, { breakAfter: 300 });
        return world;
      },
      "SUCCEEDED",
    ],
  ];
  for (const [what, before, make, end] of situations) {
    for (const left of [0.1, 0.6]) {
      it(`at each thing it does, ${what} (${left} of what was not synced): true, whole, and on to ${end}`, async () => {
        const random = () => left;
        const operations = await operationsOf(await make(random));
        expect(operations).to.be.above(20);
        for (let at = 1; at <= operations; at++) {
          const world = await make(random);
          world.disk.losePowerAt(at);
          world.start();
          await world.settle();
          expect(world.disk.isOff, `operation ${at} came`).to.equal(true);
          world.restorePower();
          checkTruth(world, "second", before, released);
          world.start();
          await world.settle();
          await world.stop();
          checkTruth(world, "second", before, released);
          expect(world.jobs.executions.at(-1)?.status, `power lost at operation ${at}`).to.equal(end);
        }
      });
    }
  }

  it("again and again, with answers that get lost, jobs that are cancelled, and images that are damaged", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 6 }),
        fc.record({
          lost: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 4 }),
          cancelAt: fc.option(fc.integer({ min: 0, max: 14 }), { nil: undefined }),
          isDamaged: fc.boolean(),
          selfTestFails: fc.boolean(),
        }),
        async (numbers, losses, { lost, cancelAt, isDamaged, selfTestFails }) => {
          const random = () => numbers.next().value as number;
          const selfTest = ({ version }: { version: string }) => {
            if (selfTestFails && version === "2.0") throw new Error("it does not start");
          };
          const world = await updatedOnce(new World({ selfTest }, random));
          if (isDamaged) world.images.files.set("https://images/2.0", image("bad"));
          let requests = 0;
          world.jobs.onRequest = async (_, moment) => {
            await world.disk.operate();
            if (moment === "asked" && requests++ === cancelAt) world.jobs.end("second", "CANCELED");
            if (moment === "answered" && lost.includes(requests)) throw new Error("the answer was lost");
          };
          for (const at of losses) {
            world.disk.losePowerAt(at);
            world.start();
            await world.settle();
            world.restorePower();
            checkTruth(world, "second", old, released);
          }
          world.start();
          await world.settle();
          await world.stop();
          checkTruth(world, "second", old, released);
          const { status, statusDetails } = world.jobs.executions.at(-1)!;
          expect(["SUCCEEDED", "FAILED", "CANCELED"]).to.include(status);
          if (status === "FAILED") expect(statusDetails.reason).to.be.a("string").and.not.equal("");
        },
      ),
      { numRuns: 300 },
    );
  });
});
