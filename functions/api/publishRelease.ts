import { createHash } from "node:crypto";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { versionProblem } from "../firmware/builds";
import { appProblem, artifactPrefix, type ReleaseFile, releasePrefix } from "../firmware/releases";
import { rolloutProblems } from "../firmware/rolloutSettings";
import { type ApiAnswer, api } from "./answer";
import { type JsonObject, objectOf } from "./json";
import { malformed, refusal, type Wrong } from "./problem";
import { type ApiRequest, onlyAdmins } from "./request";

/** What the route works with. */
export interface Publishing {
  /** The artifacts under a prefix: their keys and bytes. */
  artifacts(prefix: string): Promise<{ key: string; size: number }[]>;
  /** SHA-256 of an artifact, in hexadecimal digits. */
  sha256(key: string): Promise<string>;
  /** Writes the release file. @returns S3's version of it */
  put(key: string, file: ReleaseFile): Promise<string | undefined>;
}

/** Bytes of an artifact whose SHA-256 is made out here; of a larger one the caller has to tell it. */
export const maximumHashed = 100 * 2 ** 20;

/**
 * Starts the release of an artifact that was uploaded, by writing its release file, as `npm run release` does. What becomes of
 * it is told by the release that has the `source` of the answer: it may still be refused.
 */
export async function publishReleaseOf(work: Publishing, request: ApiRequest): Promise<ApiAnswer> {
  onlyAdmins(request);
  const { app, version, sha256: said, rollout, rollback } = requested(objectOf(request.body()));
  const folder = `${artifactPrefix}/${app}/${version}/`;
  const [artifact, ...others] = await work.artifacts(folder);
  if (!artifact) {
    throw refusal(
      "conflict",
      `Its artifact is not there. Upload it first, as ${folder}<file>, into the bucket of releases.`,
    );
  }
  if (others.length > 0) {
    throw refusal("conflict", `There are several artifacts under ${folder}; leave one of them there.`);
  }
  const { key, size } = artifact;
  if (said === undefined && size > maximumHashed) {
    throw malformed({ path: "sha256", reason: `is needed for an artifact of more than ${maximumHashed} bytes` });
  }
  const sha256 = said?.toLowerCase() ?? (await work.sha256(key));
  const file: ReleaseFile = {
    version,
    artifact: key,
    sha256,
    size,
    ...(rollout && { rollout }),
    ...(rollback && { rollback }),
  };
  const releaseFile = `${releasePrefix}/${app}/${version}.json`;
  const source = await work.put(releaseFile, file);
  return { status: 202, body: { app, ...file, releaseFile, source } };
}

type Requested = { app: string } & Pick<ReleaseFile, "version" | "rollout" | "rollback"> & { sha256?: string };

const known = ["app", "version", "sha256", "rollout", "rollback"];

/** What a caller wants released. @throws a refusal with all that is wrong with it */
function requested(body: JsonObject): Requested {
  const { app, version, sha256, rollout, rollback } = body;
  const check = (path: string, reason: string | undefined): Wrong[] => (reason ? [{ path, reason }] : []);
  const wrong = [
    ...Object.keys(body).flatMap((key) => check(key, known.includes(key) ? undefined : "is not known")),
    ...check("app", appProblem(app)),
    ...check("version", versionProblem(version)),
    ...check(
      "sha256",
      sha256 === undefined || (typeof sha256 === "string" && /^[0-9a-f]{64}$/i.test(sha256))
        ? undefined
        : "must be 64 hexadecimal digits",
    ),
    ...(rollout === undefined ? [] : rolloutProblems(rollout, "rollout")),
    ...check("rollback", rollback === undefined || rollback === true ? undefined : "must be true, or left out"),
  ];
  if (wrong.length > 0) throw malformed(...wrong);
  return body as unknown as Requested;
}

/** Environment: BUCKET. */
export function publishRelease() {
  const s3 = new S3Client({});
  const Bucket = process.env.BUCKET;
  const work: Publishing = {
    async artifacts(Prefix) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 2 }));
      return Contents.map(({ Key = "", Size = 0 }) => ({ key: Key, size: Size }));
    },
    async sha256(Key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const hash = createHash("sha256");
      for await (const chunk of Body as AsyncIterable<Buffer>) hash.update(chunk);
      return hash.digest("hex");
    },
    async put(Key, file) {
      const Body = `${JSON.stringify(file, null, 2)}\n`;
      return (await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/json" }))).VersionId;
    },
  };
  return api((request) => publishReleaseOf(work, request));
}
