import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { writeMetrics } from "../runtime/embeddedMetrics";
import { traced } from "../runtime/tracing";
import { buildOf } from "./builds";
import { unexplainedClaim, unknownVersion } from "./executions";
import { versionRecorder } from "./recordVersion";
import { releaseStore } from "./releaseStore";
import type { InstalledApp } from "./releases";

/** What a device reports of itself in its shadow: `reported.apps`, a version by app. */
export interface Claims {
  readonly thingName: string;
  readonly apps: unknown;
}

/** What a thing is delivered with, by who declares it. */
export interface FirstVersions {
  readonly thingName: string;
  readonly first: Readonly<Record<string, string>>;
}

/**
 * Compares what devices say of themselves with what is recorded, and tells where they differ; writes the first version of
 * those that are declared with one. A device that nobody declared is recorded as build 0 when it first speaks of an app,
 * whatever it says, so that the next release reaches it.
 *
 * Environment: RELEASES_TABLE, RESULTS_TABLE, FIRST_APP, APPS (with commas).
 */
export function deviceApps() {
  const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const store = releaseStore();
  const recorder = versionRecorder();
  const apps = (process.env.APPS ?? "").split(",");

  async function declare({ thingName, first }: FirstVersions): Promise<void> {
    for (const [app, version] of Object.entries(first)) {
      const installed = { version, build: buildOf(version) };
      // What a release brought since stays.
      await recorder.install(thingName, app, (current) => (current?.jobId ? undefined : installed));
    }
    await recorder.label(thingName);
  }

  async function compare(thingName: string, app: string, said: unknown): Promise<void> {
    const { now } = await recorder.install(thingName, app, (current) => (current ? undefined : unknownVersion));
    if (app === process.env.FIRST_APP && now?.build === unknownVersion.build) await recorder.label(thingName);
    // Its success may not be recorded yet.
    const claimed = await unexplainedClaim(said, now, [], () => store.all(app));
    if (claimed !== undefined) await report(thingName, app, claimed, now);
  }

  async function report(thingName: string, app: string, claimed: string, recorded?: InstalledApp): Promise<void> {
    console.warn(JSON.stringify({ message: "false claim", thingName, app, claimed, recorded: recorded?.version }));
    writeMetrics({ FalseClaims: 1 });
    if (!recorded?.jobId) return;
    try {
      await table.send(
        new UpdateCommand({
          TableName: process.env.RESULTS_TABLE,
          Key: { jobId: recorded.jobId, thingName },
          UpdateExpression: "SET claimed = :claimed",
          ConditionExpression: "attribute_exists(jobId)",
          ExpressionAttributeValues: { ":claimed": claimed },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async function compareAll({ thingName, apps: claimed }: Claims): Promise<void> {
    if (typeof claimed !== "object" || claimed === null) return;
    for (const [app, said] of Object.entries(claimed)) {
      if (apps.includes(app) && said !== null) await compare(thingName, app, said);
    }
  }

  return (event: Claims | FirstVersions): Promise<void> =>
    traced("claims", { thing: event.thingName }, () => ("first" in event ? declare(event) : compareAll(event)));
}
