import type { Context } from "aws-lambda";
import { expect } from "chai";
import sinon from "sinon";
import { answeringDryRuns, type Readiness } from "../../../functions/runtime/dryRun";

const context = { functionVersion: "7" } as Context;
const ask = { "thingstack:dryRun": "d-1" };
const version = "7";

/** An error of the AWS SDK. */
const awsError = (httpStatusCode: number) =>
  Object.assign(new Error("no such thing"), { name: "ResourceNotFoundException", $metadata: { httpStatusCode } });
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
      throwing(awsError(404)),
      { ready: true, ran: "up to what is not there: no such thing" },
    ],
    [
      "of a callback that may not read",
      throwing(awsError(403)),
      { ready: false, reason: "ResourceNotFoundException: no such thing" },
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
