import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { AlarmGroup } from "./alarmGroup";
import { FailureQueue } from "./failureQueue";
import { deliverMachineLogs, invoke, sendTo, traceMachine } from "./grants";
import type { Handler } from "./handler";
import { defaultLogRetentionInDays, type OperationsArgs } from "./operations";
import { reminderMachine } from "./reminderMachine";
import { watchMachine } from "./resourceAlarms";
import { ServiceRole } from "./serviceRole";

export interface ReminderLoopArgs extends OperationsArgs {
  /** Looks whether the anomaly stands and tells people; called once per reminder. */
  readonly remind: Handler<never, unknown>;
}

/** The state machine of an {@link AnomalyReminder}: one execution per anomaly, with logs, traces and a failure alarm. */
export class ReminderLoop extends pulumi.ComponentResource {
  readonly stateMachine: aws.sfn.StateMachine;
  /** Takes the reminders that could not be told after all retries. */
  readonly untold: FailureQueue;

  constructor(name: string, args: ReminderLoopArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:iot:ReminderLoop", name, {}, opts);
    const parent = { parent: this };
    const alarms = AlarmGroup.of(this, name, args);

    this.untold = new FailureQueue(
      `${name}-untold`,
      {
        description: `Reminders of ${name} that could not be told`,
        replayTo: args.remind.arn,
        ...alarms.operations,
      },
      parent,
    );
    const logGroup = new aws.cloudwatch.LogGroup(
      `${name}-loop-logs`,
      { retentionInDays: args.logRetentionInDays ?? defaultLogRetentionInDays },
      parent,
    );
    alarms.logGroups.push(logGroup);
    const role = new ServiceRole(
      `${name}-loop`,
      {
        service: "states.amazonaws.com",
        description: `What the reminder loop ${name} may do`,
        grants: [invoke(args.remind.arn), sendTo(this.untold.queue), deliverMachineLogs, traceMachine],
      },
      parent,
    );
    this.stateMachine = new aws.sfn.StateMachine(
      `${name}-loop`,
      {
        roleArn: role.arn,
        definition: pulumi
          .all([args.remind.arn, this.untold.queue.url])
          .apply(([remindFunctionArn, failureQueueUrl]) =>
            JSON.stringify(reminderMachine({ remindFunctionArn, failureQueueUrl })),
          ),
        loggingConfiguration: {
          level: "ERROR",
          includeExecutionData: true,
          logDestination: pulumi.interpolate`${logGroup.arn}:*`,
        },
        tracingConfiguration: { enabled: true },
      },
      parent,
    );
    watchMachine(alarms, `${name}-loop`, this.stateMachine, parent);
    alarms.close(this);

    this.registerOutputs({ stateMachine: this.stateMachine, untold: this.untold });
  }
}
