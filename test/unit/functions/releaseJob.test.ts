import { JobStatus } from "@aws-sdk/client-iot";
import { expect } from "chai";
import { artifactProblem } from "../../../functions/firmware/releaseArtifact";
import { accountProblem, jobOf, progressOf } from "../../../functions/firmware/releaseJob";
import type { JobDocument, Release } from "../../../functions/firmware/releases";
import { arrivalOf, refusalOf } from "../../../functions/firmware/startRelease";

const release: Release = {
  app: "cooler",
  jobId: "cooler-2_0-1",
  version: "2.0",
  status: "WAITING_FOR_GROUP",
  startedAt: "2026-01-01T00:00:00.000Z",
  file: "releases/cooler/2.0.json",
  source: "v1",
  rollout: {},
};
const document = { app: "cooler" } as JobDocument;
const where = { groupArn: "arn:group", linkRoleArn: "arn:role", linkExpiresInSec: 600 };

describe("the job of a release", () => {
  it("goes to the group that there is, with a link that expires", () => {
    expect(jobOf(release, document, where)).to.deep.equal({
      jobId: "cooler-2_0-1",
      description: "Release of cooler 2.0",
      targets: ["arn:group"],
      targetSelection: "SNAPSHOT",
      document: '{"app":"cooler"}',
      presignedUrlConfig: { roleArn: "arn:role", expiresInSec: 600 },
    });
  });

  it("has every setting in AWS's words", () => {
    const rollout = {
      maximumPerMinute: 50,
      exponentialRate: {
        baseRatePerMinute: 5,
        incrementFactor: 1.5,
        rateIncreaseCriteria: { numberOfSucceededThings: 5 },
      },
      abort: [{ thresholdPercentage: 10, minNumberOfExecutedThings: 5 }],
      timeoutInMinutes: 30,
      retries: 2,
    };
    const job = jobOf({ ...release, rollback: true, continuous: true, rollout }, document, where);
    expect(job).to.deep.include({
      description: "Rollback of cooler 2.0",
      targetSelection: "CONTINUOUS",
      jobExecutionsRolloutConfig: { maximumPerMinute: 50, exponentialRate: rollout.exponentialRate },
      abortConfig: {
        criteriaList: [{ failureType: "ALL", thresholdPercentage: 10, minNumberOfExecutedThings: 5, action: "CANCEL" }],
      },
      timeoutConfig: { inProgressTimeoutInMinutes: 30 },
      jobExecutionsRetryConfig: { criteriaList: [{ failureType: "ALL", numberOfRetries: 2 }] },
    });
  });

  const ends: [string, Parameters<typeof progressOf>[0], object][] = [
    [
      "runs",
      { status: "IN_PROGRESS", jobProcessDetails: { numberOfQueuedThings: 2 } },
      { status: "IN_PROGRESS", targets: 2 },
    ],
    ["is scheduled", { status: "SCHEDULED" }, { status: "IN_PROGRESS", targets: 0 }],
    [
      "is complete",
      { status: "COMPLETED", jobProcessDetails: { numberOfSucceededThings: 3, numberOfFailedThings: 1 } },
      { status: "COMPLETED", targets: 4 },
    ],
    [
      "was aborted",
      { status: "CANCELED", reasonCode: "ABORT", comment: "too many" },
      { status: "CANCELED", reason: "ABORT: too many" },
    ],
    ["was canceled without a word", { status: "CANCELED" }, { status: "CANCELED", reason: "the job was canceled" }],
    ["is being deleted", { status: "DELETION_IN_PROGRESS" }, { status: "CANCELED" }],
    ["is gone", undefined, { status: "CANCELED", reason: "the job was deleted" }],
  ];
  for (const [what, job, progress] of ends) {
    it(`is understood when it ${what}`, () => expect(progressOf(job)).to.deep.include(progress));
  }

  it("knows every status that AWS has", () => {
    const seen = ends.map(([, job]) => job?.status);
    expect(Object.values(JobStatus).filter((status) => !seen.includes(status))).to.deep.equal([]);
  });
});

describe("what an account needs for releases", () => {
  const complete = {
    thingIndexingMode: "REGISTRY_AND_SHADOW",
    namedShadowIndexingMode: "ON",
    namedShadows: ["settings", "apps"],
    jobEvents: true,
    jobExecutionEvents: true,
  };
  it("is all there", () => expect(accountProblem(complete)).to.equal(undefined));

  const lacks: [object, RegExp][] = [
    [{ thingIndexingMode: "OFF" }, /things and shadows/],
    [{ thingIndexingMode: "REGISTRY" }, /things and shadows/],
    [{ namedShadowIndexingMode: "OFF" }, /named shadow "apps"/],
    [{ namedShadows: ["settings"] }, /named shadow "apps"/],
    [{ namedShadows: undefined }, /named shadow "apps"/],
    [{ jobEvents: false }, /events of jobs/],
    [{ jobExecutionEvents: undefined }, /events of job executions/],
  ];
  for (const [changes, reason] of lacks) {
    it(`is missed with ${JSON.stringify(changes)}`, () => {
      expect(accountProblem({ ...complete, ...changes }))
        .to.match(reason)
        .and.match(/thingstack:ownsAccountIot/);
    });
  }
});

describe("an artifact", () => {
  const said = { artifact: "artifacts/cooler/2.0/c.bin", size: 5, sha256: "ab" };
  const cases: [string, Parameters<typeof artifactProblem>[1], RegExp | undefined][] = [
    ["that is not there", undefined, /there is no artifacts\/cooler\/2\.0\/c\.bin/],
    ["that is empty", { size: 0 }, /is empty/],
    ["of another size", { size: 6 }, /has 6 bytes, not 5/],
    ["of other content", { size: 5, sha256: "cd" }, /has cd, not ab/],
    ["as it was said", { size: 5, sha256: "ab" }, undefined],
  ];
  for (const [what, found, reason] of cases) {
    it(`${what} is ${reason ? "refused" : "fine"}`, () => {
      const problem = artifactProblem(said, found);
      if (reason) expect(problem).to.match(reason);
      else expect(problem).to.equal(undefined);
    });
  }
});

describe("the arrival of a release file", () => {
  const record = (key: string, more: object = {}) =>
    ({
      eventTime: "2026-01-01T00:00:00Z",
      s3: { bucket: { name: "b" }, object: { key, versionId: "v1", sequencer: "s1", ...more } },
    }) as unknown as Parameters<typeof arrivalOf>[0];

  it("is read as S3 writes it", () => {
    expect(arrivalOf(record("releases/my+app/2.0%2B.json"))).to.deep.equal({
      bucket: "b",
      key: "releases/my app/2.0+.json",
      source: "v1",
      at: "2026-01-01T00:00:00.000Z",
    });
  });

  it("is refused under the same id at every delivery, and another for every upload", () => {
    const first = arrivalOf(record("releases/cooler/2.0.json"));
    const refusal = refusalOf(first, "no");
    expect(refusal).to.include({ app: "cooler", version: "2.0", status: "REFUSED", reason: "no" });
    expect(refusal.jobId)
      .to.match(/^refused-[0-9a-f]{16}$/)
      .and.equal(refusalOf(first, "again").jobId);
    expect(refusalOf({ ...first, source: "v2" }, "no").jobId).not.to.equal(refusal.jobId);
  });

  it("is refused under the app that its name has, or none", () => {
    const odd = arrivalOf(record("releases/notes.txt"));
    expect(refusalOf(odd, "no")).to.include({ app: "unknown", version: "releases/notes.txt" });
  });
});
