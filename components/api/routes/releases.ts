import { cancelRelease } from "../../../functions/api/cancelRelease";
import { getRelease } from "../../../functions/api/getRelease";
import { listReleases } from "../../../functions/api/listReleases";
import { publishRelease } from "../../../functions/api/publishRelease";
import { artifactPrefix, releasePrefix } from "../../../functions/firmware/releases";
import { putObjects, readItems, readObjects } from "../../access/grants";
import type { ApiResources, Route, RouteParameter } from "../route";
import { listObjects, scanItems, useJobs } from "./grants";
import {
  count,
  flag,
  json,
  list,
  nextPageToken,
  object,
  ok,
  paging,
  problem,
  query,
  text,
  thingName,
  time,
} from "./schemas";

const app = text("The app", { pattern: "^[a-z][a-z0-9_]{0,31}$" });
const version = text("`major.minor` or `major.minor.patch`", { pattern: "^[0-9]+\\.[0-9]+(\\.[0-9]+)?$" });
const sha256 = text("SHA-256 of the artifact, in hexadecimal digits", { pattern: "^[0-9a-fA-F]{64}$" });
const rollout = json("How fast, how careful: see docs/firmware.md; what is left out is as configured");

const counts = object("ReleaseCounts", {
  queued: count("Devices that were not told yet"),
  inProgress: count("Devices that are at it"),
  succeeded: count("Devices that have it"),
  failed: count("Devices that could not"),
  rejected: count("Devices that would not"),
  timedOut: count("Devices that took too long"),
  canceled: count("Devices that were told to stop"),
  removed: count("Devices that are gone"),
});
const always = {
  // What was refused may have a name that no app can have.
  app: text("The app"),
  jobId: text("Names the release, and its job once there is one"),
  version: text("The version, as its file tells it"),
  status: text("How far it is", {
    enum: ["CHECKING", "REFUSED", "WAITING_FOR_GROUP", "IN_PROGRESS", "COMPLETED", "CANCELED", "FAILED"],
  }),
  startedAt: time("When its file arrived"),
};
const sometimes = {
  endedAt: time("When it came to its end"),
  reason: text("Why it was refused, canceled or failed; of several reasons, one a line"),
  rollback: flag("Whether things of a higher version go back to this one"),
  attempt: count("How often this version was released, from 1"),
  continuous: flag("Whether things that come later get it, too"),
  targets: count("How many things it has reached so far"),
  artifact: text("Key of what devices download"),
  sha256: text("SHA-256 of it"),
  size: count("Bytes of it"),
  rollout,
  source: text("S3's version of the release file"),
  counts,
};
const failure = object(
  "ReleaseFailure",
  {
    thingName,
    status: text("How it ended for this thing"),
    reason: text("Why, in the device's words or ours"),
    at: time("When"),
  },
  { claimed: text("The version that the device says it has") },
);

const inPath: readonly RouteParameter[] = [
  { name: "app", in: "path", description: "The app", schema: text("The app", { maxLength: 256 }) },
  { name: "jobId", in: "path", description: "The release", schema: text("Its job id", { maxLength: 64 }) },
];
const release = object("Release", always, sometimes);
const noSuchRelease = problem("There is no such release");
const tables = ({ firmware }: ApiResources) => ({
  RELEASES_TABLE_NAME: firmware.releases.name,
  RESULTS_TABLE_NAME: firmware.results.name,
});

/** Releases of firmware; for admins only. */
export const releaseRoutes: readonly Route[] = [
  {
    operationId: "listReleases",
    method: "GET",
    path: "/releases",
    summary: "Releases of all apps, the newest first",
    adminOnly: true,
    parameters: [query("app", "Only of this app", text("The app", { maxLength: 256 })), ...paging],
    responses: {
      200: ok("A page of releases", object("ReleasePage", { releases: list(release, "Releases") }, { nextPageToken })),
    },
    callbackFactory: listReleases,
    grants: ({ firmware }) => [scanItems(firmware.releases)],
    environment: tables,
  },
  {
    operationId: "getRelease",
    method: "GET",
    path: "/releases/{app}/{jobId}",
    summary: "A release, with its progress and its failures",
    adminOnly: true,
    parameters: inPath,
    responses: {
      200: ok(
        "The release",
        object(
          "ReleaseDetails",
          {
            ...always,
            failures: list(failure, "Things that did not take it, at most 100"),
            moreFailures: flag("Whether there are more of them"),
          },
          sometimes,
        ),
      ),
      404: noSuchRelease,
    },
    callbackFactory: getRelease,
    grants: (resources) => [
      readItems(resources.firmware.releases),
      readItems(resources.firmware.results),
      useJobs(resources, "iot:DescribeJob"),
    ],
    environment: tables,
  },
  {
    operationId: "publishRelease",
    method: "POST",
    path: "/releases",
    summary: "Release an artifact that was uploaded",
    description:
      `The artifact lies in the bucket of releases already, alone under \`${artifactPrefix}/<app>/<version>/\`. This writes ` +
      "its release file, which starts the release; whether it is taken on, its status tells: look for the release with the " +
      "`source` of the answer.",
    adminOnly: true,
    body: {
      title: "Publication",
      type: "object",
      required: ["app", "version"],
      additionalProperties: false,
      properties: {
        app,
        version,
        sha256: { ...sha256, description: "SHA-256 of the artifact; needed only for more than 100 MB" },
        rollout,
        rollback: {
          type: "boolean",
          enum: [true],
          description: "Declares that things of a higher version go back to this one",
        },
      },
    },
    responses: {
      202: ok(
        "Its release has begun",
        object(
          "PublicationAccepted",
          {
            app,
            version,
            artifact: text("Key of the artifact"),
            sha256,
            size: count("Bytes of it"),
            releaseFile: text("Key of the release file"),
          },
          { rollout, rollback: flag("Whether things of a higher version go back"), source: sometimes.source },
        ),
      ),
      409: problem("The artifact is not there, or there are several"),
    },
    callbackFactory: publishRelease,
    grants: ({ firmware }) => [
      listObjects(firmware.bucket),
      readObjects(firmware.bucket, artifactPrefix),
      putObjects(firmware.bucket, releasePrefix),
    ],
    environment: ({ firmware }) => ({ BUCKET: firmware.bucket.bucket }),
    timeout: 29,
  },
  {
    operationId: "cancelRelease",
    method: "POST",
    path: "/releases/{app}/{jobId}/cancel",
    summary: "Stop a release",
    description: "Devices that have not begun never do; those in the middle of it finish.",
    adminOnly: true,
    parameters: inPath,
    responses: {
      202: ok("It is being canceled", release),
      404: noSuchRelease,
      409: problem("It is at its end already, or has no job yet"),
    },
    callbackFactory: cancelRelease,
    grants: (resources) => [readItems(resources.firmware.releases), useJobs(resources, "iot:CancelJob")],
    environment: tables,
  },
];
