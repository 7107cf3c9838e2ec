import { resourcePolicy } from "../shared/policy";
import { inProtectedStack, type ProtectedStacks, protectedStacksParameter } from "../shared/protectedStacks";

/** What a bug deletes can be brought back. */
export const dynamodbRecovery = resourcePolicy<ProtectedStacks>({
  name: "dynamodb-recovery",
  description: "Tables that must not be lost have point-in-time recovery.",
  why: "`protect` keeps Pulumi from deleting the table; nothing but a backup helps against a program that deletes the items.",
  fix: "set `pointInTimeRecovery: { enabled: true }`.",
  link: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.html",
  severity: "high",
  parameters: protectedStacksParameter,
  types: ["aws:dynamodb/table:Table"],
  check: (subject, config, report) => {
    if (!subject.opts.protect && !inProtectedStack(subject, config)) return;
    if (subject.props.flag("pointInTimeRecovery.enabled") !== true) {
      const why = subject.opts.protect ? "is protected" : "is in a protected stack";
      report(`The table ${subject.name} ${why}, but has no point-in-time recovery.`);
    }
  },
});
