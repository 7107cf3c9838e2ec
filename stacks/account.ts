import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { StackError } from "./stackError";

/**
 * Refuses to go on in an account that the stack does not belong to, before anything is made.
 *
 * The AWS provider checks `aws:allowedAccountIds` as well, already when it is asked who we are, and names only the account
 * that it found; so its refusal gets the rest of the sentence here.
 * @throws StackError naming both accounts
 */
export async function assertAccount(
  allowedAccountIds: readonly string[],
  stack: string = pulumi.getStack(),
): Promise<void> {
  const belongs = `The stack "${stack}" belongs to account ${allowedAccountIds.join(" or ")}`;
  const mend =
    "Nothing was changed. Use credentials of the right account (AWS_PROFILE=...), or correct " +
    `aws:allowedAccountIds in Pulumi.${stack}.yaml.`;
  const { accountId } = await aws.getCallerIdentity().catch((error: Error) => {
    if (!/account/i.test(error.message)) throw error;
    throw new StackError(`${belongs}, but the AWS provider refuses your credentials: ${error.message}. ${mend}`);
  });
  if (allowedAccountIds.includes(accountId)) return;
  throw new StackError(`${belongs}, but your credentials are for account ${accountId}. ${mend}`);
}
