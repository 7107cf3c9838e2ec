/** One failure queue, as the stack's output `failureQueues` lists them. */
export interface FailureQueueOutput {
  readonly name: string;
  readonly url: string;
  /** ARN of the function or queue that takes messages which are no documents of failure. */
  readonly replayTo?: string;
}

/** The stack's outputs about its TelemetryPipeline. */
export interface TelemetryOutputs {
  readonly databaseName: string;
  readonly workgroupName: string;
  readonly bucketName: string;
  readonly streamName: string;
  readonly storeFunctionName: string;
  readonly failureQueueUrl: string;
  readonly undeliveredQueueUrl: string;
}

/** The stack's outputs about one AnomalyReminder. */
export interface ReminderOutputs {
  readonly topicArn: string;
  readonly tableName: string;
  readonly historyTableName: string;
  readonly stateMachineArn: string;
  readonly startFunctionName: string;
  readonly remindFunctionName: string;
  readonly untoldQueueUrl: string;
  /** Seconds. */
  readonly interval: number;
  readonly count: number;
}

/** The stack's outputs about its FirmwareRollout. */
export interface FirmwareOutputs {
  readonly bucketName: string;
  readonly releasesTableName: string;
  readonly resultsTableName: string;
  readonly topicArn: string;
  readonly stateMachineArn: string;
  readonly apps: readonly string[];
  /** Bytes. */
  readonly maximumArtifactSize: number;
}

/** The stack's outputs about its DeviceApi. */
export interface ApiOutputs {
  /** Where it is reached, the stage included. */
  readonly url: string;
  readonly restApiId: string;
  readonly stageName: string;
  readonly userPoolId: string;
  readonly userPoolClientId: string;
  readonly ownershipTableName: string;
}
