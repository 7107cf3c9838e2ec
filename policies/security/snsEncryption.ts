import { resourcePolicy } from "../shared/policy";

/** Messages are encrypted where they are kept for another try. */
export const snsEncryption = resourcePolicy({
  name: "sns-encryption",
  description: "Topics are encrypted with a KMS key.",
  why: "SNS keeps messages on disk while it retries their delivery, in clear text where no key is set.",
  fix:
    "set `kmsMasterKeyId`. `alias/aws/sns` does where only your own roles publish; for what AWS services publish to, such as " +
    "alarms, rules and buckets, take a key of your own whose policy lets them use it.",
  link: "https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html",
  severity: "medium",
  types: ["aws:sns/topic:Topic"],
  check: ({ props, name }, _config, report) => {
    if (!props.has("kmsMasterKeyId")) report(`The topic ${name} is not encrypted.`);
  },
});
