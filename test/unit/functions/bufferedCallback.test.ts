import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { type SinonStub, stub } from "sinon";
import { queueCallback, streamCallback } from "../../../functions/runtime/bufferedCallback";

const context = { awsRequestId: "r", invokedFunctionArn: "arn:f" } as never;

describe("a callback behind a buffer", () => {
  let sent: { requestContext: { approximateInvokeCount: number; condition: string }; [key: string]: unknown }[];
  let send: SinonStub;
  let log: SinonStub;
  beforeEach(() => {
    sent = [];
    send = stub(SQSClient.prototype, "send").callsFake(async (command: unknown) => {
      sent.push(JSON.parse((command as SendMessageCommand).input.MessageBody as string));
      expect(command).to.be.instanceOf(SendMessageCommand);
      return {};
    });
    log = stub(console, "error");
    Object.assign(process.env, { FAILURE_QUEUE_URL: "http://q", MAXIMUM_ATTEMPTS: "3" });
  });
  afterEach(() => {
    send.restore();
    log.restore();
  });

  /** Fails on `{ bad: true }`, or the first times on `{ failures: n }`. */
  const fragile = () => {
    const seen: unknown[] = [];
    const counts = new Map<string, number>();
    const factory = () => async (event: { bad?: boolean; failures?: number }) => {
      seen.push(event);
      const key = JSON.stringify(event);
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (event.bad || count <= (event.failures ?? 0)) throw new TypeError("it is bad");
    };
    return { seen, factory };
  };
  const text = (payload: unknown) => (typeof payload === "string" ? payload : JSON.stringify(payload));
  const queued = (...messages: [payload: unknown, receiveCount: number][]) =>
    ({
      Records: messages.map(([payload, count], at) => ({
        messageId: `m${at}`,
        body: text(payload),
        attributes: { ApproximateReceiveCount: String(count) },
      })),
    }) as never;
  const streamed = (...payloads: unknown[]) =>
    ({
      Records: payloads.map((payload, at) => ({
        kinesis: { sequenceNumber: `s${at}`, data: Buffer.from(text(payload)).toString("base64") },
      })),
    }) as never;
  const failures = (...names: string[]) => ({ batchItemFailures: names.map((itemIdentifier) => ({ itemIdentifier })) });

  it("of SQS gets one message after the other", async () => {
    const { seen, factory } = fragile();
    expect(await queueCallback(factory)(queued([{ n: 1 }, 1], [{ n: 2 }, 1]), context)).to.deep.equal(failures());
    expect(seen).to.deep.equal([{ n: 1 }, { n: 2 }]);
  });

  it("of SQS hands back only what it failed on, until it was tried often enough", async () => {
    const call = queueCallback(fragile().factory);
    for (const count of [1, 2]) {
      expect(await call(queued([{ n: 1 }, 1], [{ bad: true }, count], [{ n: 3 }, 1]), context)).to.deep.equal(
        failures("m1"),
      );
      expect(sent).to.deep.equal([]);
    }
    expect(await call(queued([{ bad: true }, 3]), context)).to.deep.equal(failures());
    expect(sent).to.have.length(1);
    const { timestamp, responsePayload, ...document } = sent[0]!;
    expect(document).to.deep.equal({
      version: "1.0",
      requestContext: {
        requestId: "r",
        functionArn: "arn:f",
        condition: "RetriesExhausted",
        approximateInvokeCount: 3,
      },
      requestPayload: { bad: true },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    });
    expect(responsePayload).to.include({ errorType: "TypeError", errorMessage: "it is bad" });
  });

  it("of Kinesis tries a record three times before it is set aside, and goes on with the next", async () => {
    const { seen, factory } = fragile();
    const response = await streamCallback(factory)(streamed({ failures: 2 }, { bad: true }, { n: 3 }), context);
    expect(response).to.deep.equal(failures());
    expect(seen.map((event) => Object.keys(event as object)[0]).join(" ")).to.equal(
      "failures failures failures bad bad bad n",
    );
    expect(
      sent.map(({ requestPayload, requestContext }) => [requestPayload, requestContext.approximateInvokeCount]),
    ).to.deep.equal([[{ bad: true }, 3]]);
  });

  for (const [what, run, name] of [
    ["SQS", (factory: never) => queueCallback(factory)(queued(["no JSON", 1]), context), "m0"],
    ["Kinesis", (factory: never) => streamCallback(factory)(streamed("no JSON"), context), "s0"],
  ] as const) {
    it(`of ${what} is spared what is not JSON, which is set aside at once with its bytes`, async () => {
      const { seen, factory } = fragile();
      expect(await run(factory as never)).to.deep.equal(failures());
      expect(seen).to.deep.equal([]);
      expect(sent[0]?.requestPayload).to.deep.equal({ base64: Buffer.from("no JSON").toString("base64") });
      expect(sent[0]?.responsePayload)
        .to.have.property("errorMessage")
        .that.matches(/^not JSON/);
    });

    it(`of ${what} hands back what could not be set aside`, async () => {
      send.rejects(new Error("SQS is down"));
      expect(await run(fragile().factory as never)).to.deep.equal(failures(name));
    });
  }
});
