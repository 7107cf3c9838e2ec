import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Grant, policyDocument } from "./grants";

export interface ServiceRoleArgs {
  /** The AWS service that takes the role, e.g. `lambda.amazonaws.com`. */
  readonly service: string;
  /** What the role may do: one inline policy with a statement per grant. */
  readonly grants: readonly Grant[];
  /** What the role is for; shown in the IAM console. */
  readonly description: string;
}

/**
 * A role for one AWS service with named grants and nothing else: no managed policies, no wildcards of its own.
 */
export class ServiceRole extends pulumi.ComponentResource {
  /** The role's ARN, known only once its policy is attached, so that nothing runs before it may. */
  readonly arn: pulumi.Output<string>;
  readonly role: aws.iam.Role;

  constructor(name: string, args: ServiceRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:iam:ServiceRole", name, {}, opts);

    this.role = new aws.iam.Role(
      `${name}-role`,
      {
        description: args.description,
        assumeRolePolicy: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: args.service }, Action: "sts:AssumeRole" }],
        },
      },
      { parent: this },
    );
    const grants = new aws.iam.RolePolicy(
      `${name}-grants`,
      { role: this.role.id, policy: policyDocument(args.grants) },
      { parent: this },
    );

    this.arn = pulumi.all([this.role.arn, grants.id]).apply(([arn]) => arn);
    this.registerOutputs({ arn: this.arn, role: this.role });
  }
}
