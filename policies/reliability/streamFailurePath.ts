import { resourcePolicy, type Subject } from "../shared/policy";

/** One record that cannot be read does not stop a stream. */
export const streamFailurePath = resourcePolicy({
  name: "stream-failure-path",
  description: "Every mapping of a stream to a function bisects, has limits, and a destination for what fails.",
  why:
    "without limits Lambda tries a failing batch until its records expire, after a day or a week, and the shard stands still; " +
    "without a destination the records are then gone.",
  fix:
    "set `bisectBatchOnFunctionError: true`, `maximumRetryAttempts`, `maximumRecordAgeInSeconds` and " +
    "`destinationConfig.onFailure.destinationArn`.",
  link: "https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html",
  severity: "high",
  types: ["aws:lambda/eventSourceMapping:EventSourceMapping"],
  check: (subject, _config, report) => {
    const { props, name } = subject;
    if (!readsStream(subject)) return;
    const missing = [
      props.flag("bisectBatchOnFunctionError") !== true && "bisectBatchOnFunctionError",
      !isLimit(subject, "maximumRetryAttempts") && "maximumRetryAttempts",
      !isLimit(subject, "maximumRecordAgeInSeconds") && "maximumRecordAgeInSeconds",
      !props.has("destinationConfig.onFailure.destinationArn") && "destinationConfig.onFailure",
    ].filter((property) => property !== false);
    if (missing.length > 0) report(`The mapping ${name} has no ${missing.join(", no ")}.`);
  },
});

/** A Kinesis or DynamoDB stream; where preview does not know the source yet, the starting position tells it from a queue. */
function readsStream({ props }: Subject): boolean {
  if (props.isKnown("eventSourceArn"))
    return /^arn:[\w-]+:(kinesis|dynamodb):/.test(props.text("eventSourceArn") ?? "");
  const hasOtherSource = ["topics", "queues", "documentDbEventSourceConfig"].some((key) => props.has(key));
  return props.has("startingPosition") && !hasOtherSource;
}

/** -1 is AWS's word for "without limit". */
function isLimit({ props }: Subject, path: string): boolean {
  return !props.isKnown(path) || (props.number(path) ?? -1) >= 0;
}
