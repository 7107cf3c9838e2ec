import { isWatched } from "../shared/alarms";
import { failuresOf } from "../shared/failureQueues";
import { stackPolicy } from "../shared/policy";

interface Config {
  metrics: string[];
}

/** Somebody hears of what failed. */
export const failureQueueAlarm = stackPolicy<Config>({
  name: "failure-queue-alarm",
  description: "Every queue that takes failures has an alarm.",
  why: "what lies in a failure queue is deleted after 14 days at the latest; without an alarm nobody looks before.",
  fix:
    "add an `aws.cloudwatch.MetricAlarm` on AWS/SQS ApproximateNumberOfMessagesVisible with the dimension QueueName of the " +
    "queue, threshold 0.",
  link: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/dead-letter-queues-alarms-cloudwatch.html",
  severity: "high",
  parameters: {
    metrics: {
      description: "The metrics of AWS/SQS that tell of a message in the queue",
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"],
    },
  },
  types: ["aws:sqs/queue:Queue"],
  check: (queue, stack, { metrics }, report) => {
    const source = failuresOf(queue, stack);
    if (source === undefined) return;
    if (!isWatched(queue, stack, { namespace: "AWS/SQS", metrics, dimension: "QueueName" })) {
      report(`The queue ${queue.name} takes the failures of ${source}, and no alarm watches it.`);
    }
  },
});
