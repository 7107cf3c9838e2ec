import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { traced } from "../runtime/tracing";
import {
  endOf,
  firstState,
  type GoneAnomaly,
  type LoopState,
  loopItemOf,
  loopKind,
  type NewAnomaly,
  sequenceOf,
} from "./reminderLoop";

/** The anomaly that a stream record tells of; an error when the record is not one. */
export function newAnomalyOf(record: DynamoDBRecord): NewAnomaly {
  const image = record.dynamodb?.NewImage;
  const deviceId = image?.deviceId?.S;
  const openedAt = Number(image?.openedAt?.N);
  if (!record.eventID || !record.dynamodb?.SequenceNumber || !deviceId || !Number.isFinite(openedAt)) {
    throw new Error(`not a new anomaly (it needs deviceId and openedAt): ${JSON.stringify(record)}`);
  }
  const traceId = image?.traceId?.S;
  return {
    ...{ deviceId, openedAt, eventId: record.eventID, sequenceNumber: record.dynamodb.SequenceNumber },
    ...(traceId !== undefined && { traceId }),
  };
}

/** The end of an anomaly that a stream record tells of; an error when the record is not one. */
export function goneAnomalyOf({ dynamodb }: DynamoDBRecord): GoneAnomaly {
  const deviceId = dynamodb?.Keys?.deviceId?.S;
  const seconds = Number(dynamodb?.ApproximateCreationDateTime);
  if (!deviceId || !dynamodb?.SequenceNumber || !Number.isFinite(seconds)) {
    throw new Error(`not the end of an anomaly (it needs a key and a time): ${JSON.stringify(dynamodb)}`);
  }
  return { deviceId, second: Math.floor(seconds) * 1000, sequenceNumber: dynamodb.SequenceNumber };
}

/**
 * Starts one loop per new anomaly, and notes in its history when it begins and when it is over. Lambda may deliver a record
 * again at any time, and an older one after a newer one: the loop item is only ever replaced by that of a later anomaly, and
 * the execution's name is the anomaly's, so a second start finds the first. An end counts only for an anomaly before it.
 *
 * Environment: TABLE_NAME, HISTORY_TABLE_NAME, STATE_MACHINE_ARN, INTERVAL (seconds), COUNT, HISTORY_DAYS.
 */
export function startReminder() {
  const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const sfn = new SFNClient({});
  const { TABLE_NAME, HISTORY_TABLE_NAME } = process.env;
  const settings = { interval: Number(process.env.INTERVAL), count: Number(process.env.COUNT) };
  const day = 24 * 3600;

  const start = (anomaly: NewAnomaly) => traced("start", { thing: anomaly.deviceId }, () => startLoop(anomaly));

  async function startLoop(anomaly: NewAnomaly): Promise<void> {
    const item = loopItemOf(anomaly);
    let endedAt: string | undefined;
    try {
      await table.send(
        new PutCommand({
          TableName: TABLE_NAME,
          Item: item,
          ConditionExpression: "attribute_not_exists(loopId) OR #sequence < :sequence",
          ExpressionAttributeNames: { "#sequence": "sequence" },
          ExpressionAttributeValues: { ":sequence": item.sequence },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // Its own item, from an earlier delivery, stays as it is: it may have been acknowledged since.
      if (error.Item?.loopId?.S !== item.loopId) {
        console.info(JSON.stringify({ message: "a later anomaly has its loop already", ...anomaly }));
        return;
      }
      endedAt = error.Item.endedAt?.S;
    }
    const state = firstState(anomaly, settings);
    await noteBeginning(state);
    // A beginning that could not be noted in time, and was replayed: its end found no history to be noted in.
    if (endedAt !== undefined) await noteEnd({ deviceId: state.deviceId, openedAt: state.openedAt }, endedAt);
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

  /** A record that is delivered again leaves what was noted since. */
  async function noteBeginning({ deviceId, openedAt, loopId, interval, count }: LoopState): Promise<void> {
    await table.send(
      new UpdateCommand({
        TableName: HISTORY_TABLE_NAME,
        Key: { deviceId, openedAt },
        UpdateExpression:
          "SET #status = if_not_exists(#status, :open), reminders = if_not_exists(reminders, :none), " +
          "loopId = :loopId, #interval = :interval, #count = :count",
        ExpressionAttributeNames: { "#status": "status", "#interval": "interval", "#count": "count" },
        ExpressionAttributeValues: {
          ":open": "open",
          ":none": {},
          ":loopId": loopId,
          ":interval": interval,
          ":count": count,
        },
      }),
    );
  }

  /** The loop itself ends when it looks the next time; until then its item has to stay. */
  async function end(gone: GoneAnomaly): Promise<void> {
    const { deviceId } = gone;
    const endedAt = endOf(gone, Date.now());
    const loop = await unlessRefused(
      table.send(
        new UpdateCommand({
          TableName: TABLE_NAME,
          Key: { deviceId, kind: loopKind },
          UpdateExpression: "SET endedAt = if_not_exists(endedAt, :endedAt), expiresAt = :expiresAt",
          ConditionExpression: "#sequence < :sequence",
          ExpressionAttributeNames: { "#sequence": "sequence" },
          ExpressionAttributeValues: {
            ":endedAt": endedAt,
            ":expiresAt": secondOf(endedAt) + settings.interval * settings.count + day,
            ":sequence": sequenceOf(gone),
          },
          ReturnValues: "ALL_NEW",
        }),
      ),
    );
    if (!loop) {
      console.info(JSON.stringify({ message: "no loop that this end is of", ...gone }));
      return;
    }
    const { openedAt } = loop.Attributes as { openedAt: string };
    const ended = await noteEnd({ deviceId, openedAt }, endedAt);
    console.info(JSON.stringify({ message: ended ? "anomaly ended" : "its end was noted before", ...gone, openedAt }));
  }

  function noteEnd(Key: Pick<LoopState, "deviceId" | "openedAt">, endedAt: string) {
    return unlessRefused(
      table.send(
        new UpdateCommand({
          TableName: HISTORY_TABLE_NAME,
          Key,
          UpdateExpression: "SET #status = :ended, endedAt = :endedAt, expiresAt = :expiresAt",
          ConditionExpression: "#status = :open",
          ExpressionAttributeNames: { "#status": "status" },
          ExpressionAttributeValues: {
            ":open": "open",
            ":ended": "ended",
            ":endedAt": endedAt,
            ":expiresAt": secondOf(endedAt) + Number(process.env.HISTORY_DAYS) * day,
          },
        }),
      ),
    );
  }

  return async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    for (const record of event.Records) {
      try {
        if (record.eventName === "REMOVE") await end(goneAnomalyOf(record));
        else await start(newAnomalyOf(record));
      } catch (error) {
        // Records of one shard are in order, so the first failure is where Lambda has to go on from.
        console.error(JSON.stringify({ message: "loop not started", reason: String(error), eventId: record.eventID }));
        return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" }] };
      }
    }
    return { batchItemFailures: [] };
  };
}

/** A time in seconds since 1970, for DynamoDB to forget by. */
const secondOf = (time: string) => Math.ceil(Date.parse(time) / 1000);

/** What a conditional write answers, or nothing when its condition does not hold. */
async function unlessRefused<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
