import { resourcePolicy } from "../shared/policy";

/** Messages are encrypted where they wait. */
export const sqsEncryption = resourcePolicy({
  name: "sqs-encryption",
  description: "Queues say how they encrypt.",
  why: "what waits in a queue, for up to 14 days in a failure queue, is a copy of the data that the table encrypts.",
  fix: "set `sqsManagedSseEnabled: true`, or `kmsMasterKeyId` with a key of your own.",
  link: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html",
  severity: "medium",
  types: ["aws:sqs/queue:Queue"],
  check: ({ props, name }, _config, report) => {
    const encrypted = props.flag("sqsManagedSseEnabled") === true || props.has("kmsMasterKeyId");
    if (!encrypted) report(`The queue ${name} does not say how it encrypts.`);
  },
});
