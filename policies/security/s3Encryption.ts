import { stackPolicy } from "../shared/policy";
import { refersTo } from "../shared/references";

interface Config {
  algorithms: string[];
}

const types = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];
const configurations = [
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
];

/** How a bucket encrypts is said, not left to the default of the day. */
export const s3Encryption = stackPolicy<Config>({
  name: "s3-encryption",
  description: "Every bucket says how it encrypts.",
  why:
    "S3 encrypts new objects with a key of its own where nothing is said; who may read them and who may revoke that is then " +
    "nobody's decision, and a bucket that should use KMS looks like any other.",
  fix: "add an `aws.s3.BucketServerSideEncryptionConfiguration` for the bucket with one of the algorithms agreed on.",
  link: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html",
  severity: "medium",
  parameters: {
    algorithms: {
      description: "The algorithms agreed on",
      type: "array",
      items: { enum: ["AES256", "aws:kms", "aws:kms:dsse"] },
      default: ["AES256", "aws:kms", "aws:kms:dsse"],
    },
  },
  types,
  check: (bucket, stack, { algorithms }, report) => {
    const own = bucket.props.at("serverSideEncryptionConfiguration").at("rule");
    const rules = stack
      .filter((other) => configurations.includes(other.type) && refersTo(other, "bucket", bucket))
      .flatMap((other) => other.props.list("rules"));
    const used = [own, ...rules].flatMap((rule) => rule.text("applyServerSideEncryptionByDefault.sseAlgorithm") ?? []);
    if (used.length === 0) report(`The bucket ${bucket.name} does not say how it encrypts.`);
    const refused = used.filter((algorithm) => !algorithms.includes(algorithm));
    if (refused.length > 0)
      report(`The bucket ${bucket.name} encrypts with ${refused.join(", ")}; agreed on: ${algorithms.join(", ")}.`);
  },
});
