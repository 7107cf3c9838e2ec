import { expect } from "chai";
import { buildOf, versionProblem } from "../../../functions/firmware/builds";

describe("builds", () => {
  const builds: [string, number][] = [
    ["0.0", 0],
    ["1.0", 1_000_000],
    ["1.9", 1_009_000],
    ["1.10", 1_010_000],
    ["2.0", 2_000_000],
    ["2.0.0", 2_000_000],
    ["2.0.1", 2_000_001],
    ["2.10.3", 2_010_003],
    ["2146.999.999", 2_146_999_999],
  ];
  for (const [version, build] of builds) {
    it(`${version} is ${build}`, () => expect(buildOf(version)).to.equal(build));
  }

  it("keeps the order of versions, and fits into 32 bits", () => {
    const ordered = ["0.1", "0.1.1", "0.999.999", "1.0", "1.2", "1.9", "1.10", "1.10.1", "2.0", "2146.999.999"];
    const numbers = ordered.map(buildOf);
    expect(numbers).to.deep.equal([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).to.equal(ordered.length);
    expect(Math.max(...numbers)).to.be.below(2 ** 31);
  });

  const bad: [unknown, RegExp][] = [
    ["banana", /"banana" is not two or three numbers/],
    ["", /"" is not two or three numbers/],
    ["2", /only one part; write "2\.0"/],
    ["1.2.3-beta", /suffix; pre-releases/],
    ["1.2.3+5", /suffix/],
    ["1.2.3.4", /not two or three numbers/],
    ["v1.2", /not two or three numbers/],
    ["1.", /not two or three numbers/],
    [".1", /not two or three numbers/],
    ["-1.0", /not two or three numbers/],
    [" 1.0", /not two or three numbers/],
    ["1.0\n", /not two or three numbers/],
    ["1.٣", /not two or three numbers/],
    ["01.2", /leading zero in "01"/],
    ["1.02", /leading zero in "02"/],
    ["1.0.00", /leading zero in "00"/],
    ["1.1000", /minor part 1000; 999/],
    ["1.0.1000", /patch part 1000; 999/],
    ["2147.0", /major part 2147; 2146/],
    [`${"9".repeat(400)}.0`, /major part/],
    [2, /must be a text .* not 2/],
    [undefined, /must be a text/],
    [null, /must be a text .* not null/],
  ];
  for (const [version, reason] of bad) {
    it(`refuses ${JSON.stringify(version)?.slice(0, 30)}`, () => {
      expect(versionProblem(version)).to.match(reason);
      expect(() => buildOf(version as string)).to.throw(reason);
    });
  }
});
