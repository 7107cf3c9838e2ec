import { PutRecordBatchCommand, PutRecordCommand } from "@aws-sdk/client-firehose";
import type { ActionKind } from "./action";

const SEPARATORS = ["\n", "\t", "\r\n", ","] as const;
const MOST_RECORDS = 500;

/** Sends the result to a delivery stream; with batchMode an array, element by element. */
export const firehoseAction: ActionKind = {
  failedAction: "FirehoseAction",
  attempt: "publish message to Firehose",
  compile(fields) {
    const deliveryStreamName = fields.template("deliveryStreamName");
    const separator = fields.has("separator") ? fields.choice("separator", SEPARATORS) : "";
    const batchMode = fields.flag("batchMode");
    const roleArn = fields.roleArn();
    fields.refuseOthers();
    return {
      resource: deliveryStreamName,
      async run(message, output, clients) {
        const DeliveryStreamName = deliveryStreamName(message);
        const client = clients.firehose(roleArn);
        const record = (bytes: Buffer) => ({ Data: Buffer.concat([bytes, Buffer.from(separator)]) });
        const list = batchMode ? output.json() : undefined;
        if (!batchMode) {
          await client.send(new PutRecordCommand({ DeliveryStreamName, Record: record(output.bytes()) }));
          return;
        }
        if (!Array.isArray(list)) throw new Error("batchMode needs a SELECT that gives an array");
        for (let at = 0; at < list.length; at += MOST_RECORDS) {
          const Records = list.slice(at, at + MOST_RECORDS).map((one) => record(Buffer.from(JSON.stringify(one))));
          const { FailedPutCount = 0 } = await client.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
          if (FailedPutCount > 0) throw new Error(`Firehose refused ${FailedPutCount} of ${Records.length} records`);
        }
      },
    };
  },
};
