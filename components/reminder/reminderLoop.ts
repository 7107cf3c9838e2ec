import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { invoke, sendTo } from "../access/grants";
import type { Handler } from "../lambda/handler";
import { AlarmGroup } from "../observability/alarmGroup";
import { FailureQueue } from "../observability/failureQueue";
import type { OperationsArgs } from "../observability/operations";
import { watchedMachine } from "../observability/watchedMachine";
import { reminderMachine } from "./reminderMachine";

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
    this.stateMachine = watchedMachine(
      `${name}-loop`,
      {
        description: `What the reminder loop ${name} may do`,
        grants: [invoke(args.remind.arn), sendTo(this.untold.queue)],
        definition: pulumi
          .all([args.remind.arn, this.untold.queue.url])
          .apply(([remindFunctionArn, failureQueueUrl]) =>
            JSON.stringify(reminderMachine({ remindFunctionArn, failureQueueUrl })),
          ),
        logRetentionInDays: args.logRetentionInDays,
      },
      alarms,
      parent,
    );
    alarms.close(this);

    this.registerOutputs({ stateMachine: this.stateMachine, untold: this.untold });
  }
}
