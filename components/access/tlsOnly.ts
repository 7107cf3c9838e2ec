import type * as pulumi from "@pulumi/pulumi";
import { jsonStringify } from "@pulumi/pulumi";

/**
 * A resource policy that refuses whoever comes by plain HTTP, and allows nothing by itself.
 * @param statements of the same policy, that allow something
 */
export function tlsOnly(
  action: string,
  resource: pulumi.Input<pulumi.Input<string> | pulumi.Input<string>[]>,
  ...statements: pulumi.Input<object>[]
) {
  return jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "RefusePlainHttp",
        Effect: "Deny",
        Principal: "*",
        Action: action,
        Resource: resource,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      ...statements,
    ],
  });
}
