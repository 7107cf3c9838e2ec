import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { awsConfig } from "../../sandbox/aws";
import type { LocalCloud } from "../../sandbox/localCloud";
import type { Settings } from "../../stacks/bootstrap/settings";

/**
 * The credentials that a workflow of GitHub Actions gets for its OIDC token, as environment variables. The local cloud
 * checks whom the role trusts; it does not check the token's signature, so an unsigned one says who asks.
 *
 * @param subject Where the job runs: `environment:dev`, `pull_request`, `ref:refs/heads/main`.
 */
export async function assumeRoleFromGitHub(
  cloud: LocalCloud,
  { account, repository }: Pick<Settings, "account" | "repository">,
  role: string,
  subject: string,
) {
  const claims = {
    iss: "https://token.actions.githubusercontent.com",
    aud: "sts.amazonaws.com",
    sub: `repo:${repository}:${subject}`,
  };
  const token = [{ alg: "none" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const { Credentials } = await new STSClient(awsConfig(cloud)).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: `arn:aws:iam::${account}:role/${role}`,
      RoleSessionName: "github",
      WebIdentityToken: `${token.join(".")}.`,
    }),
  );
  return {
    AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? "",
    AWS_SESSION_TOKEN: Credentials?.SessionToken ?? "",
  };
}
