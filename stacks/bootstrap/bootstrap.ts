import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";
import { checkAccount } from "./account";
import { githubRoleSteps } from "./githubRoles";
import { SecretsKey } from "./secretsKey";
import type { Settings } from "./settings";
import { stateBucketSteps } from "./stateBucket";
import { type Outcome, take } from "./step";

export interface BootstrapOptions {
  /** Look and tell, change nothing. */
  readonly dryRun?: boolean;
  /** Also make the role of the end-to-end tests. */
  readonly withTestRole?: boolean;
  /** Another endpoint than AWS's own, for all services: a local cloud. */
  readonly endpoint?: string;
  readonly print?: (line: string) => void;
}

/**
 * Gives an account what deployments need before the first `pulumi up`: a place and a key for the state, and roles that
 * GitHub Actions takes without a stored key. Every step looks first, so it is safe to repeat: a second run changes
 * nothing, an interrupted one is taken up where it stopped, and what somebody changed by hand is put back.
 *
 * @throws SettingsError when the credentials are of another account than the stack's; then nothing was changed.
 */
export async function bootstrap(settings: Settings, options: BootstrapOptions = {}): Promise<Outcome> {
  const { dryRun = false, withTestRole = false, endpoint, print = () => undefined } = options;
  const config = { region: settings.region, ...(endpoint && { endpoint }) };
  await checkAccount(new STSClient(config), settings);

  const key = SecretsKey.of(config, settings);
  const keyArn = () => key.arn;
  // A local cloud answers at one host name, so buckets are found by path there.
  const s3 = new S3Client({ ...config, forcePathStyle: endpoint !== undefined });
  const steps = [
    ...key.steps(),
    ...stateBucketSteps(s3, settings, keyArn),
    ...githubRoleSteps(new IAMClient(config), settings, keyArn, withTestRole),
  ];
  return take(steps, dryRun, print);
}
