import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentErrors } from "../args/argumentErrors";
import type { AlarmGroup, ObservedFailures } from "./alarmGroup";
import { type AlarmThresholds, checkThresholds } from "./alarmThresholds";
import { dashboardBody } from "./dashboard";
import type { OperationsArgs } from "./operations";

export interface ObservabilityArgs extends Pick<OperationsArgs, "alarmTopicArn" | "logRetentionInDays"> {
  /**
   * When alarms ring.
   * @default each threshold has its own
   */
  readonly thresholds?: AlarmThresholds;
}

/**
 * Sees all that the components of a stack watch: their alarms ring on one topic, one dashboard shows them, and the queues
 * that failures wait in are known by name.
 *
 * ```ts
 * const observability = new Observability("fleet", { alarmTopicArn: people.arn });
 * new AnomalyReminder("overheated", { flag: "overheated", topicArn: people.arn, ...observability.operations });
 * observability.finish(); // after the last component
 * ```
 */
export class Observability extends pulumi.ComponentResource {
  /** To be spread into the arguments of every component. */
  readonly operations: OperationsArgs;
  private readonly groups: AlarmGroup[] = [];
  private finished = false;

  constructor(
    private readonly componentName: string,
    args: ObservabilityArgs = {},
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("thingstack:operations:Observability", componentName, {}, opts);
    const errors = new ArgumentErrors(`Observability ${JSON.stringify(componentName)}`);
    checkThresholds(errors, args.thresholds);
    errors.throwIfAny();
    this.operations = { ...args, observability: this };
  }

  /** Takes a component's alarms; components do it themselves. */
  add(group: AlarmGroup): void {
    if (this.finished) {
      throw new pulumi.RunError(
        `Observability ${JSON.stringify(this.componentName)} is finished, and would not show ${group.name}: call finish() after the last component.`,
      );
    }
    this.groups.push(group);
  }

  /** The queues that failures of the stack wait in. */
  get failureQueues(): ObservedFailures[] {
    return this.groups.flatMap((group) => group.failureQueues);
  }

  /** The log groups of all functions and state machines. */
  get logGroups(): aws.cloudwatch.LogGroup[] {
    return this.groups.flatMap((group) => group.logGroups);
  }

  /** Makes the dashboard of all that was watched; call it after the last component. */
  finish(): aws.cloudwatch.Dashboard {
    this.finished = true;
    const parent = { parent: this };
    const dashboard = new aws.cloudwatch.Dashboard(
      `${this.componentName}-dashboard`,
      {
        // As with composite alarms, Pulumi makes up no name for this type.
        dashboardName: `${pulumi.getProject()}-${pulumi.getStack()}-${this.componentName}`,
        dashboardBody: dashboardBody(this.groups, aws.getRegionOutput({}, parent).region),
      },
      parent,
    );
    this.registerOutputs({ dashboard });
    return dashboard;
  }
}
