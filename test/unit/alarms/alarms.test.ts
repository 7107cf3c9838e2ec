import { expect } from "chai";
import { compileMath, MetricMathError } from "../../../sandbox/alarms/metricMath";
import { type AlarmState, stateOf } from "../../../sandbox/alarms/state";
import { WatchedAlarm } from "../../../sandbox/alarms/watchedAlarm";

describe("metric math", () => {
  const values = { errors: 1, calls: 4, none: undefined, zero: 0 };
  const cases: [string, number | undefined][] = [
    ["100 * errors / calls", 25],
    ["errors + calls * 2 - 1", 8],
    ["(errors + calls) * 2", 10],
    ["10 - 2 - 3", 5],
    ["-errors + 0.5", -0.5],
    ["FILL(none, 0) + FILL(calls, 0)", 4],
    ["FILL(none, 7)", 7],
    ["errors + none", undefined],
    ["errors / zero", undefined],
  ];
  for (const [expression, expected] of cases) {
    it(`${expression} is ${expected ?? "not measured"}`, () => {
      expect(compileMath(expression, Object.keys(values))(values)).to.equal(expected);
    });
  }
  for (const bad of ["", "errors +", "(errors", "nobody", "errors calls", "ANOMALY_DETECTION_BAND(errors, 2)"]) {
    it(`refuses ${JSON.stringify(bad)}, rather than guess`, () => {
      expect(() => compileMath(bad, Object.keys(values))).to.throw(MetricMathError, /cannot work out/);
    });
  }
});

describe("the state of an alarm", () => {
  const over = { ComparisonOperator: "GreaterThanThreshold", Threshold: 5 } as const;
  const cases: [string, Parameters<typeof stateOf>[0], (number | undefined)[], AlarmState | undefined][] = [
    ["rings over the threshold", over, [6], "ALARM"],
    ["does not ring at it", over, [5], "OK"],
    [
      "rings at it where the operator says so",
      { ...over, ComparisonOperator: "GreaterThanOrEqualToThreshold" },
      [5],
      "ALARM",
    ],
    ["rings below it where the operator says so", { ...over, ComparisonOperator: "LessThanThreshold" }, [4], "ALARM"],
    ["needs all periods", over, [6, 4], "OK"],
    ["needs as many as it says", { ...over, DatapointsToAlarm: 1 }, [6, 4], "ALARM"],
    ["is quiet without data where missing is good", { ...over, TreatMissingData: "notBreaching" }, [undefined], "OK"],
    ["rings without data where missing is bad", { ...over, TreatMissingData: "breaching" }, [undefined], "ALARM"],
    ["does not know without data", over, [undefined, undefined], "INSUFFICIENT_DATA"],
    [
      "stays as it is without data where that is ignored",
      { ...over, TreatMissingData: "ignore" },
      [undefined],
      undefined,
    ],
    ["counts only what there is", { ...over, DatapointsToAlarm: 1 }, [undefined, 6], "ALARM"],
  ];
  for (const [what, rule, values, state] of cases) {
    it(what, () => {
      expect(stateOf(rule, values)).to.equal(state);
    });
  }
});

describe("what an alarm looks at", () => {
  const now = 1_000_000;
  const point = (secondsAgo: number, value: number) => ({ at: now - secondsAgo * 1000, value });
  const alarm = (more: object) =>
    new WatchedAlarm({
      AlarmName: "a",
      Namespace: "AWS/SQS",
      MetricName: "Depth",
      Dimensions: [{ Name: "QueueName", Value: "q" }],
      Period: 10,
      EvaluationPeriods: 2,
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: 0,
      ...more,
    });
  const points = [point(25, 100), point(15, 1), point(12, 2), point(5, 3), point(1, 9)];
  const statistics: [string, object, (number | undefined)[]][] = [
    ["the sum of each period, the newest last", { Statistic: "Sum" }, [3, 12]],
    ["the maximum", { Statistic: "Maximum" }, [2, 9]],
    ["the average", { Statistic: "Average" }, [1.5, 6]],
    ["how many there were", { Statistic: "SampleCount" }, [2, 2]],
    ["a percentile", { ExtendedStatistic: "p50" }, [1, 3]],
    ["nothing where nothing was measured", { Statistic: "Sum", EvaluationPeriods: 4 }, [undefined, 100, 3, 12]],
  ];
  for (const [what, more, expected] of statistics) {
    it(`is ${what}`, () => {
      const watched = alarm(more);
      expect(watched.values(new Map([[watched.inputs[0]!, points]]), now)).to.deep.equal(expected);
    });
  }

  it("is an expression over several metrics, in the period of those", () => {
    const stat = (MetricName: string) => ({ Metric: { Namespace: "AWS/Lambda", MetricName }, Period: 20, Stat: "Sum" });
    const watched = alarm({
      Period: undefined,
      EvaluationPeriods: 1,
      Metrics: [
        { Id: "rate", Expression: "100 * errors / calls", ReturnData: true },
        { Id: "errors", MetricStat: stat("Errors"), ReturnData: false },
        { Id: "calls", MetricStat: stat("Invocations"), ReturnData: false },
      ],
    });
    const [errors, calls] = watched.inputs;
    expect([watched.period, watched.window]).to.deep.equal([20, 20_000]);
    expect(
      watched.values(
        new Map([
          [errors!, [point(1, 1)]],
          [calls!, [point(1, 1), point(2, 1)]],
        ]),
        now,
      ),
    ).to.deep.equal([50]);
  });
});
