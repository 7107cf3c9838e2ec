import { expect } from "chai";
import { runBare } from "../support/bareProcess";
import { type Answers, FakeAws } from "../support/fakeAws";
import { type ProgramFunction, programFunctions } from "../support/programFunctions";

interface DryRun {
  /** How far it comes, with a cloud in which there is nothing. */
  readonly ran: RegExp;
  /** The calls of AWS until then: they read. */
  readonly calls: readonly string[];
  readonly answers?: Answers;
  readonly environment?: Record<string, string>;
}

const toItsEnd = /^to its end$/;
const releaseFile = "GET /firmware-bucket-0000000/releases/cooler/0.0.json";
const bucket = "/telemetry-bucket-0000000/";

/** Every function that something else than a release calls. */
const dryRuns: Readonly<Record<string, DryRun>> = {
  "overheated-remind-function": { ran: toItsEnd, calls: ["Query"] },
  "overheated-start-function": { ran: /^up to DynamoDB_\d+\.PutItem$/, calls: [] },
  "telemetry-store-function": { ran: /^up to PUT \S+\/telemetry-bucket-0000000\//, calls: [] },
  "device-log-function": { ran: toItsEnd, calls: [] },
  "firmware-check-function": { ran: toItsEnd, calls: ["GetItem"] },
  "firmware-steps-function": { ran: toItsEnd, calls: ["GetItem"] },
  "firmware-start-function": {
    ran: toItsEnd,
    calls: [releaseFile],
    answers: { [releaseFile]: { status: 404, body: "<Error><Code>NoSuchVersion</Code></Error>" } },
  },
  "firmware-ended-function": { ran: toItsEnd, calls: ["GetItem"] },
  "firmware-claims-function": {
    ran: /^up to POST \S+\/things\/generated\/shadow/,
    calls: ["GET /things/generated/shadow"],
  },
  "api-authorizer-function": {
    ran: /^to its refusal$/,
    calls: [],
    environment: { USER_POOL_ID: "eu-central-1_abcdefghi" },
  },
  "api-whoami-function": { ran: toItsEnd, calls: [] },
  "api-list-things-function": { ran: /^up to POST \S+\/indices\/search$/, calls: [] },
  "api-get-thing-function": {
    ran: /^up to POST \S+\/indices\/search$/,
    calls: ["GET /things/generated", "GET /things/generated/shadow", "GET /things/generated/shadow"],
  },
  "api-set-desired-function": { ran: /^up to POST \S+\/shadow$/, calls: ["GET /things/generated"] },
  "api-list-anomalies-function": { ran: toItsEnd, calls: ["Query"] },
  "api-anomaly-history-function": { ran: toItsEnd, calls: ["Query"] },
  "api-acknowledge-anomaly-function": { ran: toItsEnd, calls: [] },
  "api-telemetry-summary-function": {
    ran: toItsEnd,
    calls: [`GET ${bucket}`],
    answers: { [`GET ${bucket}`]: { body: "<ListBucketResult/>" } },
  },
  "api-list-releases-function": { ran: toItsEnd, calls: ["Scan"] },
  "api-get-release-function": { ran: toItsEnd, calls: ["GetItem"] },
  "api-publish-release-function": { ran: toItsEnd, calls: [] },
  "api-cancel-release-function": { ran: toItsEnd, calls: ["GetItem"] },
};

/** Hooks are called by CodeDeploy alone, and released by nobody. */
const hooks = ["live-dry-run-function"];

describe("a dry run of a serialised function", () => {
  let functions: ReadonlyMap<string, ProgramFunction>;

  before(async () => {
    functions = await programFunctions();
  });

  for (const [name, { ran, calls, answers, environment }] of Object.entries(dryRuns)) {
    it(`${name}: handles an event of its trigger ${ran.source}, and only reads`, async () => {
      const aws = await FakeAws.start(answers);
      try {
        const { code, environment: own } = functions.get(name)!;
        const run = await runBare(
          code,
          { "thingstack:dryRun": "d-1" },
          { endpoint: aws.endpoint, environment: { ...own, ...environment } },
        );
        expect(run.error, run.stdout).to.equal(undefined);
        expect(run.result).to.include({ ready: true, version: "7" });
        expect((run.result as { ran: string }).ran).to.match(ran);
        const operations = new Set(aws.calls.map(({ operation }) => operation));
        expect([...operations].sort()).to.deep.equal([...new Set(calls)].sort());
      } finally {
        await aws.stop();
      }
    });
  }

  it("is proven above for every function", () => {
    expect([...Object.keys(dryRuns), ...hooks].sort()).to.deep.equal([...functions.keys()].sort());
  });
});
