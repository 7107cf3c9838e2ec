import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { ActionKind } from "./action";

/** Sends the result to a queue, as JSON or as its base64. FIFO queues are not supported, as on AWS. */
export const sqsAction: ActionKind = {
  failedAction: "SqsAction",
  attempt: "send message to SQS",
  compile(fields) {
    const queueUrl = fields.template("queueUrl");
    const encoding = fields.flag("useBase64") ? "base64" : "utf8";
    const roleArn = fields.roleArn();
    fields.refuseOthers();
    return {
      resource: queueUrl,
      async run(message, output, clients) {
        const url = queueUrl(message);
        if (url.endsWith(".fifo")) throw new Error("The SQS action does not support FIFO queues");
        const body = output.bytes().toString(encoding);
        await clients.sqs(roleArn).send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
      },
    };
  },
};
