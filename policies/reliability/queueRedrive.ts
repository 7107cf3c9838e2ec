import { stackPolicy } from "../shared/policy";
import { refersTo } from "../shared/references";

/** One message that cannot be read does not go round for ever. */
export const queueRedrive = stackPolicy({
  name: "queue-redrive",
  description: "Every queue that a function reads hands over what fails to a dead-letter queue.",
  why:
    "a message that the function fails on comes back until it expires, pays for every try, and holds up all behind it where " +
    "the queue is FIFO.",
  fix: "set `redrivePolicy` with `deadLetterTargetArn` and `maxReceiveCount` (5 or more) on the queue that is read.",
  link: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html",
  severity: "high",
  types: ["aws:lambda/eventSourceMapping:EventSourceMapping"],
  check: (mapping, stack, _config, report) => {
    const queue = stack.find(
      (found) => found.type === "aws:sqs/queue:Queue" && refersTo(mapping, "eventSourceArn", found),
    );
    if (!queue || queue.props.has("redrivePolicy")) return;
    const separate = stack.some(
      (found) => found.type === "aws:sqs/redrivePolicy:RedrivePolicy" && refersTo(found, "queueUrl", queue),
    );
    if (!separate) report(`The queue ${queue.name}, read through ${mapping.name}, has no dead-letter queue.`);
  },
});
