import { stackPolicy } from "../shared/policy";
import { refersTo } from "../shared/references";

/** An alarm may publish to its topic. */
export const alarmTopicKey = stackPolicy({
  name: "alarm-topic-key",
  description: "Topics of alarms are not encrypted with AWS's own key for SNS.",
  why:
    "CloudWatch may not use `alias/aws/sns`, whose policy nobody can change: the alarm rings, publishing fails, and nobody is " +
    "told.",
  fix: "encrypt the topic with a key of your own whose policy lets cloudwatch.amazonaws.com use kms:Decrypt and kms:GenerateDataKey*.",
  link: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
  severity: "high",
  types: ["aws:sns/topic:Topic"],
  check: (topic, stack, _config, report) => {
    if (!topic.props.isKnown("kmsMasterKeyId") || !/(^|\/)aws\/sns$/.test(topic.props.text("kmsMasterKeyId") ?? ""))
      return;
    const alarm = stack.find(
      (found) =>
        found.type === "aws:cloudwatch/metricAlarm:MetricAlarm" &&
        ["alarmActions", "okActions"].some((path) => refersTo(found, path, topic)),
    );
    if (alarm) report(`The alarm ${alarm.name} cannot publish to the topic ${topic.name}.`);
  },
});
