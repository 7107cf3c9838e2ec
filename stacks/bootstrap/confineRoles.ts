import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { workloadPath } from "./names";

/**
 * Puts every role that the program makes, however deep inside a component, under the stack's own IAM path and inside the
 * boundary. That is what the deploy role insists on (`writePermissions`): it can neither make a role elsewhere nor one
 * that could do more than the boundary says. Call it before the first resource is made.
 *
 * @param boundaryArn The workload boundary that the bootstrap made; it prints the ARN.
 */
export function confineRoles(boundaryArn: pulumi.Input<string>): void {
  const confined = {
    path: workloadPath(pulumi.getProject(), pulumi.getStack()),
    permissionsBoundary: boundaryArn,
  } satisfies Partial<aws.iam.RoleArgs>;
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
    return type === "aws:iam/role:Role" ? { props: { ...props, ...confined }, opts } : undefined;
  });
}
