/** What the reminder's state machine calls and writes to. */
export interface ReminderMachineTargets {
  readonly remindFunctionArn: string;
  readonly failureQueueUrl: string;
}

/** Each reminder that was done with, told or not: the next one is due a whole interval later, measured from the anomaly. */
const next =
  "'index': $states.input.index + 1, " +
  "'dueAt': $fromMillis($toMillis($states.input.openedAt) + ($states.input.index + 1) * $states.input.interval * 1000)";

const more = "$states.input.index < $states.input.count";

/**
 * The reminder loop in Amazon States Language: Wait -> Remind -> More -> Wait ..., three transitions and one function call
 * per reminder.
 *
 * The machine counts and keeps the time; the function only looks and tells. So no answer of the function can lose the
 * counter, and a reminder that could not be told (after three retries) is set aside in a queue while the loop goes on.
 */
export function reminderMachine({ remindFunctionArn, failureQueueUrl }: ReminderMachineTargets) {
  return {
    Comment: "Waits, looks whether the anomaly still stands, reminds, and repeats up to the count",
    QueryLanguage: "JSONata",
    StartAt: "Wait",
    States: {
      Wait: { Type: "Wait", Timestamp: "{% $states.input.dueAt %}", Next: "Remind" },
      Remind: {
        Type: "Task",
        Resource: "arn:aws:states:::lambda:invoke",
        Arguments: { FunctionName: remindFunctionArn, Payload: "{% $states.input %}" },
        Output: `{% ($stands := $states.result.Payload.finding = 'stands'; $merge([$states.input, {
          'endedBy': $stands ? (${more} ? null : 'count') : $states.result.Payload.finding,
          'goesOn': $stands and ${more}, ${next} }])) %}`.replace(/\n\s+/g, " "),
        Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 }],
        Catch: [
          {
            ErrorEquals: ["States.ALL"],
            Output: "{% $merge([$states.input, {'error': $states.errorOutput}]) %}",
            Next: "SetAside",
          },
        ],
        Next: "More",
      },
      SetAside: {
        Type: "Task",
        Resource: "arn:aws:states:::sqs:sendMessage",
        Arguments: { QueueUrl: failureQueueUrl, MessageBody: "{% $string($states.input) %}" },
        Output: `{% $merge([$sift($states.input, function($v, $k) { $k != 'error' }), {
          'endedBy': ${more} ? null : 'count', 'goesOn': ${more}, ${next} }]) %}`.replace(/\n\s+/g, " "),
        Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 2, MaxAttempts: 6, BackoffRate: 2 }],
        Next: "More",
      },
      More: {
        Type: "Choice",
        Choices: [{ Condition: "{% $states.input.goesOn %}", Next: "Wait" }],
        Default: "Done",
      },
      Done: { Type: "Succeed" },
    },
  };
}
