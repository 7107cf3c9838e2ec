import { PublishCommand } from "@aws-sdk/client-iot-data-plane";
import type { ActionKind } from "./action";

/** Publishes the result to another MQTT topic. `$$aws/...` in the rule is the reserved topic `$aws/...`. */
export const republishAction: ActionKind = {
  failedAction: "RepublishAction",
  attempt: "republish message",
  compile(fields) {
    const template = fields.template("topic");
    const qos = fields.qos();
    const roleArn = fields.roleArn();
    fields.refuseOthers();
    const topic: typeof template = (message) => template(message).replace(/^\$\$/, "$");
    return {
      resource: topic,
      async run(message, output, clients) {
        const target = topic(message);
        if (/[+#]/.test(target)) throw new Error(`"${target}" is a topic filter; a message needs a topic`);
        await clients.iotData(roleArn).send(new PublishCommand({ topic: target, qos, payload: output.bytes() }));
      },
    };
  },
};
