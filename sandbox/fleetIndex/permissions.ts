import { IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { type AwsTarget, awsConfig } from "../aws";
import type { AwsRequest, AwsResponse } from "../fill";
import { isRoot } from "../ministack/callerAccount";
import { passOn } from "../passOn";
import { AwsError } from "../rules/awsErrors";

/** Whether those who send requests may. */
export class Permissions {
  /** @param cloud the front door */
  constructor(private readonly cloud: AwsTarget) {}

  /**
   * Lets only those through whom IAM lets. MiniStack verifies the signature and knows the action, though not the operation;
   * but it asks for the action on every resource, where AWS asks for it on one. Whoever it turns away for that, by name,
   * is judged again by its policy simulator, on the right resource.
   * @param resource as in an ARN, e.g. `thinggroup/older`
   * @returns the answer to give instead, when the request has no valid signature
   * @throws AwsError AccessDeniedException
   */
  async authorize(request: AwsRequest, resource: string): Promise<AwsResponse | undefined> {
    if (isRoot(request.accessKeyId)) return undefined;
    const answer = await passOn(this.cloud.endpoint, request);
    if (answer.status !== 403 && answer.status !== 401) return undefined;
    const denial = /User: (\S+) is not authorized to perform: (\S+) on resource: \* /.exec(String(answer.body));
    if (!denial) return answer;
    const [, principal = "", action = ""] = denial;
    const { region } = request;
    const accountId = principal.split(":")[4] ?? this.cloud.accountId;
    const arn = `arn:aws:iot:${region}:${accountId}:${resource}`;
    if (await this.simulate(principal, action, arn, accountId)) return undefined;
    const reason = `because no identity-based policy allows the ${action} action`;
    throw new AwsError(
      403,
      "AccessDeniedException",
      `User: ${principal} is not authorized to perform: ${action} on resource: ${arn} ${reason}`,
    );
  }

  private async simulate(principal: string, action: string, arn: string, accountId: string): Promise<boolean> {
    const iam = new IAMClient(awsConfig(this.cloud, accountId));
    try {
      const { EvaluationResults } = await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: roleOf(principal),
          ActionNames: [action],
          ResourceArns: [arn],
        }),
      );
      return EvaluationResults?.[0]?.EvalDecision === "allowed";
    } finally {
      iam.destroy();
    }
  }
}

/** Policies belong to a role, not to its sessions. */
function roleOf(principal: string): string {
  return principal.replace(/^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/.*$/, "arn:aws:iam::$1:role/$2");
}
