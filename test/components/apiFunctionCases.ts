import type { FunctionCase } from "../support/functionCase";

const environment = {
  OWNERSHIP_TABLE_NAME: "ownership",
  ANOMALIES: JSON.stringify({ overheated: { table: "anomalies", history: "history" } }),
  RELEASES_TABLE_NAME: "releases",
  RESULTS_TABLE_NAME: "results",
  BUCKET: "b",
};

/** An event as API Gateway sends it. */
const event = (groups: string, path: object = {}, body?: object) => ({
  httpMethod: "GET",
  resource: "/",
  pathParameters: path,
  queryStringParameters: null,
  headers: body ? { "Content-Type": "application/json" } : {},
  body: body ? JSON.stringify(body) : null,
  isBase64Encoded: false,
  requestContext: { requestId: "r-1", authorizer: { sub: "s-1", username: "ada", groups } },
});

const result = (statusCode: number, body: object, headers: object = {}) => ({
  statusCode,
  headers: {
    "content-type": statusCode < 400 ? "application/json" : "application/problem+json",
    "cache-control": "no-store",
    "x-request-id": "r-1",
    ...headers,
  },
  body: JSON.stringify(body),
});

const unknownThing = result(404, {
  type: "urn:thingstack:problem:unknown-thing",
  title: "No such thing",
  status: 404,
  detail: "There is no thing of this name, or it is not yours.",
});

const openedAt = "2026-01-01T00:00:00.000Z";
const history = {
  deviceId: { S: "mine" },
  openedAt: { S: openedAt },
  status: { S: "ended" },
  loopId: { S: "l" },
  interval: { N: "300" },
  count: { N: "5" },
  reminders: { M: { 1: { S: "2026-01-01T00:05:00.000Z" } } },
  acknowledgedAt: { S: "2026-01-01T00:06:00.000Z" },
  acknowledgedBy: { S: "ada" },
  endedAt: { S: "2026-01-01T00:07:00.000Z" },
};
const anomaly = {
  thingName: "mine",
  kind: "overheated",
  status: "ended",
  openedAt,
  interval: 300,
  remindersSent: 1,
  count: 5,
  acknowledged: true,
  acknowledgedAt: "2026-01-01T00:06:00.000Z",
  acknowledgedBy: "ada",
  endedAt: "2026-01-01T00:07:00.000Z",
  endedBy: "solved",
};
const reminders = [{ index: 1, dueAt: "2026-01-01T00:05:00.000Z", at: "2026-01-01T00:05:00.000Z" }];

const release = { app: "door", jobId: "door-2_0-1", version: "2.0", status: "IN_PROGRESS", startedAt: openedAt };
const releaseItem = Object.fromEntries(Object.entries(release).map(([key, value]) => [key, { S: value }]));

const none = { status: 404, body: JSON.stringify({ __type: "ResourceNotFoundException", message: "none" }) };
const conflict = { status: 409, body: JSON.stringify({ __type: "ConflictException", message: "Version conflict" }) };
const listing = (key: string) =>
  `<ListBucketResult><Contents><Key>${key}</Key><Size>7</Size><LastModified>${openedAt}</LastModified></Contents></ListBucketResult>`;

const cases: readonly FunctionCase[] = [
  {
    promise: "says who is signed in, and asks AWS nothing",
    function: "api-whoami-function",
    event: event("admin,user"),
    result: result(200, { sub: "s-1", username: "ada", groups: ["admin", "user"], isAdmin: true }),
    stdout: /"message":"answered","requestId":"r-1"/,
    calls: [],
  },
  {
    promise: "searches the fleet for admins",
    function: "api-list-things-function",
    event: event("admin"),
    answers: { "POST /indices/search": { body: JSON.stringify({ things: [{ thingName: "mine" }] }) } },
    result: result(200, { things: [{ thingName: "mine", attributes: {}, connectivity: { connected: false } }] }),
    calls: ["POST /indices/search"],
  },
  {
    promise: "searches among their own things for others",
    function: "api-list-things-function",
    event: event("user"),
    answers: {
      Query: { body: JSON.stringify({ Items: [{ thingName: { S: "mine" } }] }) },
      "POST /indices/search": { body: JSON.stringify({ things: [{ thingName: "mine" }, { thingName: "Mine" }] }) },
    },
    result: result(200, { things: [{ thingName: "mine", attributes: {}, connectivity: { connected: false } }] }),
    calls: ["Query", "POST /indices/search"],
  },
  {
    promise: "tells all that is known of a thing",
    function: "api-get-thing-function",
    event: event("user", { thingName: "mine" }),
    answers: {
      GetItem: { body: JSON.stringify({ Item: { owner: { S: "s-1" } } }) },
      "GET /things/mine": { body: JSON.stringify({ thingName: "mine", attributes: { model: "x2" } }) },
      "GET /things/mine/shadow": none,
      "POST /indices/search": { body: "{}" },
    },
    result: result(
      200,
      {
        thingName: "mine",
        attributes: { model: "x2" },
        connectivity: { connected: false },
        shadow: { version: 0, desired: {}, reported: {}, delta: {}, metadata: {}, timestamp: 0 },
        apps: {},
      },
      { etag: '"0-44136fa355b3678a"' },
    ),
    calls: [
      "GetItem",
      "GET /things/mine",
      "GET /things/mine/shadow",
      "GET /things/mine/shadow",
      "POST /indices/search",
    ],
  },
  {
    promise: "asks AWS IoT nothing about a thing that is another user's",
    function: "api-get-thing-function",
    event: event("user", { thingName: "theirs" }),
    result: unknownThing,
    calls: ["GetItem"],
  },
  {
    promise: "sets what is desired by one update, without a version",
    function: "api-set-desired-function",
    event: event("admin", { thingName: "mine" }, { desired: { setpoint: 3 } }),
    answers: { "POST /things/mine/shadow": { body: JSON.stringify({ version: 8, timestamp: 9, state: {} }) } },
    result: result(
      200,
      { thingName: "mine", version: 8, desired: { setpoint: 3 }, timestamp: 9, attempts: 1 },
      { etag: '"8"' },
    ),
    calls: ["GET /things/mine", "POST /things/mine/shadow"],
  },
  {
    promise: "tells the version that there is when a given one is not",
    function: "api-set-desired-function",
    event: {
      ...event("admin", { thingName: "mine" }, { desired: {} }),
      headers: { "content-type": "application/json", "If-Match": '"7"' },
    },
    answers: {
      "POST /things/mine/shadow": conflict,
      "GET /things/mine/shadow": { body: JSON.stringify({ version: 8, state: {} }) },
    },
    stdout: /"statusCode":409.*currentVersion\\":8/,
    calls: ["GET /things/mine", "POST /things/mine/shadow", "GET /things/mine/shadow"],
  },
  {
    promise: "makes no shadow for a name that is no thing's",
    function: "api-set-desired-function",
    event: event("admin", { thingName: "none" }, { desired: {} }),
    answers: { "GET /things/none": none },
    result: unknownThing,
    calls: ["GET /things/none"],
  },
  {
    promise: "lists what stands in the fleet, from the histories",
    function: "api-list-anomalies-function",
    event: event("admin"),
    answers: { Query: { body: JSON.stringify({ Items: [history] }) } },
    result: result(200, { anomalies: [anomaly] }),
    calls: ["Query"],
  },
  {
    promise: "tells each reminder of a thing's anomalies",
    function: "api-anomaly-history-function",
    event: event("admin", { thingName: "mine" }),
    answers: { Query: { body: JSON.stringify({ Items: [history] }) } },
    result: result(200, { anomalies: [{ ...anomaly, reminders }] }),
    calls: ["Query"],
  },
  {
    promise: "notes with the loop and in the history who knows, at once",
    function: "api-acknowledge-anomaly-function",
    event: event("admin", { thingName: "mine", kind: "overheated" }),
    answers: {
      GetItem: { body: JSON.stringify({ Item: { ...history, endedAt: undefined, acknowledgedAt: undefined } }) },
    },
    stdout: /"statusCode":200/,
    calls: ["GetItem", "GetItem", "TransactWriteItems", "GetItem"],
  },
  {
    promise: "reads what is stored of the hours asked for",
    function: "api-telemetry-summary-function",
    event: { ...event("admin", { thingName: "mine" }), queryStringParameters: { hours: "1" } },
    answers: { "GET /b/": { body: "<ListBucketResult></ListBucketResult>" } },
    stdout: /"statusCode":200.*\\"complete\\":true,\\"bucketSeconds\\":60,\\"messages\\":0/,
    calls: ["GET /b/", "GET /b/"],
  },
  {
    promise: "lists releases",
    function: "api-list-releases-function",
    event: event("admin"),
    answers: { Scan: { body: JSON.stringify({ Items: [releaseItem] }) } },
    result: result(200, { releases: [release] }),
    calls: ["Scan"],
  },
  {
    promise: "asks nothing for who is no admin",
    function: "api-list-releases-function",
    event: event("user"),
    stdout: /"statusCode":403/,
    calls: [],
  },
  {
    promise: "tells how far a release is",
    function: "api-get-release-function",
    event: event("admin", { app: "door", jobId: "door-2_0-1" }),
    answers: {
      GetItem: { body: JSON.stringify({ Item: releaseItem }) },
      "GET /jobs/door-2_0-1": {
        body: JSON.stringify({ job: { jobProcessDetails: { numberOfSucceededThings: 3 } } }),
      },
    },
    stdout: /"statusCode":200.*\\"succeeded\\":3/,
    calls: ["GetItem", "GET /jobs/door-2_0-1", "Query"],
  },
  {
    promise: "writes the release file of an artifact that is there, with the artifact's own hash",
    function: "api-publish-release-function",
    event: event("admin", {}, { app: "door", version: "2.0" }),
    answers: {
      "GET /b/": { body: listing("artifacts/door/2.0/door.bin") },
      "GET /b/artifacts/door/2.0/door.bin": { body: "content" },
    },
    result: result(202, {
      app: "door",
      version: "2.0",
      artifact: "artifacts/door/2.0/door.bin",
      sha256: "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73",
      size: 7,
      releaseFile: "releases/door/2.0.json",
    }),
    calls: ["GET /b/", "GET /b/artifacts/door/2.0/door.bin", "PUT /b/releases/door/2.0.json"],
  },
  {
    promise: "cancels the job of a release",
    function: "api-cancel-release-function",
    event: event("admin", { app: "door", jobId: "door-2_0-1" }),
    answers: { GetItem: { body: JSON.stringify({ Item: releaseItem }) } },
    result: result(202, release),
    calls: ["GetItem", "PUT /jobs/door-2_0-1/cancel"],
  },
];

/** The routes of the API, as Lambda runs them. What they decide is tested under test/unit/api. */
export const apiFunctionCases: readonly FunctionCase[] = cases.map((each) => ({ environment, ...each }));
