import { resourcePolicy } from "../shared/policy";

/** What a rule could not deliver is not lost. */
export const ruleErrorAction = resourcePolicy({
  name: "rule-error-action",
  description: "Every AWS IoT rule has an error action.",
  why:
    "a message whose action fails (the function is gone, the table throttles, a permission is missing) is dropped, and " +
    "nothing but a metric knows.",
  fix: "set `errorAction`, best to an SQS queue with an alarm: it gets the reason and the original message.",
  link: "https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html",
  severity: "high",
  types: ["aws:iot/topicRule:TopicRule"],
  check: ({ props, name }, _config, report) => {
    if (props.isKnown("errorAction") && props.keys("errorAction").length === 0)
      report(`The rule ${name} has no error action.`);
  },
});
