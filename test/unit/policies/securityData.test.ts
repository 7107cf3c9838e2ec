import { unknown } from "./support";
import { document, type Row, remove, table } from "./table";

/** Rows that set one property (or delete it, if undefined). */
const setOne = (on: string, title: string, key: string, value: unknown, finds: string[] = [], says?: RegExp): Row => ({
  title,
  on,
  change: (props) => {
    props[key] = value;
  },
  finds,
  says,
});

describe("policies: data", () => {
  describe("s3-public-access", () => {
    const policy = "s3-public-access";
    table([
      ...["public-read", "public-read-write", "authenticated-read"].map((acl) =>
        setOne("acl", `finds the ACL ${acl}`, "acl", acl, [policy]),
      ),
      setOne("bucket", "finds a public ACL of the bucket itself", "acl", "public-read", [policy]),
      setOne("acl", "takes an ACL that is not known yet", "acl", unknown),
      setOne(
        "bucket",
        "finds a grant to everybody",
        "grants",
        [{ uri: "http://acs.amazonaws.com/groups/global/AllUsers" }],
        [policy],
      ),
      setOne(
        "acl",
        "finds a grant to everybody in an access control policy",
        "accessControlPolicy",
        { grants: [{ grantee: { uri: "http://acs.amazonaws.com/groups/global/AuthenticatedUsers" } }] },
        [policy],
      ),
      setOne("acl", "takes a grant to log delivery", "accessControlPolicy", {
        grants: [{ grantee: { uri: "http://acs.amazonaws.com/groups/s3/LogDelivery" } }],
      }),
      ...["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].flatMap((flag) => [
        setOne("block", `finds ${flag} off`, flag, false, [policy], new RegExp(flag)),
        setOne("block", `finds ${flag} not set`, flag, undefined, [policy], new RegExp(flag)),
      ]),
      setOne("block", "says nothing while a flag is not known", "blockPublicAcls", unknown),
      setOne(
        "block",
        "says that a flag is of a wrong type",
        "blockPublicAcls",
        "yes",
        [policy],
        /true or false, but is a string/,
      ),
    ]);
  });

  describe("s3-public-access-block, s3-encryption, s3-tls-only", () => {
    const policyOf = (title: string, statement: object, finds: string[]): Row => ({
      title,
      on: "bucket-policy",
      change: (props) => {
        props.policy = document(statement);
      },
      finds,
    });
    const refuse = {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    };
    const open = ["s3-tls-only on bucket"];
    const gone = (name: string, finds: string): Row => ({
      title: `finds that the bucket has no ${name}`,
      on: name,
      change: (_props, _resource, stack) => remove(stack, name),
      finds: [`${finds} on bucket`],
    });
    table([
      gone("block", "s3-public-access-block"),
      gone("encryption", "s3-encryption"),
      gone("bucket-policy", "s3-tls-only"),
      setOne("block", "finds a block of another bucket", "bucket", "other", ["s3-public-access-block on bucket"]),
      setOne("block", "takes a block whose bucket is not known yet, by what it was made from", "bucket", unknown),
      setOne("bucket", "takes encryption inside of the bucket", "serverSideEncryptionConfiguration", {
        rule: { applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" } },
      }),
      {
        ...setOne(
          "encryption",
          "finds an algorithm not agreed on",
          "bucket",
          "bucket",
          ["s3-encryption on bucket"],
          /AES256; agreed on: aws:kms/,
        ),
        config: { "thingstack-security": { "s3-encryption": { algorithms: ["aws:kms"] } } },
      },
      policyOf(
        "takes the condition as a boolean",
        { ...refuse, Condition: { Bool: { "aws:SecureTransport": false } } },
        [],
      ),
      policyOf(
        "takes the condition as a list",
        { ...refuse, Condition: { Bool: { "aws:SecureTransport": ["false"] } } },
        [],
      ),
      policyOf("takes * for both", { ...refuse, Resource: "*" }, []),
      policyOf("takes everybody as AWS: *", { ...refuse, Principal: { AWS: "*" } }, []),
      policyOf("finds that only the objects are closed", { ...refuse, Resource: "arn:aws:s3:::bucket/*" }, open),
      policyOf("finds that only the bucket is closed", { ...refuse, Resource: "arn:aws:s3:::bucket" }, open),
      policyOf("finds that only reading is closed", { ...refuse, Action: "s3:GetObject" }, open),
      policyOf("finds that only one account is refused", { ...refuse, Principal: { AWS: "123456789012" } }, open),
      policyOf(
        "finds that TLS is refused instead",
        { ...refuse, Condition: { Bool: { "aws:SecureTransport": "true" } } },
        open,
      ),
      policyOf(
        "finds that nothing is denied",
        { ...refuse, Effect: "Allow", Action: "s3:GetObject", Principal: { AWS: "123456789012" } },
        open,
      ),
      setOne("bucket-policy", "says nothing while the policy is not known", "policy", unknown),
    ]);
  });

  describe("dynamodb-recovery", () => {
    const policy = "dynamodb-recovery";
    const recovery = (
      title: string,
      value: unknown,
      protect: boolean,
      stack: string,
      finds: string[],
      says?: RegExp,
    ): Row => ({
      title,
      on: "table",
      stack,
      change: (props, resource) => {
        props.pointInTimeRecovery = value;
        resource.opts = { protect };
      },
      finds,
      says,
    });
    const unprotected = "stateful-protection";
    table([
      recovery("finds a protected table without it", undefined, true, "dev", [policy], /is protected, but/),
      recovery("finds one that is switched off", { enabled: false }, true, "dev", [policy]),
      recovery(
        "finds a table of a protected stack without it",
        undefined,
        false,
        "prod",
        [policy, unprotected],
        /in a protected stack/,
      ),
      recovery("leaves other tables alone", undefined, false, "dev", []),
      recovery("says nothing while it is not known", unknown, true, "dev", []),
      recovery(
        "says that it is of a wrong type",
        { enabled: "yes" },
        true,
        "dev",
        [policy],
        /true or false, but is a string/,
      ),
      {
        ...recovery("takes the stacks of its configuration", undefined, false, "live-eu", [policy]),
        config: { "thingstack-security": { [policy]: { protectedStacks: ["live-*"] } } },
      },
      {
        ...recovery("does not take a stack whose name only begins alike", undefined, false, "productive", []),
      },
    ]);
  });

  describe("sqs-encryption, sns-encryption, streams-encryption", () => {
    table([
      setOne("orders", "finds a queue that says nothing", "sqsManagedSseEnabled", undefined, ["sqs-encryption"]),
      setOne("orders", "finds a queue that switches it off", "sqsManagedSseEnabled", false, ["sqs-encryption"]),
      {
        title: "takes a queue with a key of one's own, not known yet",
        on: "orders",
        change: (props) => {
          delete props.sqsManagedSseEnabled;
          props.kmsMasterKeyId = unknown;
        },
      },
      setOne("alarms", "finds a topic without a key", "kmsMasterKeyId", undefined, ["sns-encryption"]),
      setOne("alarms", "finds a topic whose key is empty", "kmsMasterKeyId", "", ["sns-encryption"]),
      setOne("alarms", "takes a topic whose key is not known yet", "kmsMasterKeyId", unknown),
      setOne("stream", "finds a stream without encryption", "encryptionType", undefined, ["streams-encryption"]),
      setOne("stream", "finds a stream with encryption NONE", "encryptionType", "NONE", ["streams-encryption"]),
      setOne("stream", "finds a stream without a key", "kmsKeyId", undefined, ["streams-encryption"]),
      setOne("stream", "says nothing while it is not known", "encryptionType", unknown),
      setOne("delivery", "finds a delivery stream without encryption", "serverSideEncryption", undefined, [
        "streams-encryption",
      ]),
      {
        title: "takes a delivery stream that reads a Kinesis stream",
        on: "delivery",
        change: (props) => {
          delete props.serverSideEncryption;
          props.kinesisSourceConfiguration = { kinesisStreamArn: unknown };
        },
      },
    ]);
  });
});
