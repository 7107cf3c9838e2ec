import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { AlarmGroup } from "./alarmGroup";
import { deliverMachineLogs, type Grant, invoke, publishTo, traceMachine } from "./grants";
import type { Handler } from "./handler";
import { defaultLogRetentionInDays, type OperationsArgs } from "./operations";
import { releaseMachine } from "./releaseMachine";
import { watchMachine } from "./resourceAlarms";
import { ServiceRole } from "./serviceRole";

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

    const logGroup = new aws.cloudwatch.LogGroup(
      `${name}-release-logs`,
      { retentionInDays: args.logRetentionInDays ?? defaultLogRetentionInDays },
      parent,
    );
    alarms.logGroups.push(logGroup);
    const role = new ServiceRole(
      `${name}-release`,
      {
        service: "states.amazonaws.com",
        description: `What the releases of ${name} may do`,
        grants: [
          invoke(check.arn),
          invoke(steps.arn),
          noteFailures(releases),
          publishTo(topicArn),
          deliverMachineLogs,
          traceMachine,
        ],
      },
      parent,
    );
    this.stateMachine = new aws.sfn.StateMachine(
      `${name}-release`,
      {
        roleArn: role.arn,
        definition: pulumi
          .all([check.arn, steps.arn, releases.name, topicArn])
          .apply(([checkFunctionArn, stepsFunctionArn, tableName, topic]) =>
            JSON.stringify(releaseMachine({ checkFunctionArn, stepsFunctionArn, tableName, topicArn: topic })),
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
    watchMachine(alarms, `${name}-release`, this.stateMachine, parent);
    alarms.close(this);

    this.registerOutputs({ stateMachine: this.stateMachine });
  }
}

const noteFailures = (table: aws.dynamodb.Table): Grant => ({
  sid: "NoteFailures",
  actions: ["dynamodb:UpdateItem"],
  resources: [table.arn],
});
