import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { RefusedError } from "../../common/commandLine";
import type { FirmwareOutputs } from "../../common/stackOutputs";
import { readReleaseFile, reasonOf } from "../../functions/firmware/releaseFile";
import { artifactPrefix, type ReleaseFile, releasePrefix } from "../../functions/firmware/releases";
import type { RolloutSettings } from "../../functions/firmware/rolloutSettings";
import type { Place } from "../place";

/** What goes out. */
export interface Publication {
  readonly app: string;
  readonly version: string;
  readonly rollout?: RolloutSettings;
}

/**
 * Uploads an artifact and the release file that starts its release. Everything that can be known here is checked before the
 * first byte goes up; the cloud checks it all again.
 * @param file the artifact on this machine
 * @returns S3's version of the release file, by which its release is known
 * @throws RefusedError with every reason
 */
export async function publish(
  place: Place,
  outputs: FirmwareOutputs,
  { app, version, rollout }: Publication,
  file: string,
): Promise<string> {
  const size = sizeOf(file);
  const key = `${artifactPrefix}/${app}/${version}/${basename(file)}`;
  const release: ReleaseFile = {
    version,
    artifact: key,
    sha256: await sha256Of(file),
    size,
    ...(rollout && { rollout }),
  };
  const text = checked(app, release, outputs, place);
  const s3 = new S3Client(place.aws);
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: outputs.bucketName,
        Key: key,
        Body: createReadStream(file),
        ContentLength: size,
        // S3 refuses what was damaged on its way.
        ChecksumSHA256: Buffer.from(release.sha256, "hex").toString("base64"),
      }),
    );
    return await putReleaseFile(s3, outputs, app, release.version, text);
  } finally {
    s3.destroy();
  }
}

/**
 * Releases a version again that was released before, as a rollback: devices of a higher version go back to it.
 * @throws RefusedError when this version was never released
 */
export async function rollback(place: Place, outputs: FirmwareOutputs, publication: Publication): Promise<string> {
  const { app, version, rollout } = publication;
  const s3 = new S3Client(place.aws);
  try {
    const Key = `${releasePrefix}/${app}/${version}.json`;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: outputs.bucketName, Key })).catch((error) => {
      if (!(error instanceof NoSuchKey)) throw error;
      throw new RefusedError(
        `${app} ${version} was never released from here, so there is nothing to go back to: there is no ${Key}`,
      );
    });
    const before = JSON.parse((await Body?.transformToString()) ?? "{}") as ReleaseFile;
    const release: ReleaseFile = { ...before, ...(rollout && { rollout }), rollback: true };
    return await putReleaseFile(s3, outputs, app, version, checked(app, release, outputs, place));
  } finally {
    s3.destroy();
  }
}

function checked(app: string, release: ReleaseFile, outputs: FirmwareOutputs, { aws }: Place): string {
  const text = `${JSON.stringify(release, null, 2)}\n`;
  const read = readReleaseFile(text, `${releasePrefix}/${app}/${release.version}.json`, {
    apps: outputs.apps,
    maximumSize: outputs.maximumArtifactSize,
    bucket: outputs.bucketName,
    region: aws.region,
  });
  if ("problems" in read) throw new RefusedError(reasonOf(read.problems));
  return text;
}

async function putReleaseFile(
  s3: S3Client,
  { bucketName }: FirmwareOutputs,
  app: string,
  version: string,
  text: string,
): Promise<string> {
  const { VersionId } = await s3.send(
    new PutObjectCommand({
      Bucket: bucketName,
      Key: `${releasePrefix}/${app}/${version}.json`,
      Body: text,
      ContentType: "application/json",
    }),
  );
  if (!VersionId) throw new Error(`the bucket ${bucketName} keeps no versions, so its releases can't be told apart`);
  return VersionId;
}

function sizeOf(file: string): number {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) throw new RefusedError(`${file} is not a file`);
    if (stats.size === 0) throw new RefusedError(`${file} is empty`);
    return stats.size;
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    throw new RefusedError(`the artifact can't be read: ${(error as Error).message}`);
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
