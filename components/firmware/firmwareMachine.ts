import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Grant, invoke, publishTo } from "../access/grants";
import type { Handler } from "../lambda/handler";
import { AlarmGroup } from "../observability/alarmGroup";
import type { OperationsArgs } from "../observability/operations";
import { watchedMachine } from "../observability/watchedMachine";
import { releaseMachine } from "./releaseMachine";

export interface FirmwareMachineArgs extends OperationsArgs {
  readonly check: Handler<never, unknown>;
  readonly steps: Handler<never, unknown>;
  readonly releases: aws.dynamodb.Table;
  readonly topicArn: pulumi.Input<string>;
}

/** The state machine of a {@link FirmwareRollout}: one execution per release, with logs, traces and failure alarms. */
export class FirmwareMachine extends pulumi.ComponentResource {
  readonly stateMachine: aws.sfn.StateMachine;

  constructor(name: string, args: FirmwareMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:firmware:FirmwareMachine", name, {}, opts);
    const { check, steps, releases, topicArn } = args;
    const parent = { parent: this };
    const alarms = AlarmGroup.of(this, name, args);

    this.stateMachine = watchedMachine(
      `${name}-release`,
      {
        description: `What the releases of ${name} may do`,
        grants: [invoke(check.arn), invoke(steps.arn), noteFailures(releases), publishTo(topicArn)],
        definition: pulumi
          .all([check.arn, steps.arn, releases.name, topicArn])
          .apply(([checkFunctionArn, stepsFunctionArn, tableName, topic]) =>
            JSON.stringify(releaseMachine({ checkFunctionArn, stepsFunctionArn, tableName, topicArn: topic })),
          ),
        logRetentionInDays: args.logRetentionInDays,
      },
      alarms,
      parent,
    );
    alarms.close(this);

    this.registerOutputs({ stateMachine: this.stateMachine });
  }
}

const noteFailures = (table: aws.dynamodb.Table): Grant => ({
  sid: "NoteFailures",
  actions: ["dynamodb:UpdateItem"],
  resources: [table.arn],
});
