import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { AnomalyRecord } from "../reminder/reminderLoop";

/** The tables of one kind of anomaly. */
export interface AnomalyTables {
  readonly table: string;
  readonly history: string;
}

/** The kinds that are watched, from the environment's ANOMALIES. */
export const kindsWatched = (): Record<string, AnomalyTables> => JSON.parse(process.env.ANOMALIES ?? "{}");

/** A reminder in the history of an anomaly. */
export interface ReminderTold {
  /** From 1. */
  readonly index: number;
  readonly dueAt: string;
  /** When it was told. */
  readonly at: string;
}

/** An anomaly, as the API tells of it. */
export interface Anomaly {
  readonly thingName: string;
  readonly kind: string;
  readonly status: "open" | "ended";
  readonly openedAt: string;
  /** Seconds from the beginning to the first reminder, and from each to the next. */
  readonly interval: number;
  readonly remindersSent: number;
  /** How many reminders there are at most. */
  readonly count: number;
  /** Missing when there will be none. */
  readonly nextReminderAt?: string;
  readonly acknowledged: boolean;
  readonly acknowledgedAt?: string;
  readonly acknowledgedBy?: string;
  readonly endedAt?: string;
  /** `solved`: the device reported that it is over, or an app deleted it. */
  readonly endedBy?: string;
}

/** What a record of the history says at a moment (milliseconds since 1970). */
export function anomalyOf(record: AnomalyRecord, kind: string, now: number): Anomaly {
  const { deviceId: thingName, openedAt, status, interval, count, reminders, endedAt } = record;
  const { acknowledgedAt, acknowledgedBy } = record;
  const opened = Date.parse(openedAt);
  const next = Math.max(lastOf(record) + 1, Math.ceil((now - opened) / (interval * 1000)));
  const goesOn = status === "open" && acknowledgedAt === undefined && next <= count;
  return {
    thingName,
    kind,
    status,
    openedAt,
    interval,
    remindersSent: Object.keys(reminders).length,
    count,
    ...(goesOn && { nextReminderAt: dueAt(record, next) }),
    acknowledged: acknowledgedAt !== undefined,
    ...(acknowledgedAt && { acknowledgedAt, acknowledgedBy }),
    ...(endedAt && { endedAt, endedBy: "solved" }),
  };
}

/** The reminders that were told. */
export function remindersOf(record: AnomalyRecord): ReminderTold[] {
  const told = Object.entries(record.reminders).map(([index, at]) => ({ index: Number(index), at }));
  return told
    .sort((one, other) => one.index - other.index)
    .map(({ index, at }) => ({ index, dueAt: dueAt(record, index), at }));
}

const lastOf = ({ reminders }: AnomalyRecord) => Math.max(0, ...Object.keys(reminders).map(Number));

const dueAt = ({ openedAt, interval }: AnomalyRecord, index: number) =>
  new Date(Date.parse(openedAt) + index * interval * 1000).toISOString();

/** A list that records are read from, newest first: those of one kind, of one thing or of all. */
export interface Source {
  readonly kind: string;
  /** Undefined: of all things, those of a status. */
  readonly thingName?: string;
}

/** Where the last page ended. */
export interface Place {
  readonly openedAt: string;
  readonly deviceId: string;
}

export type Read = (source: Source, limit: number, after?: Place) => Promise<AnomalyRecord[]>;

/** Reads records of kinds of anomalies; at most so many of each source. `status` narrows what is read of one thing, too. */
export function readAnomalies(client: DynamoDBDocumentClient, status?: string): Read {
  const kinds = kindsWatched();
  return async ({ kind, thingName }, limit, after) => {
    const found: AnomalyRecord[] = [];
    const index = thingName === undefined;
    let start: Record<string, unknown> | undefined =
      after && (index ? { status, ...after } : { deviceId: after.deviceId, openedAt: after.openedAt });
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: kinds[kind]?.history,
          ...(index
            ? { IndexName: "by-status", KeyConditionExpression: "#status = :status" }
            : {
                KeyConditionExpression: "deviceId = :thing",
                ConsistentRead: true,
                ...(status && { FilterExpression: "#status = :status" }),
              }),
          ...(status && { ExpressionAttributeNames: { "#status": "status" } }),
          ExpressionAttributeValues: { ...(status && { ":status": status }), ...(!index && { ":thing": thingName }) },
          ScanIndexForward: false,
          ExclusiveStartKey: start,
          Limit: Math.max(limit, 25),
        }),
      );
      found.push(...(Items as AnomalyRecord[]));
      start = LastEvaluatedKey;
    } while (start && found.length < limit);
    return found.slice(0, limit);
  };
}

/** The item of the loop that reminds of a thing's anomaly, and of the anomaly itself. */
export async function standing(client: DynamoDBDocumentClient, TableName: string, deviceId: string) {
  const [anomaly, loop] = await Promise.all(
    ["anomaly", "loop"].map((kind) =>
      client.send(new GetCommand({ TableName, Key: { deviceId, kind }, ConsistentRead: true })),
    ),
  );
  return { anomaly: anomaly?.Item, loop: loop?.Item };
}
