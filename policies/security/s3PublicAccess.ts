import { resourcePolicy, type Subject } from "../shared/policy";
import type { Values } from "../shared/values";

const blocks = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

/** No bucket is open by what it says itself. */
export const s3PublicAccess = resourcePolicy({
  name: "s3-public-access",
  description: "Buckets are private: no public ACL, and every public access block fully on.",
  why: "a bucket that anyone can list or read is found by scanners within hours.",
  fix:
    "leave the ACL out, set all four flags of the BucketPublicAccessBlock, and let people in through CloudFront with origin " +
    "access control or through presigned links.",
  link: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
  severity: "critical",
  types: [
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:s3/bucketAcl:BucketAcl",
    "aws:s3/bucketAclV2:BucketAclV2",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
  ],
  check: (subject, _config, report) => {
    if (subject.type.endsWith("PublicAccessBlock")) {
      const off = blocks.filter((block) => subject.props.flag(block) !== true);
      if (off.length > 0) report(`${subject.name} leaves ${off.join(", ")} off.`);
      return;
    }
    const acl = subject.props.isKnown("acl") ? subject.props.text("acl") : undefined;
    if (acl && /^public-|^authenticated-read$/.test(acl)) report(`${subject.name} has the ACL ${acl}.`);
    if (grantees(subject).some((uri) => /\/(AllUsers|AuthenticatedUsers)$/.test(uri))) {
      report(`${subject.name} grants access to everybody.`);
    }
  },
});

function grantees({ type, props }: Subject): string[] {
  const onBucket = (grant: Values) => grant.text("uri") ?? [];
  const inAcl = (grant: Values) => grant.text("grantee.uri") ?? [];
  return /[aA]cl/.test(type)
    ? props.list("accessControlPolicy.grants").flatMap(inAcl)
    : props.list("grants").flatMap(onBucket);
}
