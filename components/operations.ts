import type * as pulumi from "@pulumi/pulumi";

/** What every component that runs something takes from the stack: where its alarms ring, how long its logs stay. */
export interface OperationsArgs {
  /** ARN of the SNS topic that alarms and their all-clears go to. Without it alarms change state but tell nobody. */
  readonly alarmTopicArn?: pulumi.Input<string>;
  /**
   * Days that logs are kept.
   * @default 30
   */
  readonly logRetentionInDays?: pulumi.Input<number>;
}

/** The retention periods that CloudWatch Logs takes, in days. */
export const logRetentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

export const defaultLogRetentionInDays = 30;
