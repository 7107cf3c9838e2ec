import { type StackResource, stackPolicy } from "../shared/policy";
import { refersTo } from "../shared/references";

const compositeType = "aws:cloudwatch/compositeAlarm:CompositeAlarm";

/** An alarm rings where somebody hears it. */
export const alarmActions = stackPolicy({
  name: "alarm-actions",
  description: "Alarms tell somebody, by themselves or as part of a composite alarm.",
  why: "an alarm without an action changes its colour in a console that nobody has open.",
  fix: "set `alarmActions` to a topic that people or their on-call tool subscribe to, or name the alarm in a composite alarm's rule.",
  link: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
  level: "advisory",
  severity: "medium",
  types: ["aws:cloudwatch/metricAlarm:MetricAlarm", compositeType],
  check: (alarm, stack, _config, report) => {
    if (!alarm.props.isKnown("alarmActions") || alarm.props.list("alarmActions").length > 0) return;
    if (!stack.some((other) => other !== alarm && other.type === compositeType && isPartOf(other, alarm))) {
      report(`The alarm ${alarm.name} has no action.`);
    }
  },
});

/** Whether a composite alarm's rule, `ALARM("a") OR ALARM("b")`, names another alarm. */
function isPartOf(composite: StackResource, alarm: StackResource): boolean {
  if (refersTo(composite, "alarmRule", alarm)) return true;
  const property = alarm.type === compositeType ? "alarmName" : "name";
  if (!composite.props.isKnown("alarmRule") || !alarm.props.isKnown(property)) return false;
  const name = alarm.props.text(property) ?? "";
  const rule = composite.props.text("alarmRule") ?? "";
  return name !== "" && (rule.includes(`("${name}")`) || rule.includes(`(${name})`));
}
