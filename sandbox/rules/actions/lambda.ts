import { GetPolicyCommand, InvokeCommand } from "@aws-sdk/client-lambda";
import { allows } from "../policy";
import type { ActionClients, ActionKind, RuleIdentity } from "./action";

/**
 * Invokes a function and does not wait for it, so that only a call that Lambda refuses is a failed action.
 * AWS takes no role here: the function's policy must let AWS IoT in for this rule. Nobody checks that on the local
 * cloud but this action.
 */
export const lambdaAction: ActionKind = {
  failedAction: "LambdaAction",
  attempt: "invoke Lambda function",
  compile(fields, rule) {
    const functionArn = fields.template("functionArn");
    fields.refuseOthers();
    return {
      resource: functionArn,
      async run(message, output, clients) {
        const arn = functionArn(message);
        const event = JSON.stringify(output.json());
        await checkPermission(arn, rule, clients);
        await clients
          .lambda()
          .send(new InvokeCommand({ FunctionName: arn, InvocationType: "Event", Payload: Buffer.from(event, "utf8") }));
      },
    };
  },
};

async function checkPermission(arn: string, rule: RuleIdentity, clients: ActionClients): Promise<void> {
  const [, name, qualifier] = /^(arn:[^:]+:lambda:[^:]+:\d+:function:[^:]+)(?::(.+))?$/.exec(arn) ?? [];
  const { Policy } = await clients
    .lambda()
    .send(new GetPolicyCommand({ FunctionName: name ?? arn, Qualifier: qualifier }));
  const question = { service: "iot.amazonaws.com", action: "lambda:InvokeFunction", resource: arn, rule };
  if (!allows(Policy ?? "", question)) {
    throw new Error(
      `iot.amazonaws.com is not authorized to perform lambda:InvokeFunction on ${arn}. Give the function an ` +
        `aws.lambda.Permission with the principal iot.amazonaws.com and the sourceArn ${rule.arn}`,
    );
  }
}
