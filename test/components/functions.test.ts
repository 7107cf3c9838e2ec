import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { runBare } from "../support/bareProcess";
import { FakeAws } from "../support/fakeAws";
import type { FunctionCase } from "../support/functionCase";
import { type ProgramFunction, programFunctions } from "../support/programFunctions";
import { apiFunctionCases } from "./apiFunctionCases";
import { authorizerFunctionCases } from "./authorizerFunctionCases";
import { firmwareFunctionCases } from "./firmwareFunctionCases";
import { releaseFunctionCases } from "./releaseFunctionCases";

const state = {
  deviceId: "cooler-1",
  loopId: "cooler-1-e1",
  openedAt: "2026-01-01T00:00:00.000Z",
  index: 1,
  count: 5,
  interval: 300,
  dueAt: "2026-01-01T00:05:00.000Z",
};
const items = (...found: { kind: string; loopId?: string; acknowledgedAt?: string }[]) => ({
  Query: {
    body: JSON.stringify({
      Items: found.map((item) => Object.fromEntries(Object.entries(item).map(([name, value]) => [name, { S: value }]))),
    }),
  },
});
/** A conditional write that is refused, with the item that stood in its way. */
const refused = (Item?: object) => ({
  status: 400,
  body: JSON.stringify({ __type: "ConditionalCheckFailedException", Item }),
});
const newAnomaly = {
  eventID: "e1",
  eventName: "INSERT",
  dynamodb: {
    SequenceNumber: "100",
    NewImage: { deviceId: { S: "cooler-1" }, kind: { S: "anomaly" }, openedAt: { N: "1767225600000" } },
  },
};

const goneAnomaly = {
  eventID: "e3",
  eventName: "REMOVE",
  dynamodb: {
    SequenceNumber: "200",
    ApproximateCreationDateTime: 1_767_225_600,
    Keys: { deviceId: { S: "cooler-1" }, kind: { S: "anomaly" } },
  },
};

const telemetry = (payload: string) => ({
  Records: [
    {
      eventID: "shardId-0:7",
      kinesis: {
        partitionKey: "my/things/cooler-1/state",
        sequenceNumber: "7",
        data: Buffer.from(payload).toString("base64"),
        approximateArrivalTimestamp: 1_767_225_600.5,
      },
    },
  ],
});

/** The functions whose zip has packages beside the code. */
const packed: Readonly<Record<string, readonly string[]>> = { "api-authorizer-function": ["aws-jwt-verify"] };

/** Every function of the program has at least one case here; the last test sees to it. */
const cases: readonly FunctionCase[] = [
  ...apiFunctionCases,
  ...authorizerFunctionCases,
  ...firmwareFunctionCases,
  ...releaseFunctionCases,
  {
    promise: "tells people and apps while the anomaly stands",
    function: "overheated-remind-function",
    event: state,
    answers: items({ kind: "anomaly" }, { kind: "loop", loopId: "cooler-1-e1" }),
    environment: { APP_TOPIC: "my/things/{thing}/reminders" },
    result: { finding: "stands" },
    calls: ["Query", "Publish", "POST /topics/my/things/cooler-1/reminders", "UpdateItem"],
  },
  {
    promise: "tells nobody once somebody knows",
    function: "overheated-remind-function",
    event: state,
    answers: items({ kind: "anomaly" }, { kind: "loop", loopId: "cooler-1-e1", acknowledgedAt: "2026-01-01" }),
    result: { finding: "acknowledged" },
    calls: ["Query"],
  },
  {
    promise: "goes on without a history, for loops from before there was one",
    function: "overheated-remind-function",
    event: state,
    answers: { ...items({ kind: "anomaly" }), UpdateItem: refused() },
    environment: { APP_TOPIC: "my/things/{thing}/reminders" },
    result: { finding: "stands" },
    calls: ["Query", "Publish", "POST /topics/my/things/cooler-1/reminders", "UpdateItem"],
  },
  {
    promise: "tells nobody once the anomaly is solved",
    function: "overheated-remind-function",
    event: state,
    answers: items({ kind: "loop", loopId: "cooler-1-e1" }),
    result: { finding: "solved" },
    calls: ["Query"],
  },
  {
    promise: "tells nobody when a later anomaly has its own loop",
    function: "overheated-remind-function",
    event: state,
    answers: items({ kind: "anomaly" }, { kind: "loop", loopId: "cooler-1-e2" }),
    result: { finding: "superseded" },
    calls: ["Query"],
  },
  {
    promise: "fails when people can't be told, so that the state machine tries again",
    function: "overheated-remind-function",
    event: state,
    answers: {
      ...items({ kind: "anomaly" }),
      Publish: {
        status: 400,
        body: "<ErrorResponse><Error><Code>NotFound</Code><Message>no such topic</Message></Error></ErrorResponse>",
      },
    },
    error: /no such topic|NotFound/,
    calls: ["Query", "Publish", "POST /topics/"],
  },
  {
    promise: "starts a loop for a new anomaly",
    function: "overheated-start-function",
    event: { Records: [newAnomaly] },
    environment: { INTERVAL: "300", COUNT: "5" },
    result: { batchItemFailures: [] },
    calls: ["PutItem", "UpdateItem", "StartExecution"],
  },
  {
    promise: "goes on where an earlier delivery stopped, and leaves its item as it is",
    function: "overheated-start-function",
    event: { Records: [newAnomaly] },
    environment: { INTERVAL: "300", COUNT: "5" },
    answers: { PutItem: refused({ loopId: { S: "cooler-1-e1" } }) },
    result: { batchItemFailures: [] },
    calls: ["PutItem", "UpdateItem", "StartExecution"],
  },
  {
    promise: "takes a loop that was started before for its own",
    function: "overheated-start-function",
    event: { Records: [newAnomaly] },
    environment: { INTERVAL: "300", COUNT: "5" },
    answers: { StartExecution: { status: 400, body: JSON.stringify({ __type: "ExecutionAlreadyExists" }) } },
    result: { batchItemFailures: [] },
    calls: ["PutItem", "UpdateItem", "StartExecution"],
  },
  {
    promise: "starts nothing for an older anomaly that is delivered late",
    function: "overheated-start-function",
    event: { Records: [newAnomaly] },
    environment: { INTERVAL: "300", COUNT: "5" },
    answers: { PutItem: refused({ loopId: { S: "cooler-1-e2" } }) },
    result: { batchItemFailures: [] },
    calls: ["PutItem"],
  },
  {
    promise: "hands a record back when the loop could not be started, and leaves the later ones for then",
    function: "overheated-start-function",
    event: { Records: [newAnomaly, { ...newAnomaly, eventID: "e2" }] },
    environment: { INTERVAL: "300", COUNT: "5" },
    answers: { StartExecution: { status: 400, body: JSON.stringify({ __type: "StateMachineDoesNotExist" }) } },
    result: { batchItemFailures: [{ itemIdentifier: "100" }] },
    calls: ["PutItem", "UpdateItem", "StartExecution"],
  },
  {
    promise: "notes when an anomaly is over, in its loop's item and in its history",
    function: "overheated-start-function",
    event: { Records: [goneAnomaly] },
    environment: { INTERVAL: "300", COUNT: "5", HISTORY_DAYS: "90" },
    answers: { UpdateItem: { body: JSON.stringify({ Attributes: { openedAt: { S: "2026-01-01T00:00:00.000Z" } } }) } },
    result: { batchItemFailures: [] },
    calls: ["UpdateItem", "UpdateItem"],
  },
  {
    promise: "takes an end that is delivered late for none of a later anomaly",
    function: "overheated-start-function",
    event: { Records: [goneAnomaly] },
    environment: { INTERVAL: "300", COUNT: "5", HISTORY_DAYS: "90" },
    answers: { UpdateItem: refused() },
    result: { batchItemFailures: [] },
    calls: ["UpdateItem"],
  },
  {
    promise: "stores what a device sent, in the hour it arrived",
    function: "telemetry-store-function",
    event: telemetry('{"temperature":4}'),
    environment: { BUCKET: "b", MAXIMUM_BYTES: "1000" },
    result: { batchItemFailures: [] },
    stdout: /^\{"_aws":.*"Stored":1,"Quarantined":0/m,
    calls: ["PUT /b/telemetry/dt=2026-01-01/hour=00/shardId-0-7.ndjson.gz"],
  },
  {
    promise: "sets aside what it can't store",
    function: "telemetry-store-function",
    event: telemetry("no JSON"),
    environment: { BUCKET: "b", MAXIMUM_BYTES: "1000" },
    result: { batchItemFailures: [] },
    stdout: /"message":"quarantined".*"not JSON":1/,
    calls: ["PUT /b/quarantine/dt=2026-01-01/hour=00/shardId-0-7.ndjson.gz"],
  },
  {
    promise: "hands back what it can't write",
    function: "telemetry-store-function",
    event: telemetry("{}"),
    environment: { BUCKET: "b", MAXIMUM_BYTES: "1000" },
    answers: { "PUT /b/telemetry/dt=2026-01-01/hour=00/shardId-0-7.ndjson.gz": { status: 403, body: "<Error/>" } },
    result: { batchItemFailures: [{ itemIdentifier: "7" }] },
    calls: ["PUT /b/telemetry/dt=2026-01-01/hour=00/shardId-0-7.ndjson.gz"],
  },
  {
    promise: "writes a device's line into the log",
    function: "device-log-function",
    event: { deviceId: "cooler-1", level: "warn", message: "door open", seconds: 30 },
    stdout: /"deviceId":"cooler-1","message":"door open","seconds":30/,
    calls: [],
  },
  {
    promise: "fails on a line without a message, so that it ends in the failure queue",
    function: "device-log-function",
    event: { deviceId: "cooler-1", level: "warn" },
    error: /cooler-1 sent a log line without a "message"/,
    calls: [],
  },
];

describe("the serialised functions", () => {
  let functions: ReadonlyMap<string, ProgramFunction>;

  before(async () => {
    functions = await programFunctions();
  });

  it("are __index.js and nothing else, but for packages that it asks for", () => {
    for (const [name, { files }] of functions) {
      const packages = (packed[name] ?? []).map((each) => `node_modules/${each}`);
      expect(files, `what the zip of ${name} holds`).to.deep.equal(["__index.js", ...packages]);
    }
  });

  it("are at most 12 KB each, zipped, and hold no trace of Pulumi", () => {
    for (const [name, { code }] of functions) {
      expect(gzipSync(code).length, `bytes of ${name}`).to.be.at.most(12 * 1024);
      expect(code, name).not.to.include("@pulumi/");
    }
  });

  it("require nothing but the SDK that Lambda's runtime brings", () => {
    const runtime = JSON.parse(readFileSync("package.json", "utf8")).dependencies;
    for (const [name, { code }] of functions) {
      for (const [, required] of code.matchAll(/require\("([^"]+)"\)/g)) {
        if (isBuiltin(required!) || packed[name]?.some((each) => `${required}/`.startsWith(`${each}/`))) continue;
        expect(required, name).to.match(/^@aws-sdk\//);
        if (required!.startsWith("@")) expect(runtime).to.have.property(required!.split("/").slice(0, 2).join("/"));
      }
    }
  });

  for (const each of cases) {
    it(`${each.function}: ${each.promise}`, async () => {
      const aws = await FakeAws.start(each.answers);
      try {
        const { code } = functions.get(each.function)!;
        const run = await runBare(code, each.event, { endpoint: aws.endpoint, environment: each.environment });
        if (each.error) expect(run.error).to.match(each.error);
        else expect(run.error, run.stdout).to.equal(undefined);
        if (each.result) expect(run.result).to.deep.equal(each.result);
        if (each.stdout) expect(run.stdout).to.match(each.stdout);
        expect(aws.calls.map(({ operation }) => operation).sort()).to.deep.equal([...each.calls].sort());
      } finally {
        await aws.stop();
      }
    });
  }

  it("each have a case above", () => {
    expect([...new Set(cases.map((each) => each.function))].sort()).to.deep.equal([...functions.keys()].sort());
  });
});
