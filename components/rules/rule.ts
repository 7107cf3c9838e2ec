import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Grant, sendTo } from "../access/grants";
import { ServiceRole } from "../access/serviceRole";
import { AlarmGroup } from "../observability/alarmGroup";
import { FailureQueue } from "../observability/failureQueue";
import type { OperationsArgs } from "../observability/operations";
import { watchRule } from "../observability/resourceAlarms";

/** The actions of a rule, as `aws.iot.TopicRule` takes them. */
export type RuleActions = Pick<
  aws.iot.TopicRuleArgs,
  "dynamodbs" | "dynamodbv2s" | "firehoses" | "kineses" | "lambdas" | "republishes" | "s3" | "sns" | "sqs"
>;

export interface RuleArgs extends OperationsArgs {
  /** What the rule does; shown in the AWS IoT console. */
  readonly description: string;
  /** The rule's statement in AWS IoT SQL, version 2016-03-23. */
  readonly sql: pulumi.Input<string>;
  /** What the rule's role may do for the actions. Lambda actions need no grant, but a permission on the function. */
  readonly grants?: readonly Grant[];
  /** What is done with each selected message. Actions that need a role get the rule's own. */
  readonly actions: (roleArn: pulumi.Output<string>) => RuleActions;
}

/**
 * An AWS IoT rule with an error action: a message that an action could not take goes to a queue with the reason and the
 * original payload, under an alarm.
 */
export class Rule extends pulumi.ComponentResource {
  readonly rule: aws.iot.TopicRule;
  /** Takes what an action could not be given: the function is gone, the table refused, a permission is missing. */
  readonly undelivered: FailureQueue;

  constructor(name: string, args: RuleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:iot:Rule", name, {}, opts);
    const alarms = AlarmGroup.of(this, name, args);
    const parent = { parent: this };

    this.undelivered = new FailureQueue(
      `${name}-undelivered`,
      { description: `Messages that the rule ${name} could not deliver`, ...alarms.operations },
      parent,
    );
    const role = new ServiceRole(
      `${name}-rule`,
      {
        service: "iot.amazonaws.com",
        description: `What the rule ${name} may do`,
        grants: [sendTo(this.undelivered.queue), ...(args.grants ?? [])],
      },
      parent,
    );
    this.rule = new aws.iot.TopicRule(
      `${name}-rule`,
      {
        name: ruleName(name),
        description: args.description,
        enabled: true,
        sql: args.sql,
        sqlVersion: "2016-03-23",
        ...args.actions(role.arn),
        errorAction: { sqs: { queueUrl: this.undelivered.queue.url, roleArn: role.arn, useBase64: false } },
      },
      parent,
    );
    watchRule(alarms, name, this.rule, parent);
    alarms.close(this);

    this.registerOutputs({ rule: this.rule, undelivered: this.undelivered });
  }
}

/**
 * Rules are named by us: AWS IoT takes no "-" in their names, and Pulumi's automatic names have one. The stack in the name
 * keeps two stacks of one account apart.
 */
function ruleName(name: string): string {
  return `${pulumi.getProject()}_${pulumi.getStack()}_${name}`.replace(/[^a-zA-Z0-9_]/g, "_").slice(0, 128);
}
