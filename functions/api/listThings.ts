import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IoTClient, SearchIndexCommand, type ThingDocument } from "@aws-sdk/client-iot";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type ApiAnswer, api } from "./answer";
import { summaryOf } from "./fleet";
import { fleetQuery, queriesAmong, searchOf } from "./fleetQuery";
import { thingsOf } from "./ownership";
import { noSuchPage, pageToken, positionOf } from "./pageToken";
import { type ApiRequest, wholeNumber } from "./request";

/** What the route works with. */
export interface Fleet {
  /** A page of the fleet index. */
  search(query: string, limit: number, token?: string): Promise<{ things: ThingDocument[]; nextToken?: string }>;
  /** A page of the things that a user owns. */
  own(owner: string, limit: number, after?: string): Promise<{ names: string[]; last?: string }>;
}

/**
 * A page of the fleet for admins, of their own things for all others; a page may be empty though there is another. The
 * index tells what is known of a thing and whether it is connected, and follows changes within a minute.
 */
export async function listThingsOf(fleet: Fleet, request: ApiRequest): Promise<ApiAnswer> {
  const { sub, isAdmin } = request.caller;
  const limit = wholeNumber(request, "limit", 25, 100);
  const words = request.query("query") ?? "";
  const asked = searchOf(words);
  const list = ["things", sub, words];
  const token = request.query("pageToken");
  const [after] = token === undefined ? [] : positionOf(token, list, 1);

  const { things, last } = isAdmin ? await all() : await own();
  return {
    body: {
      things: things.map(summaryOf),
      ...(last !== undefined && { nextPageToken: pageToken([last], list) }),
    },
  };

  async function all() {
    try {
      const { things, nextToken } = await fleet.search(fleetQuery(asked), limit, after);
      return { things, last: nextToken };
    } catch (error) {
      // The position is a token of AWS, which expires.
      if (after !== undefined && (error as Error).name === "InvalidRequestException") throw noSuchPage();
      throw error;
    }
  }

  async function own() {
    const { names, last } = await fleet.own(sub, limit, after);
    const found = await Promise.all(queriesAmong(asked, names).map((query) => fleet.search(query, 100)));
    // The index takes "Cooler-1" for "cooler-1", which may be somebody else's.
    const things = found.flatMap((page) => page.things.filter(({ thingName = "" }) => names.includes(thingName)));
    return { things, last };
  }
}

/** Environment: OWNERSHIP_TABLE_NAME. */
export function listThings() {
  const iot = new IoTClient({});
  const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const fleet: Fleet = {
    async search(queryString, maxResults, nextToken) {
      const page = await iot.send(new SearchIndexCommand({ queryString, maxResults, nextToken }));
      return { things: page.things ?? [], nextToken: page.nextToken };
    },
    own: (owner, limit, after) => thingsOf(table, owner, limit, after),
  };
  return api((request) => listThingsOf(fleet, request));
}
