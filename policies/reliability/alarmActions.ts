import { resourcePolicy } from "../shared/policy";

/** An alarm rings where somebody hears it. */
export const alarmActions = resourcePolicy({
  name: "alarm-actions",
  description: "Alarms tell somebody.",
  why: "an alarm without an action changes its colour in a console that nobody has open.",
  fix: "set `alarmActions` to a topic that people or their on-call tool subscribe to.",
  link: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
  level: "advisory",
  severity: "medium",
  types: ["aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"],
  check: ({ props, name }, _config, report) => {
    if (props.isKnown("alarmActions") && props.list("alarmActions").length === 0)
      report(`The alarm ${name} has no action.`);
  },
});
