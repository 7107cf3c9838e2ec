/** What the release machine calls and writes to. */
export interface ReleaseMachineTargets {
  readonly checkFunctionArn: string;
  readonly stepsFunctionArn: string;
  readonly tableName: string;
  readonly topicArn: string;
}

/** How often the group is looked at before it is given up: in 50 minutes, first after 2 s, later every 5 minutes. */
const groupLooks = 20;

/** Why it failed: the message of a function's error lies in a text of JSON, that of others is the cause itself. */
const errorText =
  "($cause := $states.errorOutput.Cause; $substring($states.errorOutput.Error & ': ' & " +
  "($contains($cause, 'errorMessage') ? $parse($cause).errorMessage : $cause), 0, 1000))";
const reason =
  "($exists($states.input.error) ? $states.input.error : $exists($states.input.problem) ? $states.input.problem : " +
  `'the dynamic thing group was not ready after ${groupLooks} looks in 50 minutes')`;

const merged = (...parts: string[]) => `{% $merge([$states.input, ${parts.join(", ")}]) %}`;
const retry = [
  { ErrorEquals: ["States.ALL"], IntervalSeconds: 2, MaxAttempts: 4, BackoffRate: 3, JitterStrategy: "FULL" },
];

/** Calls a function with the release, and counts how often; `looks` begins anew where the state is not a loop. */
const call = (FunctionName: string, step: string, looks: string, Next: string) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: {
    FunctionName,
    Payload: `{% {'app': $states.input.app, 'jobId': $states.input.jobId, 'step': '${step}'} %}`,
  },
  Output: merged("$states.result.Payload", `{'looks': ${looks}}`),
  Retry: retry,
  Catch: [{ ErrorEquals: ["States.ALL"], Output: merged(`{'error': ${errorText}}`), Next: "Failed" }],
  Next,
});

/** Waits, each time by a factor longer than the time before. */
const backOff = (first: number, factor: number, longest: number, Next: string) => ({
  Type: "Wait",
  // The exponent is bounded, so that no number becomes too large.
  Seconds: `{% $min([${longest}, $floor(${first} * $power(${factor}, $min([$states.input.looks, 60])))]) %}`,
  Next,
});

/**
 * A release in Amazon States Language: Check -> Group ... -> Job -> Follow ... -> Done.
 *
 * It counts and keeps the time; what AWS IoT and S3 answer is judged in the functions. A problem that nobody foresaw ends in
 * Failed and Tell, which need none of our code, so that a release never hangs.
 *
 * A job is looked at after 30 s, then ever less often, up to every 6 hours: a device may be away for months, and an execution
 * may have 25,000 events (a year of this has 14,000). Its end is heard at once all the same, by a rule.
 */
export function releaseMachine({ checkFunctionArn, stepsFunctionArn, tableName, topicArn }: ReleaseMachineTargets) {
  const again = "$states.input.looks + 1";
  const ended = { Condition: "{% $states.input.ended %}", Next: "Done" };
  return {
    Comment: "Checks the artifact, makes the group and the job of a release, and follows the job to its end",
    QueryLanguage: "JSONata",
    StartAt: "Check",
    States: {
      Check: call(checkFunctionArn, "check", "0", "Sound"),
      Sound: { Type: "Choice", Choices: [ended], Default: "Group" },
      Group: call(stepsFunctionArn, "group", again, "Ready"),
      Ready: {
        Type: "Choice",
        Choices: [
          ended,
          { Condition: "{% $exists($states.input.problem) %}", Next: "Failed" },
          { Condition: "{% $states.input.ready %}", Next: "Job" },
          { Condition: `{% $states.input.looks >= ${groupLooks} %}`, Next: "Failed" },
        ],
        Default: "WaitForGroup",
      },
      WaitForGroup: backOff(2, 1.5, 300, "Group"),
      Job: call(stepsFunctionArn, "job", "0", "Follow"),
      Follow: {
        ...call(stepsFunctionArn, "follow", again, "Over"),
        // A job that runs is not given up because looks at it failed.
        Catch: [{ ErrorEquals: ["States.ALL"], Output: merged(`{'ended': false, 'looks': ${again}}`), Next: "Over" }],
      },
      Over: { Type: "Choice", Choices: [ended], Default: "WaitForEnd" },
      WaitForEnd: backOff(30, 1.25, 21_600, "Follow"),
      Failed: {
        Type: "Task",
        Resource: "arn:aws:states:::dynamodb:updateItem",
        Arguments: {
          TableName: tableName,
          Key: { app: { S: "{% $states.input.app %}" }, jobId: { S: "{% $states.input.jobId %}" } },
          UpdateExpression: "SET #status = :failed, #reason = :reason, endedAt = :at",
          ExpressionAttributeNames: { "#status": "status", "#reason": "reason" },
          ExpressionAttributeValues: {
            ":failed": { S: "FAILED" },
            ":reason": { S: `{% ${reason} %}` },
            ":at": { S: "{% $now() %}" },
          },
        },
        Output: merged(`{'reason': ${reason}}`),
        Retry: retry,
        Next: "Tell",
      },
      Tell: {
        Type: "Task",
        Resource: "arn:aws:states:::sns:publish",
        Arguments: {
          TopicArn: topicArn,
          Subject: "{% $states.input.jobId & ': FAILED' %}",
          Message:
            "{% $string({'noticeId': $states.input.jobId & '-FAILED', 'app': $states.input.app, " +
            "'jobId': $states.input.jobId, 'status': 'FAILED', 'reason': $states.input.reason, 'at': $now()}) %}",
        },
        Output: "{% $states.input %}",
        Retry: retry,
        Next: "Broken",
      },
      Broken: { Type: "Fail", Error: "ReleaseFailed", Cause: "{% $states.input.reason %}" },
      Done: { Type: "Succeed" },
    },
  };
}
