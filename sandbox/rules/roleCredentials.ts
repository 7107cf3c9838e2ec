import { GetRoleCommand, type IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";
import { allows } from "./policy";

/** What the SDK takes from a credential provider. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** New credentials are fetched when the old ones have less than this left. */
const RENEW_BEFORE_MS = 5 * 60_000;

/**
 * Sessions of the roles that rules act as, kept until shortly before they end.
 * AWS IoT assumes a role as the service iot.amazonaws.com. Here it is done with the account's root credentials, which
 * MiniStack lets into every role that trusts any service, so the role's trust policy is checked first.
 */
export class RoleCredentials {
  private readonly sessions = new Map<string, Promise<Session>>();

  constructor(
    private readonly iam: Pick<IAMClient, "send">,
    private readonly sts: Pick<STSClient, "send">,
    private readonly rule: { readonly accountId: string; readonly region: string },
  ) {}

  /** @throws Error that names the role, when it is not there or does not let AWS IoT in */
  async of(roleArn: string): Promise<Session> {
    const kept = await this.sessions.get(roleArn);
    if (kept && kept.expiration.getTime() - Date.now() > RENEW_BEFORE_MS) return kept;
    const session = this.assume(roleArn);
    this.sessions.set(roleArn, session);
    // The next message tries again.
    session.catch(() => this.sessions.delete(roleArn));
    return session;
  }

  private async assume(roleArn: string): Promise<Session> {
    try {
      await this.checkTrust(roleArn);
      const { Credentials } = await this.sts.send(
        new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "iot-rules-engine" }),
      );
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
      if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) throw new Error("STS gave no credentials");
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiration: Expiration,
      };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Unable to assume role ${roleArn}: ${reason}`, { cause: error });
    }
  }

  private async checkTrust(roleArn: string): Promise<void> {
    const { Role } = await this.iam.send(new GetRoleCommand({ RoleName: roleArn.split("/").at(-1) }));
    const { accountId, region } = this.rule;
    // Sessions are shared by an account's rules; a trust policy that names one rule is met by any of them.
    const rule = { accountId, arn: `arn:aws:iot:${region}:${accountId}:rule/*` };
    const trust = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "");
    if (!allows(trust, { service: "iot.amazonaws.com", action: "sts:AssumeRole", rule })) {
      throw new Error("its trust policy does not let iot.amazonaws.com call sts:AssumeRole");
    }
  }
}
