import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import { type Settings, SettingsError } from "./settings";

/**
 * Refuses to go on with the credentials of another account than the stack's.
 *
 * @throws SettingsError naming both accounts.
 */
export async function checkAccount(sts: STSClient, settings: Settings): Promise<void> {
  const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
  if (Account === settings.account) return;
  throw new SettingsError(
    `The stack ${settings.stack} belongs to account ${settings.account} (aws:allowedAccountIds in ` +
      `Pulumi.${settings.stack}.yaml), but these credentials are of account ${Account} (${Arn}). ` +
      "Nothing was changed. Choose the right profile (AWS_PROFILE), or correct the stack's file.",
  );
}
