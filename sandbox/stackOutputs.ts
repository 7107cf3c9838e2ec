/** The stack's outputs about one AnomalyReminder. */
export interface ReminderOutputs {
  readonly topicArn: string;
  readonly tableName: string;
  readonly stateMachineArn: string;
  readonly startFunctionName: string;
  readonly remindFunctionName: string;
  readonly untoldQueueUrl: string;
  /** Seconds. */
  readonly interval: number;
  readonly count: number;
}
