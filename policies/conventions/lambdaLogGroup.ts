import { stackPolicy } from "../shared/policy";
import { refersTo } from "../shared/references";

/** Where a function logs to is declared, so that its retention is. */
export const lambdaLogGroup = stackPolicy({
  name: "lambda-log-group",
  description: "The log group of every function is part of the stack.",
  why:
    "Lambda makes a missing log group at the first call, with logs kept for ever, and it stays behind when the stack is " +
    "destroyed; log-retention never sees it.",
  fix:
    "declare an `aws.cloudwatch.LogGroup` with retention and name it in the function's `loggingConfig.logGroup` (or give it " +
    "the name `/aws/lambda/<function>`).",
  link: "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html",
  severity: "medium",
  types: ["aws:lambda/function:Function"],
  check: (fn, stack, _config, report) => {
    const groups = stack.filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup");
    const declared = fn.props.has("loggingConfig.logGroup")
      ? groups.some((group) => refersTo(fn, "loggingConfig.logGroup", group))
      : groups.some((group) => group.props.text("name") === `/aws/lambda/${fn.props.text("name")}`);
    if (!declared) report(`No log group of this stack is that of the function ${fn.name}.`);
  },
});
