import { versionProblem } from "./builds";
import {
  appProblem,
  artifactPrefix,
  jobDocumentOf,
  maximumDocumentSize,
  type ReleaseFile,
  releasePrefix,
} from "./releases";
import { fields, oneOf, type Problem, rolloutProblems, shown, whole } from "./rolloutSettings";

/** What a release file is held against. */
export interface ReleaseRules {
  /** The apps that are released here. */
  readonly apps: readonly string[];
  /** Bytes that an artifact may have. */
  readonly maximumSize: number;
  readonly bucket: string;
  readonly region: string;
}

/** Bytes that a release file may have; it is some hundred. */
export const maximumFileSize = 65_536;

/** The app and version that a key of the bucket names, or undefined for what is no release file. */
export function placeOf(key: string): { readonly app: string; readonly version: string } | undefined {
  const [prefix, app = "", name = "", ...rest] = key.split("/");
  if (prefix !== releasePrefix || app === "" || !/^.+\.json$/.test(name) || rest.length > 0) return undefined;
  return { app, version: name.slice(0, -".json".length) };
}

/**
 * Reads a release file, with every reason why it can't be one, at once; nothing of AWS is asked.
 *
 * @param key where it lies: `releases/<app>/<version>.json`
 */
export function readReleaseFile(
  text: string,
  key: string,
  rules: ReleaseRules,
): { readonly file: ReleaseFile } | { readonly problems: readonly Problem[] } {
  const place = placeOf(key);
  if (!place) return { problems: [{ path: key, reason: `must be ${releasePrefix}/<app>/<version>.json` }] };
  const { app } = place;
  const problems = [...appProblems(app, rules.apps)];

  let value: Partial<ReleaseFile>;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problems: [...problems, { path: key, reason: `is not JSON: ${(error as Error).message}` }] };
  }
  problems.push(...shape(rules)(value, ""));
  if (typeof value !== "object" || value === null || problems.some(({ path }) => path === ""))
    return { problems: named(problems, key) };

  if (value.version !== undefined && value.version !== place.version) {
    problems.push({
      path: "version",
      reason: `is ${shown(value.version)}, but the file is named ${place.version}.json`,
    });
  }
  if (typeof value.artifact === "string") problems.push(...artifactProblems(value.artifact, app, value.version));
  problems.push(...documentProblems(app, value, rules));
  return problems.length > 0 ? { problems: named(problems, key) } : { file: value as ReleaseFile };
}

function appProblems(app: string, apps: readonly string[]): Problem[] {
  if (apps.includes(app)) return [];
  const reason = appProblem(app) ?? `${JSON.stringify(app)} is not known; there are ${apps.join(", ")}`;
  return [{ path: "app", reason }];
}

function shape({ maximumSize }: ReleaseRules) {
  return fields(
    {
      version: (version, path) => problem(path, versionProblem(version)),
      artifact: (artifact, path) =>
        problem(
          path,
          typeof artifact === "string" && artifact !== ""
            ? undefined
            : `must be the key of the artifact, not ${shown(artifact)}`,
        ),
      sha256: (sha256, path) =>
        problem(
          path,
          typeof sha256 === "string" && /^[0-9a-fA-F]{64}$/.test(sha256)
            ? undefined
            : `must be 64 hexadecimal digits, not ${shown(sha256)}`,
        ),
      size: whole(1, maximumSize),
      rollout: rolloutProblems,
      rollback: oneOf(true),
    },
    ["version", "artifact", "sha256", "size"],
  );
}

function artifactProblems(artifact: string, app: string, version: unknown): Problem[] {
  const bytes = Buffer.byteLength(artifact);
  const folder = `${artifactPrefix}/${app}/${String(version)}/`;
  const problems: Problem[] = [];
  if (bytes > 1024) problems.push({ path: "artifact", reason: `has ${bytes} bytes; a key of S3 has 1024 at most` });
  // No character that a link would have to encode, or that ends the placeholder it stands in.
  if (!artifact.startsWith(folder) || !/^[\w.-]+$/.test(artifact.slice(folder.length))) {
    const reason = `must be ${folder}<file name>, of letters, digits, ".", "_" and "-", not ${shown(artifact)}`;
    problems.push({ path: "artifact", reason });
  }
  return problems;
}

/** The document is measured as AWS IoT will, in bytes of JSON. */
function documentProblems(app: string, file: Partial<ReleaseFile>, { bucket, region }: ReleaseRules): Problem[] {
  const { version, artifact, sha256, size } = file;
  if (versionProblem(version) || typeof artifact !== "string" || typeof sha256 !== "string" || typeof size !== "number")
    return [];
  const document = jobDocumentOf(app, file as ReleaseFile, bucket, region);
  const bytes = Buffer.byteLength(JSON.stringify(document));
  return problem(
    "artifact",
    bytes > maximumDocumentSize
      ? `makes the job document ${bytes} bytes long; AWS IoT takes ${maximumDocumentSize}`
      : undefined,
  );
}

const problem = (path: string, reason: string | undefined): Problem[] =>
  reason === undefined ? [] : [{ path, reason }];

/** What is wrong with the file as a whole goes under its name. */
const named = (problems: readonly Problem[], key: string) =>
  problems.map(({ path, reason }) => ({ path: path || key, reason }));

/** Problems as a person reads them, one a line. */
export const reasonOf = (problems: readonly Problem[]) =>
  problems.map(({ path, reason }) => `${path}: ${reason}`).join("\n");
