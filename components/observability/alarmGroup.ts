import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentErrors } from "../args/argumentErrors";
import { type AlarmThresholds, checkThresholds } from "./alarmThresholds";
import { metricAlarm, type Watch } from "./metricAlarm";
import type { OperationsArgs } from "./operations";

/** One alarm of a group, and what it watches. */
export interface GroupedAlarm {
  readonly watch: Watch;
  readonly alarm: aws.cloudwatch.MetricAlarm;
  /** Whether it rings by itself, and not with the rest of the group. */
  readonly alone: boolean;
}

/** A failure queue, and what its messages are replayed to where they do not say so themselves. */
export interface ObservedFailures {
  readonly name: string;
  readonly url: pulumi.Output<string>;
  /** What takes a message that is not a document of failure but the thing that failed: ARN of a function or a queue. */
  readonly replayTo?: pulumi.Input<string>;
}

/** Alarms that an alarm on alarms may have under it. */
const maximumChildren = 100;

/**
 * The alarms of one component and of all that is inside of it. They ring as one: each is a plain alarm without actions under
 * one composite alarm with them, so that a fault that shows in four metrics is one message, and one all-clear.
 *
 * A component says `const alarms = AlarmGroup.of(this, name, args)` first, hands `...alarms.operations` to its children, adds
 * what it wants watched, and ends with `alarms.close(this)`. So a component used alone has its alarms, and one
 * inside of another adds to that one's.
 */
export class AlarmGroup {
  readonly alarms: GroupedAlarm[] = [];
  readonly failureQueues: ObservedFailures[] = [];
  readonly logGroups: aws.cloudwatch.LogGroup[] = [];
  /** The composite alarms of the group, once it is closed: one, unless it has more than a hundred alarms. */
  readonly rings: aws.cloudwatch.CompositeAlarm[] = [];

  private constructor(
    /** The name of the component that opened it. */
    readonly name: string,
    private readonly owner: pulumi.ComponentResource,
    readonly thresholds: Required<AlarmThresholds>,
    private readonly args: OperationsArgs,
  ) {}

  /**
   * The group that a component was given, or one of its own.
   * @throws InputPropertiesError for thresholds that can't be
   */
  static of(component: pulumi.ComponentResource, name: string, args: OperationsArgs): AlarmGroup {
    if (args.alarms) return args.alarms;
    const errors = new ArgumentErrors(`${component.constructor.name} ${JSON.stringify(name)}`);
    const thresholds = checkThresholds(errors, args.thresholds);
    errors.throwIfAny();
    const group = new AlarmGroup(name, component, thresholds, args);
    args.observability?.add(group);
    return group;
  }

  /** What the children of a component take. */
  get operations(): OperationsArgs {
    const { alarmTopicArn, logRetentionInDays, thresholds, observability, liveFunctions } = this.args;
    return { alarmTopicArn, logRetentionInDays, thresholds, observability, liveFunctions, alarms: this };
  }

  /** Watches something, together with the rest of the group. */
  add(name: string, watch: Watch, opts: pulumi.CustomResourceOptions): aws.cloudwatch.MetricAlarm {
    const alarm = metricAlarm(name, watch, { ...this.thresholds, actions: [] }, opts);
    this.alarms.push({ watch, alarm, alone: false });
    return alarm;
  }

  /** Watches something that rings by itself, however much of the group is ringing already. */
  addAlone(name: string, watch: Watch, opts: pulumi.CustomResourceOptions): aws.cloudwatch.MetricAlarm {
    const alarm = metricAlarm(name, watch, { ...this.thresholds, actions: this.actions }, opts);
    this.alarms.push({ watch, alarm, alone: true });
    return alarm;
  }

  /** Ends a component's constructor: the one that opened the group makes the alarm that rings. */
  close(component: pulumi.ComponentResource): void {
    if (component !== this.owner) return;
    const children = this.alarms.filter(({ alone }) => !alone).map(({ alarm }) => alarm.name);
    for (let at = 0; at < children.length; at += maximumChildren) {
      this.ringsFor(children.slice(at, at + maximumChildren), at === 0 ? "" : `-${at / maximumChildren + 1}`);
    }
  }

  private ringsFor(children: pulumi.Output<string>[], part: string): void {
    const rings = new aws.cloudwatch.CompositeAlarm(
      `${this.name}-rings${part}`,
      {
        // The stack in the name keeps two stacks of one account apart: Pulumi makes up no name for this type.
        alarmName: `${pulumi.getProject()}-${pulumi.getStack()}-${this.name}${part}`.slice(0, 255),
        alarmDescription:
          `Something about ${this.name} fails. The reason for this state names the alarm that rings, and that alarm's ` +
          "description its runbook. Runbook: docs/runbooks/README.md",
        alarmRule: pulumi.all(children).apply((names) => names.map((name) => `ALARM("${name}")`).join(" OR ")),
        alarmActions: this.actions,
        okActions: this.actions,
      },
      { parent: this.owner },
    );
    this.rings.push(rings);
  }

  private get actions(): pulumi.Input<string>[] {
    return this.args.alarmTopicArn === undefined ? [] : [this.args.alarmTopicArn];
  }
}
