import { type ObjectCannedACL, PutObjectCommand } from "@aws-sdk/client-s3";
import type { ActionKind } from "./action";

const ACLS = [
  "private",
  "public-read",
  "public-read-write",
  "aws-exec-read",
  "authenticated-read",
  "bucket-owner-read",
  "bucket-owner-full-control",
  "log-delivery-write",
] as const;

/** Writes the result, or the payload as it came, as one object; a key without a template is overwritten each time. */
export const s3Action: ActionKind = {
  failedAction: "S3Action",
  attempt: "put object into S3 bucket",
  compile(fields) {
    const bucketName = fields.template("bucketName");
    const key = fields.template("key");
    const acl = fields.has("cannedAcl") ? fields.choice("cannedAcl", ACLS) : undefined;
    const roleArn = fields.roleArn();
    fields.refuseOthers();
    return {
      resource: bucketName,
      async run(message, output, clients) {
        const Key = key(message);
        if (Key === "") throw new Error("The key is empty: nothing of its template is in the message");
        await clients.s3(roleArn).send(
          new PutObjectCommand({
            Bucket: bucketName(message),
            Key,
            Body: output.bytes(),
            ACL: acl as ObjectCannedACL | undefined,
          }),
        );
      },
    };
  },
};
