import type { Context } from "aws-lambda";
import { expect } from "chai";
import sinon from "sinon";
import { queueCallback, streamCallback } from "../../../functions/runtime/bufferedCallback";
import { answeringDryRuns, type Readiness } from "../../../functions/runtime/dryRun";
import { writeMetrics } from "../../../functions/runtime/embeddedMetrics";
import { base64, kinesisEvent, sqsEvent } from "../../../functions/runtime/sampleEvents";

const context = { functionVersion: "7" } as Context;
const ask = { "thingstack:dryRun": "d-1" };
const version = "7";

/** An error of the AWS SDK. */
const awsError = (name: string, httpStatusCode: number) =>
  Object.assign(new Error("no such thing"), { name, $metadata: { httpStatusCode } });
const throwing = (error: unknown) => async () => {
  throw error;
};

describe("a dry run", () => {
  beforeEach(() => {
    sinon.stub(console, "error");
  });
  afterEach(() => sinon.restore());

  it("without an event asks only whether the factory ran", async () => {
    const callback = sinon.fake.resolves(1);
    expect(await answeringDryRuns(() => callback)()(ask, context)).to.deep.equal({ ready: true, version });
    sinon.assert.notCalled(callback);
  });

  const cases: readonly (readonly [what: string, callback: () => Promise<unknown>, answer: Partial<Readiness>])[] = [
    ["of a callback that returns", async () => "fine", { ready: true, ran: "to its end" }],
    ["of a route that answers 404", async () => ({ statusCode: 404 }), { ready: true, ran: "to its end" }],
    [
      "of a route that answers 500",
      async () => ({ statusCode: 500 }),
      { ready: false, reason: "it answers an event of its trigger with 500" },
    ],
    ["of a batch that is done", async () => ({ batchItemFailures: [] }), { ready: true, ran: "to its end" }],
    [
      "of a batch that is given back",
      async () => ({ batchItemFailures: [{ itemIdentifier: "1" }] }),
      { ready: false, reason: "it gives an event of its trigger back as failed" },
    ],
    [
      "of a callback that throws",
      throwing(new TypeError("not a function")),
      { ready: false, reason: "TypeError: not a function" },
    ],
    [
      "of a callback that looks for what was made up",
      throwing(awsError("ResourceNotFoundException", 404)),
      { ready: true, ran: "up to what is not there: no such thing" },
    ],
    [
      "of a callback that looks for an object that was made up",
      throwing(awsError("NoSuchVersion", 404)),
      { ready: true, ran: "up to what is not there: no such thing" },
    ],
    [
      "of a callback with a bucket that is not there",
      throwing(awsError("NoSuchBucket", 404)),
      { ready: false, reason: "NoSuchBucket: no such thing" },
    ],
    [
      "of a callback with a table that is not there",
      throwing(awsError("ResourceNotFoundException", 400)),
      { ready: false, reason: "ResourceNotFoundException: no such thing" },
    ],
    [
      "of a callback that may not read",
      throwing(awsError("AccessDenied", 403)),
      { ready: false, reason: "AccessDenied: no such thing" },
    ],
    [
      "of a refusal where none is expected",
      throwing(new Error("Unauthorized")),
      { ready: false, reason: "Error: Unauthorized" },
    ],
  ];
  for (const [what, callback, answer] of cases) {
    it(`${what}: ${JSON.stringify(answer)}`, async () => {
      const handler = answeringDryRuns(() => callback, { event: () => ({}) })();
      expect(await handler(ask, context)).to.deep.equal({ version, ...answer });
    });
  }

  it("of an authorizer ends with its refusal", async () => {
    const handler = answeringDryRuns(() => throwing(new Error("Unauthorized")), { event: () => ({}), refuses: true })();
    expect(await handler(ask, context)).to.deep.equal({ ready: true, version, ran: "to its refusal" });
  });

  const buffers: readonly (readonly [name: string, wrap: typeof queueCallback, event: unknown])[] = [
    ["sqs", queueCallback, sqsEvent("{}")],
    ["kinesis", streamCallback as never, kinesisEvent(base64({}))],
  ];
  for (const [name, wrap, event] of buffers) {
    it(`finds what fails behind a buffer (${name}), and sets nothing aside`, async () => {
      const broken = () => wrap(() => throwing(new TypeError("not a function")));
      const handler = answeringDryRuns<unknown, unknown>(broken as never, { event: () => event })();
      expect(await handler(ask, context)).to.deep.equal({ version, ready: false, reason: "TypeError: not a function" });
    });
  }

  it("counts nothing and traces nothing, and lets calls after it do so", async () => {
    const written: unknown[] = [];
    sinon.stub(process.stdout, "write").callsFake((text) => written.push(text) > 0);
    sinon.stub(process, "env").value({ ...process.env, _X_AMZN_TRACE_ID: "Root=1-2-3" });
    const traces: unknown[] = [];
    const handler = answeringDryRuns(
      () => async (_event: object) => {
        writeMetrics({ Counted: 1 });
        traces.push(process.env._X_AMZN_TRACE_ID);
      },
      { event: () => ({}) },
    )();
    await handler(ask, context);
    const counted = written.splice(0).length;
    await handler({}, context);
    const countedLater = written.length;
    sinon.restore();
    expect({ counted, countedLater, traces }).to.deep.equal({
      counted: 0,
      countedLater: 1,
      traces: [undefined, "Root=1-2-3"],
    });
  });

  it("has a callback of its own, which the calls after it do not see", async () => {
    let made = 0;
    const handler = answeringDryRuns(
      () => {
        const name = ++made;
        return async (event: object) => [name, event];
      },
      { event: () => ({ sample: true }) },
    )();
    await handler(ask, context);
    expect(await handler({ a: 1 }, context)).to.deep.equal([1, { a: 1 }]);
    expect(made).to.equal(2);
  });

  const events = [{ "thingstack:dryRun": "d", more: 1 }, {}, null, "thingstack:dryRun", ["thingstack:dryRun"]];
  for (const event of events) {
    it(`is not asked for by ${JSON.stringify(event)}`, async () => {
      const handler = answeringDryRuns(() => async (given: unknown) => ({ given }))();
      expect(await handler(event as never, context)).to.deep.equal({ given: event });
    });
  }
});
