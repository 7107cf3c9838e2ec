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

/** From one step to the next there may be, in minutes. */
const maximumMinutes = 2_880;

/** @throws CodeDeployError as AWS does */
export function checkRouting(routing: TrafficRoutingConfig | undefined): TrafficRoutingConfig {
  const refuse = (why: string): never => {
    throw new CodeDeployError("InvalidTrafficRoutingConfigurationException", why);
  };
  if (!routing) return refuse("A deployment configuration for Lambda needs a trafficRoutingConfig");
  const { timeBasedCanary: canary, timeBasedLinear: linear } = routing;
  const percentage = canary?.canaryPercentage ?? linear?.linearPercentage;
  const interval = canary?.canaryInterval ?? linear?.linearInterval;
  if (routing.type === "AllAtOnce") return routing;
  if ((routing.type === "TimeBasedCanary" ? canary : linear) === undefined)
    refuse(`${routing.type} lacks its settings`);
  if (!(Number.isInteger(percentage) && percentage! >= 1 && percentage! <= 99)) refuse("the percentage is 1 to 99");
  if (!(Number.isInteger(interval) && interval! >= 1)) refuse("the interval is at least a minute");
  if (bakeMinutes(routing) > maximumMinutes) refuse(`more than ${maximumMinutes} minutes`);
  return routing;
}

/** Minutes from the first to the last step. */
export function bakeMinutes({ timeBasedCanary: canary, timeBasedLinear: linear }: TrafficRoutingConfig): number {
  if (canary) return canary.canaryInterval;
  return linear ? (Math.ceil(100 / linear.linearPercentage) - 1) * linear.linearInterval : 0;
}

/** One of AWS's own for functions, read from its name: `CodeDeployDefault.LambdaCanary10Percent30Minutes`. */
export function presetConfig(name: string): DeploymentConfig | undefined {
  const routing = presetRouting(name);
  return (
    routing && {
      deploymentConfigId: name,
      deploymentConfigName: name,
      computePlatform: "Lambda",
      createTime: 0,
      trafficRoutingConfig: routing,
    }
  );
}

function presetRouting(name: string): TrafficRoutingConfig | undefined {
  if (name === "CodeDeployDefault.LambdaAllAtOnce") return { type: "AllAtOnce" };
  const canary = /^CodeDeployDefault\.LambdaCanary10Percent(5|10|15|30)Minutes$/.exec(name);
  if (canary) {
    return { type: "TimeBasedCanary", timeBasedCanary: { canaryPercentage: 10, canaryInterval: Number(canary[1]) } };
  }
  const linear = /^CodeDeployDefault\.LambdaLinear10PercentEvery(1|2|3|10)Minutes?$/.exec(name);
  return linear
    ? { type: "TimeBasedLinear", timeBasedLinear: { linearPercentage: 10, linearInterval: Number(linear[1]) } }
    : undefined;
}
