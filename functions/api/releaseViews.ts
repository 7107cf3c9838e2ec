import { DescribeJobCommand, type IoTClient } from "@aws-sdk/client-iot";
import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { countsIn } from "../firmware/jobCounts";
import type { Release, ReleaseCounts } from "../firmware/releases";
import { orNothing } from "./orNothing";
import { refusal } from "./problem";
import type { ApiRequest } from "./request";

/** A release, as the API tells of it: without what only the machinery needs. */
export function releaseView(release: Release, counts: ReleaseCounts | undefined = release.counts) {
  const { app, jobId, version, status, startedAt, endedAt, reason, rollback, attempt, continuous, targets } = release;
  const { artifact, sha256, size, rollout, source } = release;
  const view = {
    ...{ app, jobId, version, status, startedAt, endedAt, reason, rollback, attempt, continuous, targets },
    ...{ artifact, sha256, size, rollout, source, counts },
  };
  return view;
}

/** The release that a request names. @throws a refusal when there is none */
export async function releaseOf(
  find: (app: string, jobId: string) => Promise<Release | undefined>,
  request: ApiRequest,
): Promise<Release> {
  const [app, jobId] = [request.path("app"), request.path("jobId")];
  const release = app && jobId && /^[\w-]{1,64}$/.test(jobId) ? await find(app, jobId) : undefined;
  if (!release?.startedAt) throw refusal("unknown-release", "There is no release of this app with this job id.");
  return release;
}

/** Finds releases in the table named in RELEASES_TABLE_NAME. */
export function releasesIn(table: DynamoDBDocumentClient) {
  return async (app: string, jobId: string): Promise<Release | undefined> => {
    const key = { TableName: process.env.RELEASES_TABLE_NAME, Key: { app, jobId }, ConsistentRead: true };
    return (await table.send(new GetCommand(key))).Item as Release | undefined;
  };
}

/** Where the devices of a job are now; undefined while there is no job. */
export async function countsOf(iot: IoTClient, jobId: string): Promise<ReleaseCounts | undefined> {
  const found = await orNothing(iot.send(new DescribeJobCommand({ jobId })));
  return found?.job && countsIn(found.job.jobProcessDetails);
}
