import { resourcePolicy } from "../shared/policy";

/** What a state machine did can be read. */
export const stateMachineLogging = resourcePolicy({
  name: "state-machine-logging",
  description: "State machines log to a log group.",
  why: "the history of an execution is deleted after 90 days and cannot be searched; that of an express one is never kept.",
  fix: 'set `loggingConfiguration: { level: "ERROR", logDestination: <ARN of the log group followed by ":*"> }`.',
  link: "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
  severity: "medium",
  types: ["aws:sfn/stateMachine:StateMachine"],
  check: ({ props, name }, _config, report) => {
    const level = props.text("loggingConfiguration.level") ?? "OFF";
    if (level === "OFF") report(`The state machine ${name} does not log.`);
    else if (!props.has("loggingConfiguration.logDestination")) report(`The state machine ${name} logs nowhere.`);
  },
});
