import { isWatched } from "../shared/alarms";
import { stackPolicy } from "../shared/policy";

interface Config {
  metrics: string[];
}

/** Somebody hears of an execution that failed. */
export const stateMachineAlarm = stackPolicy<Config>({
  name: "state-machine-alarm",
  description: "Every state machine has an alarm on its failed executions.",
  why: "who started the execution is long gone when it fails.",
  fix:
    "add an `aws.cloudwatch.MetricAlarm` on AWS/States ExecutionsFailed with the dimension StateMachineArn of the state machine, " +
    "threshold 0.",
  link: "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html",
  severity: "high",
  parameters: {
    metrics: {
      description: "The metrics of AWS/States that tell of a failure; one of them is enough",
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["ExecutionsFailed"],
    },
  },
  types: ["aws:sfn/stateMachine:StateMachine"],
  check: (machine, stack, { metrics }, report) => {
    if (!isWatched(machine, stack, { namespace: "AWS/States", metrics, dimension: "StateMachineArn" })) {
      report(`No alarm watches the failed executions of ${machine.name}.`);
    }
  },
});
