import { GetAccessKeyInfoCommand, STSClient } from "@aws-sdk/client-sts";
import { type AwsTarget, awsConfig } from "../aws";
import type { AwsRequest } from "../fill";

/** To MiniStack twelve digits are an account's root, whom nothing limits. */
export function isRoot(accessKeyId: string): boolean {
  return /^\d{12}$/.test(accessKeyId);
}

/** Says which account a request comes from. */
export class CallerAccounts {
  private readonly sts: STSClient;

  constructor(private readonly cloud: AwsTarget) {
    this.sts = new STSClient(awsConfig(cloud));
  }

  async of({ accessKeyId }: AwsRequest): Promise<string> {
    if (isRoot(accessKeyId)) return accessKeyId;
    // Credentials of a role or a user; anything else is the root of the default account to MiniStack.
    if (!/^A[A-Z0-9]{15,}$/.test(accessKeyId)) return this.cloud.accountId;
    const { Account } = await this.sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: accessKeyId }));
    return Account ?? this.cloud.accountId;
  }

  close(): void {
    this.sts.destroy();
  }
}
