import type * as pulumi from "@pulumi/pulumi";
import type { LiveFunctions } from "../lambda/liveFunctions";
import type { AlarmGroup } from "./alarmGroup";
import type { AlarmThresholds } from "./alarmThresholds";
import type { Observability } from "./observability";

/** What every component that runs something takes from the stack: where its alarms ring, how long its logs stay. */
export interface OperationsArgs {
  /** ARN of the SNS topic that alarms and their all-clears go to. Without it alarms change state but tell nobody. */
  readonly alarmTopicArn?: pulumi.Input<string>;
  /**
   * Days that logs are kept.
   * @default 30
   */
  readonly logRetentionInDays?: pulumi.Input<number>;
  /**
   * When its alarms ring.
   * @default each threshold has its own
   */
  readonly thresholds?: AlarmThresholds;
  /**
   * What shows all that is watched on one dashboard.
   * @default alarms ring, no dashboard shows them
   */
  readonly observability?: Observability;
  /**
   * The group that its alarms ring with; a component hands it to its children, see {@link AlarmGroup.of}.
   * @default a group of its own, so that one fault rings once
   */
  readonly alarms?: AlarmGroup;
  /**
   * What releases its functions: new versions get their calls by CodeDeploy, with hooks, alarms and a way back.
   * @default the newest version gets all calls at once
   */
  readonly liveFunctions?: LiveFunctions;
}

/** The retention periods that CloudWatch Logs takes, in days. */
export const logRetentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

export const defaultLogRetentionInDays = 30;
