import { stackPolicy } from "../shared/policy";
import { refersTo } from "../shared/references";

/** No bucket can be opened by mistake. */
export const s3PublicAccessBlock = stackPolicy({
  name: "s3-public-access-block",
  description: "Every bucket has a public access block.",
  why: "the block refuses a public policy or ACL that somebody adds later, in the console or in another stack.",
  fix: "add an `aws.s3.BucketPublicAccessBlock` for the bucket with all four flags true.",
  link: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
  severity: "high",
  types: ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"],
  check: (bucket, stack, _config, report) => {
    const blocked = stack.some(
      (other) =>
        other.type === "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock" && refersTo(other, "bucket", bucket),
    );
    if (!blocked) report(`No public access block of this stack is that of the bucket ${bucket.name}.`);
  },
});
