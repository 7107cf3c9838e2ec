import { CodeDeployError } from "./errors";

/** How traffic is shifted, as CreateDeploymentConfig takes it. */
export interface TrafficRoutingConfig {
  readonly type: "AllAtOnce" | "TimeBasedCanary" | "TimeBasedLinear";
  readonly timeBasedCanary?: { readonly canaryPercentage: number; readonly canaryInterval: number };
  readonly timeBasedLinear?: { readonly linearPercentage: number; readonly linearInterval: number };
}

export interface DeploymentConfig {
  readonly deploymentConfigId: string;
  readonly deploymentConfigName: string;
  readonly computePlatform: "Lambda";
  readonly createTime: number;
  readonly trafficRoutingConfig: TrafficRoutingConfig;
}

export const allAtOnce = "CodeDeployDefault.LambdaAllAtOnce";

/** From the first to the last step there may be, in minutes. */
const maximumMinutes = 2_880;

/**
 * Limits: https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html
 * @throws CodeDeployError InvalidTrafficRoutingConfigurationException
 */
export function checkRouting(routing: Partial<TrafficRoutingConfig> | undefined): TrafficRoutingConfig {
  const { type, timeBasedCanary: canary, timeBasedLinear: linear } = routing ?? {};
  if (type !== "AllAtOnce" && type !== "TimeBasedCanary" && type !== "TimeBasedLinear") {
    return refuse(`the type is AllAtOnce, TimeBasedCanary or TimeBasedLinear, not ${type}`);
  }
  if (canary && type !== "TimeBasedCanary") refuse(`${type} has no timeBasedCanary`);
  if (linear && type !== "TimeBasedLinear") refuse(`${type} has no timeBasedLinear`);
  const checked = { ...routing, type };
  if (type === "AllAtOnce") return checked;
  const percentage = canary?.canaryPercentage ?? linear?.linearPercentage;
  const interval = canary?.canaryInterval ?? linear?.linearInterval;
  if (!isWhole(percentage, 1, 99)) refuse(`the percentage is a whole number from 1 to 99, not ${percentage}`);
  if (!isWhole(interval, 1)) refuse(`the interval is a whole number of minutes from 1, not ${interval}`);
  const minutes = bakeMinutes(checked);
  return minutes > maximumMinutes ? refuse(`${minutes} minutes are more than ${maximumMinutes}`) : checked;
}

const isWhole = (value: number | undefined, least: number, most = Number.POSITIVE_INFINITY) =>
  Number.isInteger(value) && value! >= least && value! <= most;

function refuse(why: string): never {
  const message = `This is no trafficRoutingConfig for Lambda: ${why}`;
  throw new CodeDeployError("InvalidTrafficRoutingConfigurationException", message);
}

/** Minutes from the first to the last step. */
export function bakeMinutes({ timeBasedCanary: canary, timeBasedLinear: linear }: TrafficRoutingConfig): number {
  if (canary) return canary.canaryInterval;
  return linear ? (Math.ceil(100 / linear.linearPercentage) - 1) * linear.linearInterval : 0;
}

/** The share of calls that the new version has some minutes after the first step and before the last, 0 to 1. */
export function weightAfter(minutes: number, routing: TrafficRoutingConfig): number {
  const { timeBasedCanary: canary, timeBasedLinear: linear } = routing;
  if (canary) return canary.canaryPercentage / 100;
  if (!linear) return 1;
  const last = Math.ceil(100 / linear.linearPercentage) - 1;
  return (linear.linearPercentage * Math.min(last, 1 + Math.floor(minutes / linear.linearInterval))) / 100;
}

const preset = (name: string, trafficRoutingConfig: TrafficRoutingConfig): [string, DeploymentConfig] => {
  const deploymentConfigName = `CodeDeployDefault.Lambda${name}`;
  const config = { deploymentConfigId: deploymentConfigName, deploymentConfigName, createTime: 0 };
  return [deploymentConfigName, { ...config, computePlatform: "Lambda", trafficRoutingConfig }];
};

/** AWS's own configurations for functions, by their names. */
export const presets: ReadonlyMap<string, DeploymentConfig> = new Map([
  preset("AllAtOnce", { type: "AllAtOnce" }),
  ...[5, 10, 15, 30].map((canaryInterval) =>
    preset(`Canary10Percent${canaryInterval}Minutes`, {
      type: "TimeBasedCanary",
      timeBasedCanary: { canaryPercentage: 10, canaryInterval },
    }),
  ),
  ...[1, 2, 3, 10].map((linearInterval) =>
    preset(`Linear10PercentEvery${linearInterval}Minute${linearInterval === 1 ? "" : "s"}`, {
      type: "TimeBasedLinear",
      timeBasedLinear: { linearPercentage: 10, linearInterval },
    }),
  ),
]);
