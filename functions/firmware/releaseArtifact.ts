import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { traced } from "../runtime/tracing";
import { releaseStore } from "./releaseStore";
import { isRunning, type Release } from "./releases";

/** What the machine's states hand from one to the next. */
export interface ReleaseState {
  readonly app: string;
  readonly jobId: string;
}

/** What is wrong with an artifact, by what its release file says of it. */
export function artifactProblem(
  { artifact = "", size, sha256 }: Pick<Release, "artifact" | "size" | "sha256">,
  found: { readonly size: number; readonly sha256?: string } | undefined,
): string | undefined {
  if (!found) return `artifact: there is no ${artifact} in the bucket; upload it before the release file`;
  if (found.size === 0) return `artifact: ${artifact} is empty`;
  if (found.size !== size) return `size: ${artifact} has ${found.size} bytes, not ${size}`;
  if (found.sha256 !== undefined && found.sha256 !== sha256)
    return `sha256: ${artifact} has ${found.sha256}, not ${sha256}`;
  return undefined;
}

/**
 * Reads the artifact of a release once, before any device does: whether it is there, as large as the release file says,
 * and of the same SHA-256. What differs refuses the release.
 *
 * Environment: RELEASES_TABLE, TOPIC_ARN, BUCKET.
 */
export function checkArtifact() {
  const s3 = new S3Client({});
  const store = releaseStore();

  async function problemOf(release: Release): Promise<string | undefined> {
    const found = await s3
      .send(new GetObjectCommand({ Bucket: process.env.BUCKET, Key: release.artifact }))
      .catch((error: Error) => {
        if (error.name === "NoSuchKey") return undefined;
        throw error;
      });
    const body = found?.Body as Readable | undefined;
    // What has another size need not be read to its end, which may be far.
    const problem = artifactProblem(release, found && { size: found.ContentLength ?? release.size ?? 0 });
    if (problem || !body) {
      body?.destroy();
      return problem;
    }
    const hash = createHash("sha256");
    let size = 0;
    for await (const chunk of body) {
      hash.update(chunk as Buffer);
      size += (chunk as Buffer).length;
    }
    return artifactProblem(release, { size, sha256: hash.digest("hex") });
  }

  async function check(app: string, jobId: string): Promise<{ ended: boolean }> {
    const release = await store.find(app, jobId);
    if (!release || !isRunning(release)) return { ended: true };
    const reason = await problemOf(release);
    if (!reason) return { ended: false };
    console.warn(JSON.stringify({ message: "release refused", app, jobId, reason }));
    await store.end(release, { status: "REFUSED", reason });
    return { ended: true };
  }

  return ({ app, jobId }: ReleaseState) => traced("release check", { app, job: jobId }, () => check(app, jobId));
}
