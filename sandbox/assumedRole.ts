import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";

/** What the AWS SDK takes from a credential provider. */
export interface RoleSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** Credentials of a role, as a service gets them that runs with it. @throws Error when STS gives none */
export async function assumeRole(
  sts: Pick<STSClient, "send">,
  RoleArn: string,
  RoleSessionName: string,
): Promise<RoleSession> {
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName }));
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) throw new Error("STS gave no credentials");
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  };
}
