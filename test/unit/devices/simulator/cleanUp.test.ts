import { expect } from "chai";
import { cleanUp } from "../../../../devices/simulator/cleanUp";

describe("simulate: cleaning up", () => {
  it("takes each step, whatever became of those before, and says what is left", async () => {
    const taken: number[] = [];
    const left = await cleanUp([
      ["a release", () => Promise.reject(new Error("nobody answers"))],
      [
        "a folder",
        () => {
          throw new Error("it is in use");
        },
      ],
      ["a device", async () => void taken.push(1)],
      ["another release", async () => "it is still under way"],
      ["things", async () => ["a certificate", "a shadow"]],
      ["nothing", async () => void taken.push(2)],
    ]);
    expect(taken).to.deep.equal([1, 2]);
    expect(left).to.deep.equal([
      "a release: nobody answers",
      "a folder: it is in use",
      "it is still under way",
      "a certificate",
      "a shadow",
    ]);
  });
});
