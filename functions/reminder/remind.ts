import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IoTDataPlaneClient, PublishCommand as PublishMqttCommand } from "@aws-sdk/client-iot-data-plane";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { DynamoDBDocumentClient, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { writeMetrics } from "../runtime/embeddedMetrics";
import { traced } from "../runtime/tracing";
import { type Finding, type LoopState, look, reminderOf, sentenceOf } from "./reminderLoop";

/**
 * Looks whether the anomaly still stands and, if so, tells people: on an SNS topic and on an MQTT topic, and notes it in the
 * anomaly's history. The state machine counts, waits and retries; a notification that fails is an error here, so that it does.
 *
 * Environment: TABLE_NAME, HISTORY_TABLE_NAME, ANOMALY (its name), TOPIC_ARN, APP_TOPIC (`{thing}` stands for the thing's name).
 */
export function remind() {
  const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const sns = new SNSClient({});
  const mqtt = new IoTDataPlaneClient({});
  const anomaly = process.env.ANOMALY ?? "";

  /** Once told, a reminder is in the history under its index; told twice, it is still one. */
  async function note({ deviceId, openedAt, loopId, index }: LoopState): Promise<void> {
    try {
      await table.send(
        new UpdateCommand({
          TableName: process.env.HISTORY_TABLE_NAME,
          Key: { deviceId, openedAt },
          UpdateExpression: "SET reminders.#index = :now",
          ConditionExpression: "loopId = :loopId",
          ExpressionAttributeNames: { "#index": String(index) },
          ExpressionAttributeValues: { ":now": new Date().toISOString(), ":loopId": loopId },
        }),
      );
    } catch (error) {
      // A loop that was started before there was a history.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      console.info(JSON.stringify({ message: "no history to note it in", deviceId, openedAt, loopId, index }));
    }
  }

  async function tell(state: LoopState): Promise<{ finding: Finding }> {
    const { Items = [] } = await table.send(
      new QueryCommand({
        TableName: process.env.TABLE_NAME,
        KeyConditionExpression: "deviceId = :deviceId",
        ExpressionAttributeValues: { ":deviceId": state.deviceId },
        ConsistentRead: true,
      }),
    );
    const finding = look(Items as { kind: string }[], state.loopId);
    if (finding !== "stands") {
      console.info(JSON.stringify({ message: "loop ends", finding, ...state }));
      return { finding };
    }
    const reminder = reminderOf(state, anomaly);
    const text = JSON.stringify(reminder);
    const sentence = sentenceOf(reminder);
    await Promise.all([
      sns.send(
        new PublishCommand({
          TopicArn: process.env.TOPIC_ARN,
          Subject: `${reminder.deviceId}: ${anomaly}`.slice(0, 100),
          MessageStructure: "json",
          Message: JSON.stringify({ default: text, email: sentence, sms: sentence }),
        }),
      ),
      mqtt.send(
        new PublishMqttCommand({
          topic: (process.env.APP_TOPIC ?? "").replace("{thing}", reminder.deviceId),
          qos: 1,
          payload: Buffer.from(text),
        }),
      ),
    ]);
    await note(state);
    writeMetrics({ RemindersSent: 1 });
    console.info(JSON.stringify({ message: "reminded", traceId: state.traceId, ...reminder }));
    return { finding };
  }

  return (state: LoopState) => traced("remind", { thing: state.deviceId, anomaly }, () => tell(state));
}
