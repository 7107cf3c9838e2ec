import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CancelJobCommand, IoTClient } from "@aws-sdk/client-iot";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { isRunning, type Release } from "../firmware/releases";
import { type ApiAnswer, api } from "./answer";
import { orNothing } from "./orNothing";
import { refusal } from "./problem";
import { releaseOf, releasesIn, releaseView } from "./releaseViews";
import { type ApiRequest, onlyAdmins } from "./request";

/** What the route works with. */
export interface Canceling {
  find(app: string, jobId: string): Promise<Release | undefined>;
  /** @returns false while there is no job */
  cancel(jobId: string, comment: string): Promise<boolean>;
}

/**
 * Stops a release: devices that have not begun never do, those in the middle of it finish. The release's state machine sees
 * the canceled job, and notes the end and who wanted it.
 */
export async function cancelReleaseOf(work: Canceling, request: ApiRequest): Promise<ApiAnswer> {
  onlyAdmins(request);
  const release = await releaseOf(work.find, request);
  if (!isRunning(release)) {
    throw refusal("conflict", `This release is ${release.status}; there is nothing to cancel.`);
  }
  if (!(await work.cancel(release.jobId, `canceled by ${request.caller.username}`))) {
    throw refusal("conflict", `This release is ${release.status} and has no job yet; try again in a moment.`);
  }
  return { status: 202, body: releaseView(release) };
}

/** Environment: RELEASES_TABLE_NAME. */
export function cancelRelease() {
  const iot = new IoTClient({});
  const work: Canceling = {
    find: releasesIn(DynamoDBDocumentClient.from(new DynamoDBClient({}))),
    async cancel(jobId, comment) {
      try {
        return (await orNothing(iot.send(new CancelJobCommand({ jobId, comment })))) !== undefined;
      } catch (error) {
        // It came to its end just now, or was canceled before.
        if ((error as Error).name !== "InvalidRequestException") throw error;
        throw refusal("conflict", "The job of this release is at its end.");
      }
    },
  };
  return api((request) => cancelReleaseOf(work, request));
}
