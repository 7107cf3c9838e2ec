import { resourcePolicy } from "../shared/policy";

/** Records are encrypted while the stream keeps them. */
export const streamsEncryption = resourcePolicy({
  name: "streams-encryption",
  description: "Kinesis streams and Firehose deliveries are encrypted.",
  why: "a stream keeps every record for a day or longer, in clear text where nothing is set.",
  fix:
    'set `encryptionType: "KMS"` and `kmsKeyId` (`alias/aws/kinesis` costs nothing) on the stream, or ' +
    "`serverSideEncryption: { enabled: true }` on the delivery stream.",
  link: "https://docs.aws.amazon.com/streams/latest/dg/server-side-encryption.html",
  severity: "medium",
  types: ["aws:kinesis/stream:Stream", "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"],
  check: ({ type, props, name }, _config, report) => {
    const isStream = type === "aws:kinesis/stream:Stream";
    // A delivery stream that reads a Kinesis stream uses that stream's encryption; Firehose refuses its own.
    const encrypted = isStream
      ? props.text("encryptionType") === "KMS" && props.has("kmsKeyId")
      : props.flag("serverSideEncryption.enabled") === true || props.has("kinesisSourceConfiguration");
    if (!encrypted) report(`The ${isStream ? "stream" : "delivery stream"} ${name} is not encrypted.`);
  },
});
