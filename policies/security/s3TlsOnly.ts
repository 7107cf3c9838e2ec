import { type Statement, statements } from "../shared/iamDocument";
import { stackPolicy } from "../shared/policy";
import { refersTo } from "../shared/references";

/** Nothing is read or written in clear text. */
export const s3TlsOnly = stackPolicy({
  name: "s3-tls-only",
  description: "Every bucket refuses plain HTTP.",
  why: "S3 answers on HTTP too: a client with a wrong URL sends its data, and a presigned link its signature, for all to read.",
  fix:
    'add a bucket policy with `{ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: [<arn>, "<arn>/*"], Condition: ' +
    '{ Bool: { "aws:SecureTransport": "false" } } }`.',
  link: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html#transit",
  severity: "high",
  types: ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"],
  check: (bucket, stack, _config, report) => {
    const policies = stack
      .filter(({ type }) => type === "aws:s3/bucketPolicy:BucketPolicy")
      .filter((policy) => refersTo(policy, "bucket", bucket));
    const documents = [...policies, bucket].map(({ props }) => props.at("policy"));
    if (!documents.flatMap(statements).some(refusesPlainHttp))
      report(`The bucket ${bucket.name} takes requests over plain HTTP.`);
  },
});

/** Both the bucket and what is in it; a policy for the objects alone leaves listing open. */
function refusesPlainHttp({ allows, principals, actions, resources, condition }: Statement): boolean {
  const transport = condition.at("Bool").at("aws:SecureTransport").any();
  const insecure = Array.isArray(transport) ? transport[0] : transport;
  return (
    !allows &&
    principals.includes("*") &&
    actions.some((action) => action === "s3:*" || action === "*") &&
    (resources.includes("*") ||
      (resources.some((resource) => resource.endsWith("/*")) &&
        resources.some((resource) => !resource.endsWith("/*")))) &&
    (insecure === false || insecure === "false")
  );
}
