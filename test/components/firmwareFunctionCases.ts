import { createHash } from "node:crypto";
import type { FunctionCase } from "../support/functionCase";

const sha256 = createHash("sha256").update("image").digest("hex");
const release = {
  app: "cooler",
  jobId: "cooler-2_0-1",
  version: "2.0",
  build: 2_000_000,
  attempt: 1,
  turn: 3,
  status: "CHECKING",
  startedAt: "2026-01-01T00:00:00.000Z",
  file: "releases/cooler/2.0.json",
  source: "v1",
  artifact: "artifacts/cooler/2.0/c.bin",
  sha256,
  size: 5,
};
const item = (of: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(of).map(([name, value]) => [name, typeof value === "number" ? { N: String(value) } : { S: value }]),
  );
const found = (changes: object = {}) => ({
  GetItem: { body: JSON.stringify({ Item: item({ ...release, ...changes }) }) },
});

const { version, artifact, size } = release;
const file = JSON.stringify({ version, artifact, sha256, size });
const upload = {
  Records: [
    {
      eventTime: "2026-01-01T00:00:00.000Z",
      s3: { bucket: { name: "b" }, object: { key: "releases/cooler/2.0.json", versionId: "v1", sequencer: "1" } },
    },
  ],
};
const rules = {
  RULES: JSON.stringify({ apps: ["cooler"], maximumSize: 1000, bucket: "b", region: "eu-central-1" }),
  TOPIC_ARN: "arn:aws:sns:eu-central-1:123456789012:t",
};
const readFile = "GET /b/releases/cooler/2.0.json";
const step = { app: "cooler", jobId: "cooler-2_0-1" };
const success = {
  job_id: "cooler-2_0-1",
  thingArn: "arn:aws:iot:eu-central-1:123456789012:thing/cooler-1",
  status: "SUCCEEDED",
  timestamp: 1_767_225_600,
};
const shadow = "GET /things/cooler-1/shadow";
const thing = "GET /things/cooler-1";
const recorded = (cooler: object) => ({
  [shadow]: { body: JSON.stringify({ version: 7, state: { reported: { cooler } } }) },
});
const document = { document: JSON.stringify({ app: "cooler", app_version: "2.0", build: 2_000_000 }) };
const jobDocument = { "GET /jobs/cooler-2_0-1/job-document": { body: JSON.stringify(document) } };

/** The functions of FirmwareRollout, as Lambda runs them. */
export const firmwareFunctionCases: readonly FunctionCase[] = [
  {
    promise: "takes a release on and starts it",
    function: "firmware-start-function",
    event: upload,
    environment: rules,
    answers: { [readFile]: { body: file } },
    calls: [readFile, "GetItem", "Query", "TransactWriteItems", "StartExecution"],
  },
  {
    promise: "starts what was taken on at an earlier delivery, whose start failed",
    function: "firmware-start-function",
    event: upload,
    environment: rules,
    answers: { [readFile]: { body: file }, Query: { body: JSON.stringify({ Items: [item(release)] }) } },
    calls: [readFile, "GetItem", "Query", "StartExecution"],
  },
  {
    promise: "tells of a refusal, and notes it",
    function: "firmware-start-function",
    event: upload,
    environment: rules,
    answers: { [readFile]: { body: "{" } },
    stdout: /"message":"release refused".*is not JSON/,
    calls: [readFile, "GetItem", "Publish", "PutItem"],
  },
  {
    promise: "looks again when another release took the turn, and gives up after some rounds",
    function: "firmware-start-function",
    event: upload,
    environment: rules,
    answers: {
      [readFile]: { body: file },
      TransactWriteItems: { status: 400, body: JSON.stringify({ __type: "TransactionCanceledException" }) },
    },
    error: /ten other releases of cooler were taken on meanwhile/,
    calls: [readFile, ...Array(10).fill(["GetItem", "Query", "TransactWriteItems"]).flat()],
  },
  {
    promise: "lets a sound artifact pass",
    function: "firmware-check-function",
    event: step,
    environment: { BUCKET: "b" },
    answers: {
      ...found(),

      "GET /b/artifacts/cooler/2.0/c.bin": { body: "image" },
    },
    result: { ended: false },
    calls: ["GetItem", "GET /b/artifacts/cooler/2.0/c.bin"],
  },
  {
    promise: "refuses an artifact that is not there",
    function: "firmware-check-function",
    event: step,
    environment: { BUCKET: "b" },
    answers: {
      ...found(),
      "GET /b/artifacts/cooler/2.0/c.bin": { status: 404, body: "<Error><Code>NoSuchKey</Code></Error>" },
    },
    result: { ended: true },
    stdout: /there is no artifacts\/cooler\/2\.0\/c\.bin in the bucket/,
    calls: ["GetItem", "GET /b/artifacts/cooler/2.0/c.bin", "Publish", "UpdateItem"],
  },
  {
    promise: "does nothing more for a release that was canceled",
    function: "firmware-steps-function",
    event: { ...step, step: "group" },
    answers: found({ status: "CANCELED" }),
    result: { ended: true },
    calls: ["GetItem"],
  },
  {
    promise: "says what the account lacks, and makes no group",
    function: "firmware-steps-function",
    event: { ...step, step: "group" },
    environment: { COMPONENT: "firmware" },
    answers: {
      ...found(),
      "GET /thing-groups/firmware-cooler-below-2000000": {
        status: 404,
        body: JSON.stringify({ __type: "ResourceNotFoundException" }),
      },
    },
    calls: [
      "GetItem",
      "GET /thing-groups/firmware-cooler-below-2000000",
      "GET /indexing/config",
      "GET /event-configurations",
    ],
  },
  {
    promise: "records the version that the job's document has",
    function: "firmware-ended-function",
    event: success,
    environment: { FIRST_APP: "radio" },
    answers: { ...found({ status: "IN_PROGRESS" }), ...jobDocument, ...recorded({ version: "1.0", build: 1_000_000 }) },
    stdout: /"InstallationsEnded":1,"InstallationsFailed":0/,
    calls: [
      "GetItem",
      "GET /jobs/cooler-2_0-1/job-document",
      shadow,
      "POST /things/cooler-1/shadow",
      shadow,
      "UpdateItem",
    ],
  },
  {
    promise: "leaves what a later release brought",
    function: "firmware-ended-function",
    event: success,
    environment: { FIRST_APP: "radio" },
    answers: {
      ...found({ status: "COMPLETED" }),
      ...jobDocument,
      ...recorded({ version: "1.9", build: 1_009_000, jobId: "cooler-1_9-1", turn: 4 }),
    },
    calls: ["GetItem", "GET /jobs/cooler-2_0-1/job-document", shadow, shadow, "UpdateItem"],
  },
  {
    promise: "counts a failure, with its reason",
    function: "firmware-ended-function",
    event: { ...success, status: "FAILED", statusDetails: { reason: "flash is worn" } },
    answers: { ...found({ status: "IN_PROGRESS" }), ...jobDocument },
    stdout: /"reason":"flash is worn"[\s\S]*"InstallationsEnded":1,"InstallationsFailed":1/,
    calls: ["GetItem", "GET /jobs/cooler-2_0-1/job-document", "UpdateItem"],
  },
  {
    promise: "has no part in jobs of others",
    function: "firmware-ended-function",
    event: { ...success, job_id: "theirs-1" },
    calls: ["GetItem"],
  },
  {
    promise: "reports a claim that is not true",
    function: "firmware-claims-function",
    event: { thingName: "cooler-1", apps: { cooler: "9.9", other: "1.0" } },
    environment: { APPS: "cooler,radio", FIRST_APP: "cooler" },
    answers: recorded({ version: "1.9", build: 1_009_000, jobId: "cooler-1_9-1", turn: 4 }),
    stdout: /"message":"false claim".*"claimed":"9\.9","recorded":"1\.9"[\s\S]*"FalseClaims":1/,
    calls: [shadow, "GetItem", "Query", "UpdateItem"],
  },
  {
    promise: "records a device that nobody declared as build 0, whatever it says",
    function: "firmware-claims-function",
    event: { thingName: "cooler-1", apps: { cooler: "9.9" } },
    environment: { APPS: "cooler", FIRST_APP: "radio" },
    answers: { [shadow]: { body: JSON.stringify({ version: 1, state: {} }) } },
    calls: [shadow, "POST /things/cooler-1/shadow"],
  },
  {
    promise: "writes what a thing is delivered with, and labels the thing until it finds it labelled",
    function: "firmware-claims-function",
    event: { thingName: "cooler-1", first: { cooler: "1.10" } },
    environment: { APPS: "cooler", FIRST_APP: "cooler" },
    answers: {
      ...recorded({ version: "1.10", build: 1_010_000 }),
      [thing]: [
        { body: JSON.stringify({ version: 1 }) },
        { body: JSON.stringify({ version: 2, attributes: { app_version: "1.10", app_build: "1010000" } }) },
      ],
    },
    calls: [shadow, "POST /things/cooler-1/shadow", thing, shadow, "PATCH /things/cooler-1", thing, shadow],
  },
];
