import { PutRecordCommand } from "@aws-sdk/client-kinesis";
import type { ActionKind } from "./action";

const MOST_KEY_CHARACTERS = 256;

/** Puts the result into a stream, under a partition key that is filled in from the message. */
export const kinesisAction: ActionKind = {
  failedAction: "KinesisAction",
  attempt: "put record to Kinesis stream",
  compile(fields) {
    const streamName = fields.template("streamName");
    // AWS makes a random key where none is given.
    const partitionKey = fields.optionalTemplate("partitionKey");
    const roleArn = fields.roleArn();
    fields.refuseOthers();
    return {
      resource: streamName,
      async run(message, output, clients) {
        const PartitionKey = partitionKey ? partitionKey(message) : message.environment.newUuid();
        if (PartitionKey === "" || PartitionKey.length > MOST_KEY_CHARACTERS) {
          throw new Error(`The partition key has ${PartitionKey.length} characters; Kinesis takes 1 to 256`);
        }
        const StreamName = streamName(message);
        await clients.kinesis(roleArn).send(new PutRecordCommand({ StreamName, PartitionKey, Data: output.bytes() }));
      },
    };
  },
};
