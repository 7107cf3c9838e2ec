import { PublishCommand } from "@aws-sdk/client-sns";
import type { ActionKind } from "./action";

/**
 * Publishes the result to an SNS topic. With messageFormat JSON it holds a message per protocol, and SNS wants a
 * `default` among them.
 */
export const snsAction: ActionKind = {
  failedAction: "SnsAction",
  attempt: "publish message to SNS",
  compile(fields) {
    const targetArn = fields.template("targetArn");
    const structure = fields.choice("messageFormat", ["RAW", "JSON"]) === "JSON" ? "json" : undefined;
    const roleArn = fields.roleArn();
    fields.refuseOthers();
    return {
      resource: targetArn,
      async run(message, output, clients) {
        const text = output.bytes().toString("utf8");
        await clients
          .sns(roleArn)
          .send(new PublishCommand({ TargetArn: targetArn(message), Message: text, MessageStructure: structure }));
      },
    };
  },
};
