import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IoTClient } from "@aws-sdk/client-iot";
import { DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { DeviceResult, Release, ReleaseCounts } from "../firmware/releases";
import { type ApiAnswer, api } from "./answer";
import { countsOf, releaseOf, releasesIn, releaseView } from "./releaseViews";
import { type ApiRequest, onlyAdmins } from "./request";

/** What the route works with. */
export interface Releases {
  find(app: string, jobId: string): Promise<Release | undefined>;
  counts(jobId: string): Promise<ReleaseCounts | undefined>;
  /** Devices that did not take it; one more than asked for tells that there are more. */
  failures(jobId: string, limit: number): Promise<DeviceResult[]>;
}

/** How many failures an answer has at most. */
export const maximumFailures = 100;

/** A release: how far it is, and which devices did not take it, with their reasons. */
export async function getReleaseOf(releases: Releases, request: ApiRequest): Promise<ApiAnswer> {
  onlyAdmins(request);
  const release = await releaseOf(releases.find, request);
  const [counts, failures] = await Promise.all([
    // The table has the counts as last seen; while devices are at it, AWS IoT Jobs is asked.
    release.status === "IN_PROGRESS" ? releases.counts(release.jobId) : undefined,
    releases.failures(release.jobId, maximumFailures + 1),
  ]);
  return {
    body: {
      ...releaseView(release, counts),
      failures: failures
        .slice(0, maximumFailures)
        .map(({ thingName, status, reason, at, claimed }) => ({ thingName, status, reason, at, claimed })),
      moreFailures: failures.length > maximumFailures,
    },
  };
}

/** Environment: RELEASES_TABLE_NAME, RESULTS_TABLE_NAME. */
export function getRelease() {
  const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const iot = new IoTClient({});
  const releases: Releases = {
    find: releasesIn(table),
    counts: (jobId) => countsOf(iot, jobId),
    async failures(jobId, limit) {
      const found: DeviceResult[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const page = await table.send(
          new QueryCommand({
            TableName: process.env.RESULTS_TABLE_NAME,
            KeyConditionExpression: "jobId = :jobId",
            FilterExpression: "#status <> :good",
            ExpressionAttributeNames: { "#status": "status" },
            ExpressionAttributeValues: { ":jobId": jobId, ":good": "SUCCEEDED" },
            ExclusiveStartKey,
          }),
        );
        found.push(...((page.Items ?? []) as DeviceResult[]));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey && found.length < limit);
      return found.slice(0, limit);
    },
  };
  return api((request) => getReleaseOf(releases, request));
}
