import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { anomalyOf, kindsWatched, type Read, readAnomalies, type Source } from "./anomalies";
import { pageOf } from "./anomalyPages";
import { type ApiAnswer, api } from "./answer";
import { type Owns, ownershipIn, thingsOf } from "./ownership";
import { malformed, unknownThing } from "./problem";
import { type ApiRequest, isThingName, wholeNumber } from "./request";

/** What the route works with. */
export interface Anomalies {
  readonly kinds: readonly string[];
  read(status: string): Read;
  owns: Owns;
  /** All things that a user owns. */
  own(owner: string): Promise<string[]>;
}

/**
 * Anomalies that stand, or that are over: of one thing, of the whole fleet for admins, of their own things for all others.
 * By kind and for users by thing, the newest first.
 */
export async function listAnomaliesOf(anomalies: Anomalies, request: ApiRequest, now: number): Promise<ApiAnswer> {
  const { sub, isAdmin } = request.caller;
  const limit = wholeNumber(request, "limit", 25, 100);
  const status = request.query("status") ?? "open";
  if (status !== "open" && status !== "ended") throw malformed({ path: "status", reason: "must be open or ended" });
  const thingName = request.query("thingName");
  const token = request.query("pageToken");
  const { found, nextPageToken } = await pageOf(await sources(), anomalies.read(status), {
    limit,
    token,
    list: ["anomalies", sub, status, thingName ?? ""],
  });
  return { body: { anomalies: found.map(({ kind, record }) => anomalyOf(record, kind, now)), nextPageToken } };

  async function sources(): Promise<Source[]> {
    const { kinds } = anomalies;
    if (thingName === undefined && isAdmin) return kinds.map((kind) => ({ kind }));
    if (thingName !== undefined) {
      if (!isThingName(thingName) || !(isAdmin || (await anomalies.owns(sub, thingName)))) throw unknownThing();
      return kinds.map((kind) => ({ kind, thingName }));
    }
    const things = await anomalies.own(sub);
    return things.flatMap((name) => kinds.map((kind) => ({ kind, thingName: name })));
  }
}

/** Environment: ANOMALIES, OWNERSHIP_TABLE_NAME. */
export function listAnomalies() {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const anomalies: Anomalies = {
    kinds: Object.keys(kindsWatched()),
    read: (status) => readAnomalies(client, status),
    owns: ownershipIn(client),
    async own(owner) {
      const all: string[] = [];
      for (let after: string | undefined; ; ) {
        const { names, last } = await thingsOf(client, owner, 1000, after);
        all.push(...names);
        if (last === undefined) return all;
        after = last;
      }
    },
  };
  return api((request) => listAnomaliesOf(anomalies, request, Date.now()));
}
