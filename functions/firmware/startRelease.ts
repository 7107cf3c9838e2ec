import { createHash } from "node:crypto";
import { GetObjectCommand, NoSuchKey, S3Client } from "@aws-sdk/client-s3";
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { S3Event, S3EventRecord } from "aws-lambda";
import { writeMetrics } from "../runtime/embeddedMetrics";
import { traced } from "../runtime/tracing";
import { decide, type Upload } from "./releaseDecision";
import { maximumFileSize, placeOf, type ReleaseRules, readReleaseFile, reasonOf } from "./releaseFile";
import { releaseStore } from "./releaseStore";
import type { Release } from "./releases";
import type { RolloutSettings } from "./rolloutSettings";

/** What an S3 event says of a release file. */
interface Arrival {
  readonly bucket: string;
  readonly key: string;
  /** S3's version of the object: the same at every delivery of its event. */
  readonly source: string;
  readonly at: string;
}

export function arrivalOf({ eventTime, s3 }: S3EventRecord): Arrival {
  const { bucket, object } = s3;
  return {
    bucket: bucket.name,
    // Keys come as in a form: a space is a plus.
    key: decodeURIComponent(object.key.replaceAll("+", " ")),
    source: object.versionId ?? object.sequencer,
    at: new Date(eventTime).toISOString(),
  };
}

/** What is kept of a release file that was refused; its id is that of the upload. */
export function refusalOf({ key, source, at }: Arrival, reason: string): Release {
  const { app, version } = placeOf(key) ?? { app: "unknown", version: key };
  const id = createHash("sha256").update(`${key} ${source}`).digest("hex").slice(0, 16);
  return {
    app,
    jobId: `refused-${id}`,
    version,
    status: "REFUSED",
    reason,
    file: key,
    source,
    startedAt: at,
    endedAt: at,
  };
}

/**
 * Starts the release of each release file that arrives, or refuses it with every reason. S3 delivers at least once, and
 * events of one file may run beside each other: a release is taken on by a conditional write, so there is one.
 *
 * Environment: RELEASES_TABLE, TOPIC_ARN, STATE_MACHINE_ARN, RULES (JSON of ReleaseRules), ROLLOUT (JSON of RolloutSettings).
 */
export function startRelease() {
  const s3 = new S3Client({});
  const sfn = new SFNClient({});
  const store = releaseStore();
  const rules: ReleaseRules = JSON.parse(process.env.RULES ?? "{}");
  const defaults: RolloutSettings = JSON.parse(process.env.ROLLOUT ?? "{}");

  /** The file's text; nothing when it was deleted meanwhile; a reason when it is too large to be read. */
  async function read({ bucket, key, source }: Arrival): Promise<{ text: string } | { reason: string } | undefined> {
    try {
      const { Body, ContentLength = 0 } = await s3.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: source }),
      );
      if (ContentLength > maximumFileSize) {
        (Body as { destroy?: () => void } | undefined)?.destroy?.();
        return { reason: `${key}: has ${ContentLength} bytes; a release file has ${maximumFileSize} at most` };
      }
      return { text: (await Body?.transformToString()) ?? "" };
    } catch (error) {
      if (error instanceof NoSuchKey || (error as Error).name === "NoSuchVersion") return undefined;
      throw error;
    }
  }

  async function take(upload: Upload): Promise<void> {
    // Who loses the turn to another upload looks again; each loss is another's gain, so a few rounds are plenty.
    for (let round = 0; round < 10; round++) {
      const { turn, releases } = await store.all(upload.app);
      const decision = decide(upload, releases, turn, defaults);
      if ("refusedBecause" in decision) return refuse(upload, decision.refusedBecause);
      if ("known" in decision) {
        // Perhaps it was taken on, and the start failed: that is why the event came again.
        if (decision.known.status === "CHECKING") await start(decision.known);
        return;
      }
      if (await store.take(decision.taken)) return start(decision.taken);
    }
    throw new Error(`${upload.key}: ten other releases of ${upload.app} were taken on meanwhile`);
  }

  function start({ app, jobId }: Release): Promise<void> {
    return traced("release start", { app, job: jobId }, () => execute(app, jobId));
  }

  async function execute(app: string, jobId: string): Promise<void> {
    try {
      const input = JSON.stringify({ app, jobId, looks: 0 });
      await sfn.send(new StartExecutionCommand({ stateMachineArn: process.env.STATE_MACHINE_ARN, name: jobId, input }));
      writeMetrics({ ReleasesStarted: 1 });
      console.info(JSON.stringify({ message: "release started", app, jobId }));
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
    }
  }

  async function refuse(arrival: Pick<Upload, "key" | "source" | "at">, reason: string): Promise<void> {
    writeMetrics({ ReleasesRefused: 1 });
    console.warn(JSON.stringify({ message: "release refused", file: arrival.key, reason }));
    await store.refuse(refusalOf({ ...arrival, bucket: rules.bucket }, reason));
  }

  return async (event: S3Event): Promise<void> => {
    for (const record of event.Records) {
      const arrival = arrivalOf(record);
      // What a console makes when somebody creates a folder.
      if (arrival.key.endsWith("/")) continue;
      const content = await read(arrival);
      if (!content) continue;
      const result = "text" in content ? readReleaseFile(content.text, arrival.key, rules) : undefined;
      if (result && "file" in result) {
        const app = placeOf(arrival.key)?.app ?? "";
        await take({ app, file: result.file, key: arrival.key, source: arrival.source, at: arrival.at });
      } else {
        await refuse(arrival, "reason" in content ? content.reason : reasonOf(result?.problems ?? []));
      }
    }
  };
}
