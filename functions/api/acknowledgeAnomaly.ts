import { DynamoDBClient, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { AnomalyRecord, LoopItem } from "../reminder/reminderLoop";
import { type AnomalyTables, anomalyOf, kindsWatched, standing } from "./anomalies";
import { type ApiAnswer, api } from "./answer";
import { type Owns, ownershipIn, thingOf } from "./ownership";
import { busy, refusal } from "./problem";
import type { ApiRequest } from "./request";

/** What the route works with. */
export interface Acknowledging {
  readonly kinds: Readonly<Record<string, AnomalyTables>>;
  owns: Owns;
  /** The items of a thing's anomaly, if it stands, and of its loop. */
  standing(tables: AnomalyTables, thingName: string): Promise<{ anomaly?: unknown; loop?: Partial<LoopItem> }>;
  /**
   * Notes it with the loop and in the history.
   * @returns false when the anomaly was over, or acknowledged, just now
   * @throws a refusal when something else is just being noted
   */
  note(tables: AnomalyTables, loop: Partial<LoopItem>, at: string, by: string): Promise<boolean>;
  record(tables: AnomalyTables, thingName: string, openedAt: string): Promise<AnomalyRecord | undefined>;
}

/**
 * Somebody knows: no more reminders of this anomaly, while it stands and is reported again and again. When it is over and
 * comes back, it is another one. Acknowledging twice changes nothing.
 */
export async function acknowledge(work: Acknowledging, request: ApiRequest, now: number): Promise<ApiAnswer> {
  const kind = request.path("kind");
  const thingName = await thingOf(request, work.owns);
  const tables = Object.hasOwn(work.kinds, kind) ? work.kinds[kind] : undefined;
  if (!tables) throw refusal("unknown-anomaly", "There are no anomalies of this kind.");
  const { anomaly, loop } = await work.standing(tables, thingName);
  if (!anomaly) throw refusal("unknown-anomaly", "This thing has no anomaly of this kind now.");
  if (!loop?.openedAt || loop.endedAt) throw refusal("conflict", "This anomaly has only just begun; try again.");
  const at = new Date(now).toISOString();
  if (!loop.acknowledgedAt && !(await work.note(tables, loop, at, request.caller.username))) {
    // Somebody else may have been faster, or the same caller, who has asked twice.
    const { loop: current } = await work.standing(tables, thingName);
    const isAcknowledged = current?.loopId === loop.loopId && current?.acknowledgedAt !== undefined;
    if (!isAcknowledged) throw refusal("conflict", "This anomaly was over just now.");
  }
  const record = await work.record(tables, thingName, loop.openedAt);
  if (!record) throw refusal("unknown-anomaly", "This anomaly has no history.");
  return { body: anomalyOf(record, kind, now) };
}

/** Environment: ANOMALIES, OWNERSHIP_TABLE_NAME. */
export function acknowledgeAnomaly() {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const work: Acknowledging = {
    kinds: kindsWatched(),
    owns: ownershipIn(client),
    standing: ({ table }, thingName) => standing(client, table, thingName),
    async note({ table, history }, { deviceId, openedAt, loopId }, at, by) {
      const both = { ":loop": loopId, ":at": at };
      try {
        await client.send(
          new TransactWriteCommand({
            TransactItems: [
              {
                Update: {
                  TableName: table,
                  Key: { deviceId, kind: "loop" },
                  UpdateExpression: "SET acknowledgedAt = :at",
                  ConditionExpression:
                    "loopId = :loop AND attribute_not_exists(endedAt) AND attribute_not_exists(acknowledgedAt)",
                  ExpressionAttributeValues: both,
                },
              },
              {
                Update: {
                  TableName: history,
                  Key: { deviceId, openedAt },
                  UpdateExpression: "SET acknowledgedAt = :at, acknowledgedBy = :by",
                  ConditionExpression: "loopId = :loop",
                  ExpressionAttributeValues: { ...both, ":by": by },
                },
              },
            ],
          }),
        );
        return true;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const reasons = error.CancellationReasons ?? [];
        if (reasons.some(({ Code }) => Code === "ConditionalCheckFailed")) return false;
        // A reminder, or the end, is being noted in one of the items at this very moment.
        throw busy();
      }
    },
    async record({ history }, deviceId, openedAt) {
      const key = { TableName: history, Key: { deviceId, openedAt }, ConsistentRead: true };
      return (await client.send(new GetCommand(key))).Item as AnomalyRecord | undefined;
    },
  };
  return api((request) => acknowledge(work, request, Date.now()));
}
