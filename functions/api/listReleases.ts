import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Release } from "../firmware/releases";
import { type ApiAnswer, api } from "./answer";
import { pageToken, positionOf } from "./pageToken";
import { releaseView } from "./releaseViews";
import { type ApiRequest, onlyAdmins, wholeNumber } from "./request";

/**
 * Releases of all apps, or of one, the newest first. They are some hundred in years, so all are read and put in order.
 */
export async function listReleasesOf(all: () => Promise<Release[]>, request: ApiRequest): Promise<ApiAnswer> {
  onlyAdmins(request);
  const limit = wholeNumber(request, "limit", 25, 100);
  const app = request.query("app");
  const list = ["releases", request.caller.sub, app ?? ""];
  const token = request.query("pageToken");
  const [after] = token === undefined ? [] : positionOf(token, list, 1);

  const position = ({ startedAt, jobId }: Release) => `${startedAt} ${jobId}`;
  const found = (await all())
    .filter((release) => app === undefined || release.app === app)
    .filter((release) => after === undefined || position(release) < after)
    .sort((one, other) => (position(one) < position(other) ? 1 : -1));
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    body: {
      releases: page.map((release) => releaseView(release)),
      nextPageToken: found.length > limit && last ? pageToken([position(last)], list) : undefined,
    },
  };
}

/** Environment: RELEASES_TABLE_NAME. */
export function listReleases() {
  const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  async function all(): Promise<Release[]> {
    const found: Release[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await table.send(
        new ScanCommand({
          TableName: process.env.RELEASES_TABLE_NAME,
          // The table has other items, too: the bookkeeping of turns.
          FilterExpression: "attribute_exists(startedAt)",
          ExclusiveStartKey,
        }),
      );
      found.push(...((page.Items ?? []) as Release[]));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return found;
  }
  return api((request) => listReleasesOf(all, request));
}
