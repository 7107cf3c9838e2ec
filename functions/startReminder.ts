import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { firstState, loopItemOf, type NewAnomaly } from "./reminderLoop";

/** The anomaly that a stream record tells of; an error when the record is not one. */
export function newAnomalyOf(record: DynamoDBRecord): NewAnomaly {
  const image = record.dynamodb?.NewImage;
  const deviceId = image?.deviceId?.S;
  const openedAt = Number(image?.openedAt?.N);
  if (!record.eventID || !record.dynamodb?.SequenceNumber || !deviceId || !Number.isFinite(openedAt)) {
    throw new Error(`not a new anomaly (it needs deviceId and openedAt): ${JSON.stringify(record)}`);
  }
  return { deviceId, openedAt, eventId: record.eventID, sequenceNumber: record.dynamodb.SequenceNumber };
}

/**
 * Starts one loop per new anomaly. Lambda may deliver a record again at any time, and an older one after a newer one:
 * the loop item is only ever replaced by that of a later anomaly, and the execution's name is the anomaly's, so a second
 * start finds the first.
 *
 * Environment: TABLE_NAME, STATE_MACHINE_ARN, INTERVAL (seconds), COUNT.
 */
export function startReminder() {
  const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const sfn = new SFNClient({});
  const settings = { interval: Number(process.env.INTERVAL), count: Number(process.env.COUNT) };

  async function start(anomaly: NewAnomaly): Promise<void> {
    const item = loopItemOf(anomaly, settings);
    try {
      await table.send(
        new PutCommand({
          TableName: process.env.TABLE_NAME,
          Item: item,
          ConditionExpression: "attribute_not_exists(loopId) OR #sequence <= :sequence",
          ExpressionAttributeNames: { "#sequence": "sequence" },
          ExpressionAttributeValues: { ":sequence": item.sequence },
        }),
      );
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        console.info(JSON.stringify({ message: "a later anomaly has its loop already", ...anomaly }));
        return;
      }
      throw error;
    }
    const state = firstState(anomaly, settings);
    try {
      await sfn.send(
        new StartExecutionCommand({
          stateMachineArn: process.env.STATE_MACHINE_ARN,
          name: state.loopId,
          input: JSON.stringify(state),
        }),
      );
      console.info(JSON.stringify({ message: "loop started", ...state }));
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
      console.info(JSON.stringify({ message: "loop was started before", ...state }));
    }
  }

  return async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    for (const record of event.Records) {
      try {
        await start(newAnomalyOf(record));
      } catch (error) {
        // Records of one shard are in order, so the first failure is where Lambda has to go on from.
        console.error(JSON.stringify({ message: "loop not started", reason: String(error), eventId: record.eventID }));
        return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" }] };
      }
    }
    return { batchItemFailures: [] };
  };
}
