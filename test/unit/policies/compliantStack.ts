import { account, arn, arns, devices, document, edge, functions, operations, tags } from "./compliantParts";
import type { Props, TestResource } from "./support";

export { arns };

/**
 * A stack in which every policy of every pack finds nothing: it has one of everything they are about, so that a test breaks
 * one field and sees exactly one violation. `dependencies` say what the engine would have recorded.
 */
export function compliantStack(): TestResource[] {
  // Copies: the parts share objects, and tests change them.
  return structuredClone([
    ...identities(),
    ...storage(),
    ...messaging(),
    ...functions(),
    ...devices(),
    ...edge(),
    ...operations(),
  ]);
}

function identities(): TestResource[] {
  const trust = document({ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" });
  const grants = document(
    { Sid: "WriteTraces", Effect: "Allow", Action: ["xray:PutTraceSegments"], Resource: "*" },
    {
      Sid: "ReadOrders",
      Effect: "Allow",
      Action: ["dynamodb:Query"],
      Resource: [arn("dynamodb", "table/orders/index/*")],
    },
  );
  return [
    {
      type: "aws:iam/role:Role",
      name: "role",
      props: {
        tags,
        name: "role",
        arn: `arn:aws:iam::${account}:role/role`,
        description: "What the worker may do",
        assumeRolePolicy: trust,
      },
    },
    { type: "aws:iam/rolePolicy:RolePolicy", name: "grants", props: { role: "role", policy: grants } },
    {
      type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      name: "read-only",
      props: { role: "role", policyArn: "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess" },
    },
    {
      type: "aws:kms/key:Key",
      name: "key",
      props: {
        tags,
        description: "Encrypts the topic of the alarms",
        policy: document({
          Effect: "Allow",
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: "kms:*",
          Resource: "*",
        }),
      },
    },
  ];
}

function storage(): TestResource[] {
  const bucket = "arn:aws:s3:::bucket";
  const tlsOnly = {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucket, `${bucket}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  return [
    { type: "aws:s3/bucket:Bucket", name: "bucket", props: { tags, id: "bucket", bucket: "bucket", arn: bucket } },
    {
      type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
      name: "block",
      props: {
        bucket: "bucket",
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      dependencies: { bucket: ["bucket"] },
    },
    {
      type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      name: "encryption",
      props: { bucket: "bucket", rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      dependencies: { bucket: ["bucket"] },
    },
    {
      type: "aws:s3/bucketPolicy:BucketPolicy",
      name: "bucket-policy",
      props: { bucket: "bucket", policy: document(tlsOnly) },
      dependencies: { bucket: ["bucket"], policy: ["bucket"] },
    },
    { type: "aws:s3/bucketAcl:BucketAcl", name: "acl", props: { bucket: "bucket", acl: "private" } },
    {
      type: "aws:dynamodb/table:Table",
      name: "table",
      props: { tags, name: "table", arn: arn("dynamodb", "table/table"), pointInTimeRecovery: { enabled: true } },
      opts: { protect: true },
    },
  ];
}

function messaging(): TestResource[] {
  const redrive = JSON.stringify({ deadLetterTargetArn: arns.failures, maxReceiveCount: 5 });
  const queue = (name: string, more: Props = {}): TestResource => ({
    type: "aws:sqs/queue:Queue",
    name,
    props: {
      tags,
      name,
      arn: arn("sqs", name),
      url: `https://sqs/${name}`,
      id: `https://sqs/${name}`,
      sqsManagedSseEnabled: true,
      ...more,
    },
  });
  return [
    queue("failures"),
    { ...queue("orders", { redrivePolicy: redrive }), dependencies: { redrivePolicy: ["failures"] } },
    {
      type: "aws:sqs/queuePolicy:QueuePolicy",
      name: "queue-policy",
      props: {
        queueUrl: "https://sqs/orders",
        policy: document({
          Effect: "Allow",
          Principal: "*",
          Action: "sqs:SendMessage",
          Resource: arns.orders,
          Condition: { ArnEquals: { "aws:SourceArn": arns.alarms } },
        }),
      },
    },
    {
      type: "aws:sns/topic:Topic",
      name: "alarms",
      props: { tags, name: "alarms", arn: arns.alarms, id: arns.alarms, kmsMasterKeyId: "key" },
    },
    {
      type: "aws:kinesis/stream:Stream",
      name: "stream",
      props: { tags, name: "stream", arn: arns.stream, encryptionType: "KMS", kmsKeyId: "alias/aws/kinesis" },
    },
    {
      type: "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
      name: "delivery",
      props: { tags, name: "delivery", serverSideEncryption: { enabled: true } },
    },
  ];
}
