import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import type { TokenClaims } from "./accessToken";

/** The groups of the user pool that open the API. */
export const groups = { admin: "admin", user: "user" } as const;

export interface Rules {
  /** Routes for admins only, as `POST /releases`; the path as in the route table. */
  readonly adminOnly: readonly string[];
  /** Whether a user owns a thing. */
  readonly owns: (sub: string, thingName: string) => Promise<boolean>;
}

/**
 * What a caller may do with one request: admins all; users what is not for admins only, and of the things those that they
 * own; a user in no group, nothing.
 *
 * The answer names this one request, and API Gateway caches it under token, method and path, so that it can't be taken for
 * another: a policy for all that a user may do would be cached for a whole token, and is limited to 8 KB, some 70 things.
 */
export async function decide(
  event: Pick<APIGatewayRequestAuthorizerEvent, "methodArn" | "httpMethod" | "resource" | "pathParameters">,
  { sub, username, groups: memberOf }: TokenClaims,
  { adminOnly, owns }: Rules,
): Promise<APIGatewayAuthorizerResult> {
  const allowed = await isAllowed();
  return {
    principalId: sub,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [
        { Action: "execute-api:Invoke", Effect: allowed ? "Allow" : "Deny", Resource: allowed ? event.methodArn : "*" },
      ],
    },
    context: { sub, username, groups: memberOf.join(",") },
  };

  async function isAllowed(): Promise<boolean> {
    // A policy reads these as wildcards; no name in a path of this API has one.
    if (/[*?]/.test(event.methodArn)) return false;
    if (memberOf.includes(groups.admin)) return true;
    if (!memberOf.includes(groups.user) || adminOnly.includes(`${event.httpMethod} ${event.resource}`)) return false;
    if (!event.resource.includes("{thingName}")) return true;
    const thingName = thingNameOf(event.pathParameters?.thingName ?? "");
    return thingName !== undefined && owns(sub, thingName);
  }
}

/** A thing's name from a path, where `:` may be percent-encoded; undefined for what can't be one. */
function thingNameOf(parameter: string): string | undefined {
  try {
    const name = decodeURIComponent(parameter);
    return /^[a-zA-Z0-9:_-]{1,128}$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}
