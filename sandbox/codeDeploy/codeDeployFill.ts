import type { AwsTarget } from "../aws";
import type { Fill } from "../fill";
import { isPassedOn } from "../passOn";
import { CodeDeployAccount } from "./account";
import { awsCalls } from "./deploymentCalls";
import { CodeDeployError } from "./errors";

export interface CodeDeployOptions extends AwsTarget {
  /** How much faster than on AWS the minutes between shifts of traffic pass. */
  readonly speed: number;
  readonly log?: (text: string) => void;
}

const TARGET = "CodeDeploy_20141006.";
const headers = { "content-type": "application/x-amz-json-1.1" };

/**
 * CodeDeploy for functions, which MiniStack does not have: hooks run, alarms are watched, the alias moves or returns. The
 * share of calls that a version gets is not played, as MiniStack ignores the weights of an alias.
 */
export function codeDeployFill({ endpoint, region, accountId, speed, log = () => {} }: CodeDeployOptions): Fill {
  const accounts = new Map<string, CodeDeployAccount>();
  const accountOf = (accessKeyId: string, requestRegion: string) => {
    // A hook signs as its role; roles are of the cloud's own account.
    const target = {
      endpoint,
      accountId: /^\d{12}$/.test(accessKeyId) ? accessKeyId : accountId,
      region: requestRegion || region,
    };
    const key = `${target.accountId}/${target.region}`;
    const account = accounts.get(key) ?? new CodeDeployAccount({ target, speed, open: awsCalls, log });
    accounts.set(key, account);
    return account;
  };

  return {
    name: "CodeDeploy",
    takes: (request) => request.service === "codedeploy" && !isPassedOn(request),
    async answer(request) {
      try {
        const operation = (request.headers["x-amz-target"] ?? "").replace(TARGET, "");
        const input = JSON.parse(request.body.toString("utf8") || "{}");
        const body = accountOf(request.accessKeyId, request.region).call(operation, input);
        return { status: 200, headers, body };
      } catch (error) {
        if (!(error instanceof CodeDeployError)) throw error;
        return { status: 400, headers, body: { __type: error.name, message: error.message } };
      }
    },
    async close() {
      await Promise.all([...accounts.values()].map((account) => account.close()));
    },
  };
}
