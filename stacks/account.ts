import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/**
 * Refuses to go on in an account that the stack does not belong to, before anything is made.
 *
 * The AWS provider checks `aws:allowedAccountIds` too, but its error names only the account that it found.
 * @throws pulumi.RunError naming both accounts
 */
export async function assertAccount(
  allowedAccountIds: readonly string[],
  stack: string = pulumi.getStack(),
): Promise<void> {
  const { accountId } = await aws.getCallerIdentity();
  if (allowedAccountIds.includes(accountId)) return;
  throw new pulumi.RunError(
    `The stack "${stack}" belongs to account ${allowedAccountIds.join(" or ")}, but your credentials are for account ` +
      `${accountId}. Nothing was changed. Use credentials of the right account (AWS_PROFILE=...), or correct ` +
      `aws:allowedAccountIds in Pulumi.${stack}.yaml.`,
  );
}
