import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ServiceRole } from "../access/serviceRole";

/**
 * Lets API Gateway write access logs: a role that an account has once per region, for all its APIs. Exactly one stack of an
 * account and region owns it, as with {@link AccountIot}; the others tell {@link DeviceApi} that it is "owned elsewhere".
 */
export class ApiLogging extends pulumi.ComponentResource {
  readonly account: aws.apigateway.Account;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:api:ApiLogging", name, {}, opts);

    const role = new ServiceRole(
      name,
      {
        service: "apigateway.amazonaws.com",
        description: "Lets API Gateway write the access logs of all APIs of the account",
        grants: [
          {
            // When the role is set, API Gateway tries these on all log groups, and refuses a role that may do less.
            sid: "AnyResourceBecauseApiGatewayTakesNoNarrowerRole",
            actions: [
              "logs:CreateLogGroup",
              "logs:CreateLogStream",
              "logs:DescribeLogGroups",
              "logs:DescribeLogStreams",
              "logs:FilterLogEvents",
              "logs:GetLogEvents",
              "logs:PutLogEvents",
            ],
            resources: ["*"],
          },
        ],
      },
      { parent: this },
    );
    this.account = new aws.apigateway.Account(`${name}-account`, { cloudwatchRoleArn: role.arn }, { parent: this });
    this.registerOutputs({ account: this.account });
  }
}
