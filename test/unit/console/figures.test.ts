import { expect } from "chai";
import { areaPath, linePath, niceScale } from "../../../console/src/logic/chart";
import { pollDelay } from "../../../console/src/logic/pollDelay";
import { releaseProgress } from "../../../console/src/logic/releaseProgress";
import { ago, duration } from "../../../console/src/logic/time";

describe("console: the scale of a chart", () => {
  const cases: [values: number[], ticks: number[]][] = [
    [
      [1.2, 10.2],
      [0, 2.5, 5, 7.5, 10, 12.5],
    ],
    [
      [0, 100],
      [0, 25, 50, 75, 100],
    ],
    [
      [-3, 4],
      [-4, -2, 0, 2, 4],
    ],
    [
      [0.001, 0.002],
      [0.001, 0.00125, 0.0015, 0.00175, 0.002],
    ],
    [
      [5, 5],
      [4.5, 4.75, 5, 5.25, 5.5],
    ],
    [
      [0, 0],
      [-1, -0.5, 0, 0.5, 1],
    ],
    [[], [0, 0.25, 0.5, 0.75, 1]],
  ];
  for (const [values, ticks] of cases) {
    it(`of ${JSON.stringify(values)} is ${ticks.join(", ")}`, () => {
      expect(niceScale(values).ticks).to.deep.equal(ticks);
    });
  }
});

describe("console: the lines of a chart", () => {
  const same = (value: number) => value;
  it("break where nothing came for too long", () => {
    const points = [0, 10, 40, 50].map((at) => ({ at, value: 1 }));
    expect(linePath(points, same, same, 15)).to.equal("M0.0 1.0L10.0 1.0M40.0 1.0L50.0 1.0");
  });
  it("the band goes there above and back below, and breaks with the line", () => {
    const span = (at: number) => ({ at, value: 2, low: 1, high: 3 });
    expect(areaPath([span(0), span(10), span(40)], same, same, 15)).to.equal(
      "M0.0 3.0L10.0 3.0L10.0 1.0L0.0 1.0ZM40.0 3.0L40.0 1.0Z",
    );
  });
});

describe("console: how often it asks", () => {
  const cases: [failures: number, random: number, delay: number][] = [
    [0, 0.5, 5000],
    [1, 0.5, 10_000],
    [2, 0.5, 20_000],
    [2, 0, 15_000],
    [2, 1, 25_000],
    [9, 0.5, 60_000],
  ];
  for (const [failures, random, delay] of cases) {
    it(`after ${failures} failures, at random ${random}: ${delay} ms`, () => {
      expect(pollDelay(5000, failures, random)).to.equal(delay);
    });
  }
});

describe("console: the progress of a release", () => {
  it("counts every end that is no success as failed, and fills the bar", () => {
    const { total, done, failed, segments } = releaseProgress({
      ...{ succeeded: 5, failed: 1, timedOut: 1, rejected: 1, canceled: 1, removed: 1, inProgress: 4, queued: 6 },
    });
    expect([total, done, failed]).to.deep.equal([20, 10, 5]);
    expect(segments).to.deep.equal([
      { kind: "succeeded", count: 5, start: 0, length: 0.25 },
      { kind: "failed", count: 5, start: 0.25, length: 0.25 },
      { kind: "inProgress", count: 4, start: 0.5, length: 0.2 },
      { kind: "queued", count: 6, start: 0.7, length: 0.3 },
    ]);
  });
  it("has nothing to show before there are devices", () => {
    expect(releaseProgress(undefined)).to.deep.equal({ total: 0, done: 0, failed: 0, segments: [] });
  });
});

describe("console: times", () => {
  for (const [milliseconds, text] of [
    [500, "now"],
    [-5000, "5s ago"],
    [-90_000, "1m ago"],
    [7_200_000, "in 2h"],
  ] as const) {
    it(`${milliseconds} ms from now is "${text}"`, () => expect(ago(1e12 + milliseconds, 1e12)).to.equal(text));
  }
  for (const [milliseconds, text] of [
    [4400, "4 s"],
    [60_000, "1 min"],
    [65_000, "1 min 5 s"],
    [630_000, "10 min"],
    [3_600_000, "1 h"],
    [5_400_000, "1 h 30 min"],
    [200_000_000, "2 days"],
    [-1, "0 s"],
  ] as const) {
    it(`${milliseconds} ms are "${text}"`, () => expect(duration(milliseconds)).to.equal(text));
  }
});
