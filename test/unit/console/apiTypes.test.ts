import Ajv from "ajv";
import { expect } from "chai";
import { routes } from "../../../components/api/routes";
import { problem } from "../../../components/api/schemas";
import type {
  AnomalyPage,
  Caller,
  Problem,
  ReleaseDetails,
  ReleasePage,
  TelemetrySummary,
  Thing,
  ThingPage,
} from "../../../console/src/api/types";
import { maximumBytes, maximumDepth } from "../../../console/src/logic/parseJson";
import { shadowLimits } from "../../../functions/api/json";

const time = "2026-11-23T12:00:00.000Z";
const summary = {
  thingName: "cooler-1",
  thingTypeName: "cooler",
  attributes: { site: "oslo" },
  connectivity: { connected: false, timestamp: 1, disconnectReason: "KEEP_ALIVE_TIMEOUT" },
  apps: { cooler: "1.2" },
};
const anomaly = {
  ...{ thingName: "cooler-1", kind: "overheated", openedAt: time, remindersSent: 1, count: 5 },
  ...{ nextReminderAt: time, acknowledged: false, endedAt: time, endedBy: "solved" },
};
const counts = {
  ...{ queued: 0, inProgress: 0, succeeded: 0, failed: 0, rejected: 0, timedOut: 0, canceled: 0, removed: 0 },
};
const release = {
  ...{ app: "cooler", jobId: "cooler-1_2-1", version: "1.2", status: "IN_PROGRESS" as const, startedAt: time },
  ...{ reason: "no", counts, endedAt: time, rollback: true },
};
const number = { count: 1, minimum: 1, average: 1, maximum: 1, last: 1, lastAt: time };

/** Everything that the page may read of an answer, in the page's own types. */
const caller: Caller = { username: "a@example.com", isAdmin: true };
const things: ThingPage = { things: [summary], nextPageToken: "next" };
const thing: Thing = { ...summary, shadow: { version: 1, desired: {}, reported: {}, delta: {}, timestamp: 1 } };
const telemetry: TelemetrySummary = {
  ...{ from: time, to: time, complete: true, messages: 1, fields: { a: number }, bucketSeconds: 180 },
  buckets: [{ start: time, messages: 1, fields: { a: number } }],
};
const anomalies: AnomalyPage = { anomalies: [anomaly], nextPageToken: "next" };
const history: AnomalyPage = { anomalies: [{ ...anomaly, reminders: [{ at: time }] }], nextPageToken: "next" };
const releases: ReleasePage = { releases: [release], nextPageToken: "next" };
const failure = { thingName: "cooler-1", status: "FAILED", reason: "no", at: time };
const details: ReleaseDetails = { ...release, failures: [failure], moreFailures: false };
const refusal: Problem = {
  ...{ type: "about:blank", title: "No", status: 400, detail: "no", errors: [{ path: "query", reason: "is wrong" }] },
};

/** The schema with nothing required: the page need not read all that there is. */
function optional(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(optional);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !(key === "required" && Array.isArray(value)))
      .map(([key, value]) => [key, optional(value)]),
  );
}

describe("console: what it reads of the API's answers", () => {
  const answers: [operationId: string, read: object][] = [
    ["whoami", caller],
    ["listThings", things],
    ["getThing", thing],
    ["telemetrySummary", telemetry],
    ["listAnomalies", anomalies],
    ["anomalyHistory", history],
    ["listReleases", releases],
    ["getRelease", details],
  ];
  for (const [operationId, read] of answers) {
    it(`is what ${operationId} answers with`, () => {
      const schema = routes.find((route) => route.operationId === operationId)?.responses[200]?.schema;
      const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
      expect(schema, `the route ${operationId}`).to.be.an("object");
      ajv.validate(optional(schema) as object, read);
      expect(ajv.errors ?? []).to.deep.equal([]);
    });
  }

  it("is a problem document where the API refuses", () => {
    const ajv = new Ajv({ strict: false });
    ajv.validate({ ...problem, additionalProperties: false }, refusal);
    expect(ajv.errors ?? []).to.deep.equal([]);
  });

  it("lets a person write as much as the API takes", () => {
    expect({ bytes: maximumBytes, depth: maximumDepth }).to.deep.equal(shadowLimits);
  });
});
