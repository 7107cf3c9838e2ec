import { GetRoleCommand, type IAMClient } from "@aws-sdk/client-iam";
import type { STSClient } from "@aws-sdk/client-sts";
import { assumeRole, type RoleSession } from "../assumedRole";
import type { RuleIdentity } from "./actions/action";
import { allows } from "./policy";

/** New credentials are fetched when the old ones have less than this left. */
const RENEW_BEFORE_MS = 5 * 60_000;

interface Kept {
  readonly session: Promise<RoleSession>;
  /** Milliseconds since 1970. */
  renewAt: number;
}

/**
 * Sessions of the roles that rules act as, kept until shortly before they end.
 * AWS IoT assumes a role as the service iot.amazonaws.com. Here it is done with the account's root credentials, which
 * MiniStack lets into every role that trusts any service, so the role's trust policy is checked first.
 */
export class RoleCredentials {
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly iam: Pick<IAMClient, "send">,
    private readonly sts: Pick<STSClient, "send">,
  ) {}

  /** @throws Error that names the role, when it is not there or does not let AWS IoT in for this rule */
  of(roleArn: string, rule: RuleIdentity): Promise<RoleSession> {
    const key = `${roleArn} ${rule.arn}`;
    const found = this.kept.get(key);
    if (found && Date.now() < found.renewAt) return found.session;
    const kept = { session: this.assume(roleArn, rule), renewAt: Number.POSITIVE_INFINITY };
    this.kept.set(key, kept);
    kept.session.then(
      ({ expiration }) => {
        kept.renewAt = expiration.getTime() - RENEW_BEFORE_MS;
      },
      // The next message tries again.
      () => this.kept.delete(key),
    );
    return kept.session;
  }

  private async assume(roleArn: string, rule: RuleIdentity): Promise<RoleSession> {
    try {
      await this.checkTrust(roleArn, rule);
      return await assumeRole(this.sts, roleArn, "iot-rules-engine");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Unable to assume role ${roleArn}: ${reason}`, { cause: error });
    }
  }

  private async checkTrust(roleArn: string, rule: RuleIdentity): Promise<void> {
    const { Role } = await this.iam.send(new GetRoleCommand({ RoleName: roleArn.split("/").at(-1) }));
    const trust = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "");
    if (!allows(trust, { service: "iot.amazonaws.com", action: "sts:AssumeRole", rule })) {
      throw new Error("its trust policy does not let iot.amazonaws.com call sts:AssumeRole for this rule");
    }
  }
}
