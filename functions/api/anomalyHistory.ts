import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { anomalyOf, kindsWatched, type Read, readAnomalies, remindersOf } from "./anomalies";
import { pageOf } from "./anomalyPages";
import { type ApiAnswer, api } from "./answer";
import { type Owns, ownershipIn, thingOf } from "./ownership";
import { type ApiRequest, wholeNumber } from "./request";

/** What the route works with. */
export interface History {
  readonly kinds: readonly string[];
  read: Read;
  owns: Owns;
}

/** All anomalies of a thing that are remembered, by kind, the newest first, each with its reminders. */
export async function anomalyHistoryOf(history: History, request: ApiRequest, now: number): Promise<ApiAnswer> {
  const thingName = await thingOf(request, history.owns);
  const sources = history.kinds.map((kind) => ({ kind, thingName }));
  const { found, nextPageToken } = await pageOf(sources, history.read, {
    limit: wholeNumber(request, "limit", 25, 100),
    token: request.query("pageToken"),
    list: ["history", request.caller.sub, thingName],
  });
  const anomalies = found.map(({ kind, record }) => ({
    ...anomalyOf(record, kind, now),
    reminders: remindersOf(record),
  }));
  return { body: { anomalies, nextPageToken } };
}

/** Environment: ANOMALIES, OWNERSHIP_TABLE_NAME. */
export function anomalyHistory() {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const history = { kinds: Object.keys(kindsWatched()), read: readAnomalies(client), owns: ownershipIn(client) };
  return api((request) => anomalyHistoryOf(history, request, Date.now()));
}
