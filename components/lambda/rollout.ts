import type { Check } from "../args/argumentErrors";

/** How CodeDeploy moves the calls of a function to a new version; each is AWS's `CodeDeployDefault.Lambda<preset>`. */
export const rolloutPresets = [
  "AllAtOnce",
  "Canary10Percent5Minutes",
  "Canary10Percent10Minutes",
  "Canary10Percent15Minutes",
  "Canary10Percent30Minutes",
  "Linear10PercentEvery1Minute",
  "Linear10PercentEvery2Minutes",
  "Linear10PercentEvery3Minutes",
  "Linear10PercentEvery10Minutes",
] as const;

export type RolloutPreset = (typeof rolloutPresets)[number];

/** A rollout of one's own. */
export interface CustomRollout {
  /** `canary`: a share first, and after the interval the rest. `linear`: the same share again after each interval. */
  readonly type: "canary" | "linear";
  /** Percent of the calls that a step moves, 1 to 99. */
  readonly percentage: number;
  /** Minutes from one step to the next; from the first to the last there may be 2,880, two days. */
  readonly interval: number;
}

/** How a new version of a function gets its traffic. */
export type Rollout = RolloutPreset | CustomRollout;

/** Minutes from the first to the last step that CodeDeploy allows. */
const maximumMinutes = 2_880;

/** One of CodeDeploy's presets, or a custom rollout within CodeDeploy's limits. */
export const rollout: Check<Rollout> = (value) => {
  if (typeof value === "string") {
    return rolloutPresets.includes(value)
      ? undefined
      : `must be one of ${rolloutPresets.join(", ")}, or { type, percentage, interval }, not ${JSON.stringify(value)}`;
  }
  if (typeof value !== "object" || value === null) {
    return `must be a preset such as Canary10Percent30Minutes, or { type, percentage, interval }, not ${JSON.stringify(value)}`;
  }
  const { type, percentage, interval, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown) return `has ${JSON.stringify(unknown)} in it; it takes type, percentage and interval`;
  if (type !== "canary" && type !== "linear") return `has the type ${JSON.stringify(type)}; it is "canary" or "linear"`;
  if (!Number.isInteger(percentage) || percentage < 1 || percentage > 99) {
    return `has a percentage of ${JSON.stringify(percentage)}; it must be a whole number from 1 to 99`;
  }
  if (!Number.isInteger(interval) || interval < 1) {
    return `has an interval of ${JSON.stringify(interval)}; it must be a whole number of minutes from 1`;
  }
  const minutes = interval * intervalsOf(value);
  return minutes > maximumMinutes
    ? `takes ${minutes} minutes from the first to the last step; CodeDeploy allows ${maximumMinutes}, two days`
    : undefined;
};

/** How often a rollout waits: once as a canary, between all its steps when it is linear. */
const intervalsOf = ({ type, percentage }: CustomRollout) => (type === "canary" ? 1 : Math.ceil(100 / percentage) - 1);
