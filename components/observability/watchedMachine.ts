import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { deliverMachineLogs, type Grant, traceMachine } from "../access/grants";
import { ServiceRole } from "../access/serviceRole";
import type { AlarmGroup } from "./alarmGroup";
import { defaultLogRetentionInDays, type OperationsArgs } from "./operations";
import { watchMachine } from "./resourceAlarms";

export interface WatchedMachineArgs extends Pick<OperationsArgs, "logRetentionInDays"> {
  /** What its role is for, in a sentence. */
  readonly description: string;
  /** What it may do, beside writing its logs and traces. */
  readonly grants: readonly Grant[];
  /** In Amazon States Language. */
  readonly definition: pulumi.Input<string>;
}

/** A state machine with a role of its own, the log of its failures, traces, and alarms in a component's group. */
export function watchedMachine(
  name: string,
  args: WatchedMachineArgs,
  alarms: AlarmGroup,
  parent: { readonly parent: pulumi.Resource },
): aws.sfn.StateMachine {
  const logGroup = new aws.cloudwatch.LogGroup(
    `${name}-logs`,
    { retentionInDays: args.logRetentionInDays ?? defaultLogRetentionInDays },
    parent,
  );
  alarms.logGroups.push(logGroup);
  const role = new ServiceRole(
    name,
    {
      service: "states.amazonaws.com",
      description: args.description,
      grants: [...args.grants, deliverMachineLogs, traceMachine],
    },
    parent,
  );
  const stateMachine = new aws.sfn.StateMachine(
    name,
    {
      roleArn: role.arn,
      definition: args.definition,
      loggingConfiguration: {
        level: "ERROR",
        includeExecutionData: true,
        logDestination: pulumi.interpolate`${logGroup.arn}:*`,
      },
      tracingConfiguration: { enabled: true },
    },
    parent,
  );
  watchMachine(alarms, name, stateMachine, parent);
  return stateMachine;
}
