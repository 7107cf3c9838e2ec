import { isObject } from "./json";

/** One app's image: a version as people know it, its number to compare by, and what its bytes are. */
export interface Image {
  readonly version: string;
  /** Higher is newer. A whole number, because texts such as "1.10" do not compare. */
  readonly build: number;
  /** Of the bytes, in hex. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** What a job asks for: one app to be brought to one version. */
export interface Update extends Image {
  readonly jobId: string;
  /** Which attempt of the job this is, from 1. */
  readonly executionNumber: number;
  readonly app: string;
}

/** What the device knows of one of its apps before it takes an update for it. */
export interface AppLimits {
  /** A job with a lower build is refused, unless it is a rollback. */
  readonly lowestBuild?: number;
  /** The largest image that there is room for. */
  readonly maximumBytes: number;
}

export type Verdict = { readonly update: Update; readonly url: string } | { readonly unfit: string };

/**
 * Whether a job fits this device. Nothing of it is downloaded before.
 *
 * @param document as the job has it: `{app, app_url, app_version, build, sha256, size, rollback?}`
 * @returns the update and its link, or why it does not fit, in words for whoever made the job
 */
export function judge(
  execution: { readonly jobId: string; readonly executionNumber: number; readonly jobDocument?: unknown },
  apps: Readonly<Record<string, AppLimits>>,
): Verdict {
  const document = execution.jobDocument;
  if (!isObject(document)) return { unfit: "the job has no document that is a JSON object" };
  const { app, app_url: url, app_version: version, build, sha256, size, rollback } = document;
  if (typeof app !== "string") return { unfit: 'the document names no "app"' };
  const limits = Object.hasOwn(apps, app) ? apps[app] : undefined;
  if (!limits) return { unfit: `this device has no app ${quoted(app)}; it has ${Object.keys(apps).join(", ")}` };
  if (typeof version !== "string" || version === "") return { unfit: 'the document names no "app_version"' };
  if (!isWhole(build)) return { unfit: `"build" is ${quoted(build)}, not a whole number` };
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/i.test(sha256)) return { unfit: '"sha256" is not 64 hex digits' };
  if (!isWhole(size) || size === 0) return { unfit: `"size" is ${quoted(size)}, not a number of bytes` };
  if (typeof url !== "string" || !/^https?:\/\//.test(url)) return { unfit: `"app_url" is ${quoted(url)}, not a link` };
  if (size > limits.maximumBytes)
    return { unfit: `${size} bytes do not fit; there is room for ${limits.maximumBytes}` };
  if (limits.lowestBuild !== undefined && build < limits.lowestBuild && rollback !== true) {
    return { unfit: `build ${build} is below the installed ${limits.lowestBuild}, and the job is no rollback` };
  }
  const { jobId, executionNumber } = execution;
  return { update: { jobId, executionNumber, app, version, build, sha256: sha256.toLowerCase(), size }, url };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
