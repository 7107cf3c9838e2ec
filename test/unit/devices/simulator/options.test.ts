import { expect } from "chai";
import { UsageError } from "../../../../common/commandLine";
import { groupsOf, seeded } from "../../../../devices/simulator/faults";
import { help, readOptions } from "../../../../devices/simulator/options";
import { nextVersion } from "../../../../devices/simulator/simulatedRelease";
import { buildOf } from "../../../../functions/firmware/builds";

describe("devices: simulator's command line", () => {
  const read = (line: string) => readOptions(line.split(" ").filter(Boolean));

  it("has usual values, and takes others", () => {
    const none = { release: undefined, rollout: undefined, stack: undefined, outputsFolder: undefined };
    const usual = { devices: 50, faults: {}, seed: 1, imageSize: 65_536, timeout: 300, json: false };
    expect(read("")).to.deep.equal({ ...usual, ...none });
    const faulty = "--devices 200 --faults offline=0.1,corrupt=0.05 --seed 7 --size 10 --timeout 9 --stack dev --json";
    expect(read(`${faulty} --release 2.1 --rate 50 --abort 10:20`)).to.deep.equal({
      release: "2.1",
      rollout: {
        maximumPerMinute: 50,
        abort: [{ failureType: "ALL", thresholdPercentage: 10, minNumberOfExecutedThings: 20 }],
      },
      devices: 200,
      faults: { offline: 0.1, corrupt: 0.05 },
      seed: 7,
      imageSize: 10,
      timeout: 9,
      stack: "dev",
      outputsFolder: undefined,
      json: true,
    });
    expect(read("--outputs /run-1/outputs.json")).to.include({ outputsFolder: "/run-1" });
    expect(read("--help")).to.equal(undefined);
    const options = [
      "devices",
      "faults",
      "seed",
      "release",
      "size",
      "rate",
      "abort",
      "timeout",
      "stack",
      "outputs",
      "json",
    ];
    for (const option of options) expect(help).to.include(`  --${option} `);
  });

  const bad: readonly [line: string, message: string][] = [
    ["--devices 0", "--devices must be a whole number from 1 to 5000, not 0"],
    ["--devices many", "--devices must be a whole number from 1 to 5000, not many"],
    ["--seed 1.5", "--seed must be a whole number from 0 to 1000000, not 1.5"],
    ["--faults rust=0.1", '--faults: there is no fault "rust"; there are offline, corrupt, slow, crash, reject, fail'],
    ["--faults slow", "--faults: slow=: the share has to be a number from 0 to 1"],
    ["--faults slow=2", "--faults: slow=2: the share has to be a number from 0 to 1"],
    ["--faults slow=0.6,fail=0.6", "--faults: the shares come to 1.2; a device has one fault at most, so to 1 at most"],
    ["--release banana", '--release: "banana" is not two or three numbers with dots'],
    ["--release 2", '--release: "2" has only one part; write "2.0"'],
    ["--rate many", "--rate must be a number, not many"],
    ["--stack dev --outputs /run-1/outputs.json", "--stack and --outputs exclude each other"],
    ["--outputs /run-1", "--outputs /run-1 is no outputs.json"],
    ["2.0", "2.0 belongs to no option"],
    ["--fast", "Unknown option '--fast'"],
  ];
  for (const [line, message] of bad) {
    it(`refuses ${line}`, () => {
      expect(() => read(line))
        .to.throw(UsageError)
        .with.property("message")
        .that.includes(message);
    });
  }
});

describe("devices: the version that is simulated next", () => {
  const cases: readonly [string[], string][] = [
    [[], "2.0"],
    [["2.0"], "2.1"],
    [["2.9", "2.10", "1.0"], "2.11"],
    [["2.3.7"], "2.4"],
    [["2.999"], "3.0"],
  ];
  for (const [versions, next] of cases) {
    it(`after ${versions.join(", ") || "none"}: ${next}`, () => {
      const refused = { version: "9.9", build: undefined };
      const taken = versions.map((version) => ({ version, build: buildOf(version) }));
      expect(nextVersion([refused, ...taken])).to.equal(next);
    });
  }
});

describe("devices: simulator's faults", () => {
  const shares = { offline: 0.1, corrupt: 0.05, crash: 0.2 };
  const groups = (seed: number) => groupsOf(200, shares, seeded(seed));
  const count = (name: string) => groups(7).filter((group) => group === name).length;

  it("are as many as the shares say", () => {
    expect(["offline", "corrupt", "crash", "healthy"].map(count)).to.deep.equal([20, 10, 40, 130]);
    expect(groupsOf(3, { offline: 0.5, crash: 0.5 }, seeded(1))).to.have.length(3);
  });

  it("are on the same devices with the same seed, and on others with another", () => {
    expect(groups(7)).to.deep.equal(groups(7));
    expect(groups(7)).not.to.deep.equal(groups(8));
  });
});
