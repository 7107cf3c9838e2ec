import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetJobDocumentCommand, IoTClient } from "@aws-sdk/client-iot";
import { DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { writeMetrics } from "../runtime/embeddedMetrics";
import { traced } from "../runtime/tracing";
import {
  afterSuccess,
  counts,
  type ExecutionEvent,
  endOf,
  isFailure,
  unexplainedClaim,
  unknownVersion,
} from "./executions";
import { versionRecorder } from "./recordVersion";
import { releaseStore } from "./releaseStore";
import type { DeviceResult, InstalledApp, JobDocument, Release } from "./releases";

/**
 * Records how each device ended a release's job: its result, and after a success the version that the thing now has. That is
 * the one of the job's document, looked up by the job's id; the device's word is compared, and never taken.
 *
 * Environment: RELEASES_TABLE, RESULTS_TABLE, FIRST_APP.
 */
export function executionEnded() {
  const iot = new IoTClient({});
  const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const store = releaseStore();
  const recorder = versionRecorder();
  // Neither changes, and a rollout brings a thousand events of one job a minute.
  const jobs = new Map<string, Promise<{ release: Release; document: JobDocument } | undefined>>();

  async function lookUp(jobId: string) {
    // The job's id begins with its app, which has no dash.
    const release = await store.find(jobId.split("-")[0] ?? "", jobId);
    if (!release) return undefined;
    const { document = "{}" } = await iot.send(new GetJobDocumentCommand({ jobId }));
    return { release, document: JSON.parse(document) as JobDocument };
  }

  function jobOf(jobId: string) {
    let job = jobs.get(jobId);
    if (!job) {
      job = lookUp(jobId);
      jobs.set(jobId, job);
      // What is not there now may be there later.
      job.then((found) => found ?? jobs.delete(jobId)).catch(() => jobs.delete(jobId));
    }
    return job;
  }

  /** @returns what the device claims instead, if it does */
  async function record(thingName: string, { release, document }: { release: Release; document: JobDocument }) {
    const { app, app_version: version, build } = document;
    if (app !== release.app || build !== release.build) {
      throw new Error(
        `the job ${release.jobId} brings ${app} ${version}, but was made as ${release.app} ${release.version}`,
      );
    }
    const installed: Required<InstalledApp> = { version, build, jobId: release.jobId, turn: release.turn ?? 0 };
    const { before, now } = await recorder.install(thingName, app, (current) => afterSuccess(current, installed));
    if (app === process.env.FIRST_APP) await recorder.label(thingName);
    const classic = (await recorder.shadowOf(thingName))?.reported.apps as
      | Readonly<Record<string, unknown>>
      | undefined;
    // Of news that was known, or old, there is nothing to compare; nor where nobody knows what the device had before.
    if (now === before || !before || before.build === unknownVersion.build) return undefined;
    // It may not have said yet what it has now; and late news may find it at a release that followed.
    return unexplainedClaim(classic?.[app], now, [before.version], () => store.all(app));
  }

  /** What is not known leaves what was noted: a second delivery has no claim to tell of, and the first may have had. */
  async function write({ jobId, thingName, ...result }: DeviceResult): Promise<void> {
    const known = Object.entries(result).filter(([, value]) => value !== undefined);
    // A device that failed may try again; after a success there is nothing more to come.
    const isLast = result.status === "SUCCEEDED";
    try {
      await table.send(
        new UpdateCommand({
          TableName: process.env.RESULTS_TABLE,
          Key: { jobId, thingName },
          UpdateExpression: `SET ${known.map(([name]) => `#${name} = :${name}`).join(", ")}`,
          ConditionExpression: isLast
            ? undefined
            : "attribute_not_exists(jobId) OR (#status <> :succeeded AND #at <= :at)",
          ExpressionAttributeNames: Object.fromEntries(known.map(([name]) => [`#${name}`, name])),
          ExpressionAttributeValues: {
            ...Object.fromEntries(known.map(([name, value]) => [`:${name}`, value])),
            ...(!isLast && { ":succeeded": "SUCCEEDED" }),
          },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  return (event: ExecutionEvent): Promise<void> => {
    const end = endOf(event);
    return traced("execution ended", { thing: end.thingName, job: event.job_id }, () => ended(event.job_id, end));
  };

  async function ended(jobId: string, end: ReturnType<typeof endOf>): Promise<void> {
    const job = await jobOf(jobId);
    // Jobs of others share these topics.
    if (!job) return;
    const claimed = end.status === "SUCCEEDED" ? await record(end.thingName, job) : undefined;
    await write({ jobId, ...end, app: job.release.app, version: job.release.version, claimed });
    if (claimed !== undefined) {
      console.warn(JSON.stringify({ message: "false claim", thingName: end.thingName, jobId, claimed }));
    }
    if (isFailure(end.status)) console.warn(JSON.stringify({ message: "not installed", jobId, ...end }));
    if (counts(end.status)) {
      writeMetrics({
        InstallationsEnded: 1,
        InstallationsFailed: isFailure(end.status) ? 1 : 0,
        FalseClaims: claimed === undefined ? 0 : 1,
      });
    }
  }
}
