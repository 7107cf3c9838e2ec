import { expect } from "chai";
import fc from "fast-check";
import { type SinonStub, stub } from "sinon";
import { routes } from "../../../components/api/routes";
import { acknowledge } from "../../../functions/api/acknowledgeAnomaly";
import { anomalyHistoryOf } from "../../../functions/api/anomalyHistory";
import { type ApiAnswer, api } from "../../../functions/api/answer";
import { cancelReleaseOf } from "../../../functions/api/cancelRelease";
import { fleetQuery, queriesAmong, searchOf } from "../../../functions/api/fleetQuery";
import { getReleaseOf } from "../../../functions/api/getRelease";
import { getThingOf } from "../../../functions/api/getThing";
import { objectOf } from "../../../functions/api/json";
import { listAnomaliesOf } from "../../../functions/api/listAnomalies";
import { listReleasesOf } from "../../../functions/api/listReleases";
import { listThingsOf } from "../../../functions/api/listThings";
import { pageToken, positionOf } from "../../../functions/api/pageToken";
import type { Refusal } from "../../../functions/api/problem";
import { publishReleaseOf } from "../../../functions/api/publishRelease";
import type { ApiRequest } from "../../../functions/api/request";
import { setDesiredOf } from "../../../functions/api/setDesired";
import { deltaOf } from "../../../functions/api/shadow";
import { telemetrySummaryOf } from "../../../functions/api/telemetrySummary";
import { whoami } from "../../../functions/api/whoami";
import { parseQuery } from "../../../sandbox/fleetIndex/query/parse";
import { expectAsDocumented } from "../../support/apiContract";
import { callers, documented } from "./apiHelp";
import { FakeAnomalies } from "./fakeAnomalies";
import { FakeFleet } from "./fakeFleet";
import { FakeReleases } from "./fakeReleases";

/** A new world for each request, so that what it changed can be counted. */
function world() {
  const fleet = new FakeFleet();
  fleet.write("mine", { desired: { setpoint: 4 }, reported: { setpoint: 4 } });
  const anomalies = new FakeAnomalies();
  anomalies.add("overheated", "mine", 1);
  const releases = new FakeReleases();
  releases.add("door", 1, "IN_PROGRESS");
  const now = Date.UTC(2026, 0, 1);
  const history = { kinds: anomalies.kinds, read: anomalies.read(), owns: anomalies.owns };
  const telemetry = { owns: fleet.owns, list: async () => [], lines: async () => "" };
  const cores: Record<string, (request: ApiRequest) => Promise<ApiAnswer>> = {
    listThings: (request) => listThingsOf(fleet, request),
    getThing: (request) => getThingOf(fleet, request),
    setDesired: (request) => setDesiredOf(fleet, request),
    listAnomalies: (request) => listAnomaliesOf(anomalies, request, now),
    anomalyHistory: (request) => anomalyHistoryOf(history, request, now),
    acknowledgeAnomaly: (request) => acknowledge(anomalies, request, now),
    telemetrySummary: (request) => telemetrySummaryOf(telemetry, request, now),
    listReleases: (request) => listReleasesOf(async () => releases.all, request),
    getRelease: (request) => getReleaseOf(releases, request),
    publishRelease: (request) => publishReleaseOf(releases, request),
    cancelRelease: (request) => cancelReleaseOf(releases, request),
  };
  const callbackOf = (operationId: string) =>
    operationId === "whoami" ? whoami() : api(cores[operationId] as (request: ApiRequest) => Promise<ApiAnswer>);
  return { callbackOf, changes: () => fleet.changes + anomalies.noted.length + releases.changes.length };
}

/** Texts of any kind, and those that requests are made of. */
const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "mine",
    "theirs",
    "overheated",
    "door",
    "door-2_0-1",
    "open",
    "1",
    "100",
    "0",
    "-1",
    "1e3",
    "__proto__",
  ),
  fc.constantFrom(
    "constructor",
    "toString",
    "*",
    "..",
    "%2e%2e",
    "attributes.model:x2",
    "a:b",
    "connectivity.connected:true",
    "",
  ),
);
/** Mostly one of some texts that lead on, so that not every request ends at its first mistake. */
const often = (...leading: string[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...leading) }, { weight: 1, arbitrary: texts });
const names = fc.oneof(
  texts,
  fc.constantFrom("thingName", "kind", "app", "jobId", "query", "limit", "pageToken", "status", "hours"),
);
const anything = fc.anything({ withNullPrototype: true, withDate: false, maxDepth: 3 }).map((value) => {
  // What comes in an event is JSON.
  const json = JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? String(inner) : inner));
  return json === undefined ? null : JSON.parse(json);
});
const parameters = fc.oneof(fc.constant(null), fc.dictionary(names, texts), fc.dictionary(names, anything));
const bodies = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(null, '{"desired":{"setpoint":3}}', '{"app":"door","version":"2.0"}'),
  },
  texts,
  fc.json({ maxDepth: 8 }),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("base64")),
  fc.json({ maxDepth: 8 }).map((desired) => `{"desired":${desired}}`),
  fc
    .record({ app: texts, version: fc.oneof(texts, fc.constant("2.0")), rollout: anything })
    .map((it) => JSON.stringify(it)),
);
const headers = fc.oneof(
  fc.constant(null),
  fc.dictionary(texts, texts),
  { weight: 3, arbitrary: fc.constant({ "content-type": "application/json" }) },
  fc.record({
    "Content-Type": often("application/json"),
    "If-Match": fc.oneof(fc.constantFrom('"1"', "*", '"1-0123456789abcdef"'), texts),
  }),
);
const authorizers = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...Object.values(callers)) },
  fc.constant(undefined),
  fc.dictionary(fc.oneof(texts, fc.constantFrom("sub", "groups", "username")), anything),
);
const events = fc.record({
  httpMethod: texts,
  resource: texts,
  pathParameters: fc.oneof(
    { weight: 1, arbitrary: parameters },
    {
      weight: 4,
      arbitrary: fc.record({
        thingName: often("mine", "theirs"),
        kind: often("overheated"),
        app: often("door"),
        jobId: often("door-2_0-1"),
      }),
    },
  ),
  queryStringParameters: parameters,
  multiValueQueryStringParameters: fc.oneof(fc.constant(null), fc.dictionary(names, fc.array(texts))),
  headers,
  body: bodies,
  isBase64Encoded: fc.constantFrom(false, false, false, true),
  requestContext: fc.oneof(
    { weight: 19, arbitrary: fc.record({ requestId: texts, authorizer: authorizers }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
});

describe("whatever a caller sends", () => {
  let logs: SinonStub[];
  before(() => {
    logs = [stub(console, "info"), stub(console, "error")];
  });
  after(() => {
    for (const log of logs) log.restore();
  });

  for (const { operationId } of routes) {
    it(`${operationId} answers as documented, never with 5xx, and a refusal changes nothing`, async () => {
      await fc.assert(
        fc.asyncProperty(events, async (event) => {
          const { callbackOf, changes } = world();
          const result = await callbackOf(operationId)(
            event as never,
            { getRemainingTimeInMillis: () => 5000 } as never,
          );
          const { status } = expectAsDocumented(operationId, documented(result));
          expect(status, result.body).to.be.lessThan(500);
          if (status >= 400) expect(changes()).to.equal(0);
        }),
        { numRuns: 200 },
      );
    });
  }

  it("JSON is read without loss, or refused", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: "binary" })), (text) => {
        try {
          expect(objectOf(text)).to.deep.equal(JSON.parse(text));
        } catch (error) {
          expect((error as Refusal).problem?.status, String(error)).to.equal(400);
        }
      }),
    );
  });

  it("any text is search words or refused, and what comes of it is a query that the fleet index reads", () => {
    fc.assert(
      fc.property(texts, fc.array(fc.stringMatching(/^[a-zA-Z0-9:_-]{1,128}$/), { maxLength: 30 }), (words, owned) => {
        try {
          const search = searchOf(words);
          for (const query of [fleetQuery(search), ...queriesAmong(search, owned)]) parseQuery(query);
        } catch (error) {
          expect((error as Refusal).problem?.status, String(error)).to.equal(400);
        }
      }),
    );
  });

  it("any text is refused as a page token, unless it is one", () => {
    const list = ["things", "s", ""];
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.array(fc.string()), (text, position) => {
        expect(() => positionOf(text, list, 1)).to.throw();
        expect(positionOf(pageToken(position, list), list, position.length)).to.deep.equal(position);
      }),
    );
  });

  it("a delta is empty exactly when all that is desired is reported", () => {
    const state = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })) as fc.Arbitrary<never>;
    fc.assert(
      fc.property(state, state, (desired, other) => {
        expect(deltaOf(desired, desired)).to.deep.equal({});
        const delta = deltaOf(desired, other) as Record<string, unknown>;
        for (const key of Object.keys(delta)) expect(desired).to.have.property(key);
        expect(Object.keys(deltaOf(delta as never, other)), "a delta has no delta of its own").to.deep.equal(
          Object.keys(delta),
        );
      }),
    );
  });
});
