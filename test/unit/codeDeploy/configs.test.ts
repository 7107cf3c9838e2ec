import { expect } from "chai";
import { rolloutPresets } from "../../../components/lambda/rollout";
import { bakeMinutes, checkRouting, presets, weightAfter } from "../../../sandbox/codeDeploy/configs";
import { CodeDeployError } from "../../../sandbox/codeDeploy/errors";

const canary = (canaryPercentage: number, canaryInterval: number) => ({
  type: "TimeBasedCanary" as const,
  timeBasedCanary: { canaryPercentage, canaryInterval },
});
const linear = (linearPercentage: number, linearInterval: number) => ({
  type: "TimeBasedLinear" as const,
  timeBasedLinear: { linearPercentage, linearInterval },
});

describe("CodeDeploy's own configurations for functions", () => {
  it("are those that a Handler may name", () => {
    const names = rolloutPresets.map((preset) => `CodeDeployDefault.Lambda${preset}`);
    expect([...presets.keys()]).to.have.members(names);
  });

  const routings: [string, object][] = [
    ["AllAtOnce", { type: "AllAtOnce" }],
    ["Canary10Percent5Minutes", canary(10, 5)],
    ["Canary10Percent30Minutes", canary(10, 30)],
    ["Linear10PercentEvery1Minute", linear(10, 1)],
    ["Linear10PercentEvery10Minutes", linear(10, 10)],
  ];
  for (const [name, routing] of routings) {
    it(`shift traffic as ${name} says`, () => {
      expect(presets.get(`CodeDeployDefault.Lambda${name}`)?.trafficRoutingConfig).to.deep.equal(routing);
    });
  }
});

describe("a traffic routing", () => {
  const good: [object, minutes: number][] = [
    [{ type: "AllAtOnce" }, 0],
    [canary(1, 1), 1],
    [canary(99, 2_880), 2_880],
    [linear(10, 320), 2_880],
    [linear(50, 2_880), 2_880],
    [linear(99, 7), 7],
    [linear(30, 10), 30],
  ];
  for (const [routing, minutes] of good) {
    it(`may be ${JSON.stringify(routing)}, which takes ${minutes} minutes`, () => {
      expect(bakeMinutes(checkRouting(routing))).to.equal(minutes);
    });
  }

  const bad: [string, object | undefined, RegExp][] = [
    ["missing", undefined, /the type is .* not undefined/],
    ["of a type that there is not", { type: "BlueGreen" }, /not BlueGreen/],
    ["a canary without its settings", { type: "TimeBasedCanary" }, /percentage .* not undefined/],
    ["a canary with linear settings", { ...linear(10, 1), type: "TimeBasedCanary" }, /has no timeBasedLinear/],
    ["linear with a canary's settings", { ...canary(10, 1), type: "TimeBasedLinear" }, /has no timeBasedCanary/],
    ["all at once with settings", { ...canary(10, 1), type: "AllAtOnce" }, /AllAtOnce has no timeBasedCanary/],
    ["of no percent", canary(0, 5), /from 1 to 99, not 0/],
    ["of all percent", linear(100, 5), /from 1 to 99, not 100/],
    ["of half percents", canary(2.5, 5), /whole number from 1 to 99, not 2\.5/],
    ["of no minutes", canary(10, 0), /minutes from 1, not 0/],
    ["of half minutes", linear(10, 1.5), /whole number of minutes from 1, not 1\.5/],
    ["a canary of more than two days", canary(10, 2_881), /2881 minutes are more than 2880/],
    ["linear for more than two days", linear(10, 321), /2889 minutes are more than 2880/],
  ];
  for (const [what, routing, why] of bad) {
    it(`is not ${what}`, () => {
      expect(() => checkRouting(routing))
        .to.throw(CodeDeployError, why)
        .with.property("name", "InvalidTrafficRoutingConfigurationException");
    });
  }

  const weights: [string, Parameters<typeof weightAfter>[1], number[]][] = [
    ["all at once", { type: "AllAtOnce" }, [1, 1]],
    ["a canary", canary(10, 5), [0.1, 0.1, 0.1, 0.1, 0.1]],
    ["linear", linear(20, 2), [0.2, 0.2, 0.4, 0.4, 0.6, 0.6, 0.8, 0.8]],
    ["linear with a rest", linear(30, 1), [0.3, 0.6, 0.9, 0.9]],
  ];
  for (const [what, routing, expected] of weights) {
    it(`gives the new version, minute by minute, ${expected.join(", ")} of the calls: ${what}`, () => {
      expect(expected.map((_, minutes) => weightAfter(minutes, routing))).to.deep.equal(expected);
    });
  }
});
