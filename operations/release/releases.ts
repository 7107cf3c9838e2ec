import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CancelJobCommand, DescribeJobCommand, IoTClient, ResourceNotFoundException } from "@aws-sdk/client-iot";
import { DynamoDBDocumentClient, paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { FirmwareOutputs } from "../../common/stackOutputs";
import { countsIn } from "../../functions/firmware/jobCounts";
import { type DeviceResult, isRunning, type Release, type ReleaseCounts } from "../../functions/firmware/releases";
import { outputOf, type Place } from "../place";

/** The releases of a stack, as its tables and AWS IoT Jobs have them. */
export class Releases {
  readonly outputs: FirmwareOutputs;
  private readonly iot: IoTClient;
  private readonly table: DynamoDBDocumentClient;

  constructor(place: Place) {
    this.outputs = outputOf<FirmwareOutputs>(place, "firmware");
    this.iot = new IoTClient(place.aws);
    this.table = DynamoDBDocumentClient.from(new DynamoDBClient(place.aws));
  }

  /** An app's releases, the newest first; those that were refused are among them. */
  async of(app: string): Promise<Release[]> {
    const items = await this.query<Release>(this.outputs.releasesTableName, "app", app);
    return items.sort((one, other) => other.startedAt.localeCompare(one.startedAt));
  }

  /**
   * The release that a person means.
   * @param which a version or a job id; undefined: the newest that is under way, or else the newest
   * @throws Error with those there are
   */
  async find(app: string, which?: string): Promise<Release> {
    const releases = await this.of(app);
    const found =
      which === undefined
        ? (releases.find(isRunning) ?? releases[0])
        : releases.find(({ jobId, version }) => jobId === which || version === which);
    if (found) return found;
    const known = releases.length > 0 ? `there are ${releases.map(({ jobId }) => jobId).join(", ")}` : "there is none";
    throw new Error(`no release of ${app}${which ? ` is called ${which}` : " was made yet"}; ${known}`);
  }

  /** What the job's devices are at now. Undefined when there is no job: not yet, or it was deleted. */
  async countsOf({ jobId }: Pick<Release, "jobId">): Promise<ReleaseCounts | undefined> {
    try {
      const { job } = await this.iot.send(new DescribeJobCommand({ jobId }));
      return countsIn(job?.jobProcessDetails);
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  /** Devices that did not take it, with their reasons. */
  async failuresOf({ jobId }: Pick<Release, "jobId">): Promise<DeviceResult[]> {
    const results = await this.query<DeviceResult>(this.outputs.resultsTableName, "jobId", jobId);
    return results.filter(({ status }) => status !== "SUCCEEDED");
  }

  /**
   * Stops a release: devices that have not begun never do.
   * @param force whether devices in the middle of it are told to stop, too
   * @throws Error when it is not under way, or has no job yet
   */
  async cancel(release: Release, force: boolean): Promise<void> {
    const { jobId, status, app, version } = release;
    if (!isRunning(release))
      throw new Error(`the release of ${app} ${version} is ${status}; there is nothing to cancel`);
    try {
      await this.iot.send(new CancelJobCommand({ jobId, force, comment: "canceled by npm run release" }));
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
      throw new Error(`the release of ${app} ${version} is ${status} and has no job yet; try again in a moment`);
    }
  }

  private async query<T>(TableName: string, key: string, value: string): Promise<T[]> {
    const items: unknown[] = [];
    const request = {
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: "#key = :value",
      ExpressionAttributeNames: { "#key": key },
      ExpressionAttributeValues: { ":value": value },
    };
    for await (const { Items = [] } of paginateQuery({ client: this.table }, request)) items.push(...Items);
    return items as T[];
  }
}
