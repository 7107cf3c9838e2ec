import { type InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import * as sinon from "sinon";
import type { Page, Position, StreamRecord, StreamSource } from "../../../common/streams";
import { waitFor } from "../../../common/waitFor";
import { type MappingMeans, StreamMapping } from "../../../sandbox/streams/mapping";
import { type MappingSettings, readSettings } from "../../../sandbox/streams/settings";

const streamArn = "arn:aws:kinesis:eu-west-1:123456789012:stream/s";
const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:f";

/** A shard of three records, two a page; an iterator is the number of records before it. */
class ShardOfThree implements StreamSource {
  readonly streamArn = streamArn;
  readonly batchInfo = "KinesisBatchInfo";
  expired = false;
  private readonly records = [1, 2, 3].map(
    (n): StreamRecord => ({ sequenceNumber: String(n), arrived: 0, event: { n }, bytes: 1 }),
  );

  async shards() {
    return [{ shardId: "shard-0", parentShardId: undefined }];
  }

  async begin(_shardId: string, position: Position): Promise<string> {
    this.expired = false;
    return "sequenceNumber" in position ? position.sequenceNumber : "0";
  }

  async read(iterator: string): Promise<Page> {
    if (this.expired) throw Object.assign(new Error("too old"), { name: "ExpiredIteratorException" });
    const at = Number(iterator);
    return { records: this.records.slice(at, at + 2), next: String(Math.min(at + 2, this.records.length)) };
  }

  close(): void {}
}

type Answer = "ok" | "fails" | "hangs" | "TooManyRequestsException" | "ECONNRESET" | { readonly failedAt: number };

describe("a mapping of a stream", () => {
  let source: ShardOfThree;
  let mapping: StreamMapping;
  /** What the function was called with. */
  let calls: number[][];
  /** What the destination was asked to take: the first record of each. */
  let reported: number[];
  let release: () => void;
  beforeEach(() => {
    source = new ShardOfThree();
    calls = [];
    reported = [];
  });
  afterEach(async () => {
    await mapping.stop();
    sinon.restore();
  });

  const settings = (more: object = {}) =>
    readSettings(
      { EventSourceArn: streamArn, StartingPosition: "TRIM_HORIZON", BatchSize: 1, MaximumRetryAttempts: 0, ...more },
      functionArn,
    );

  /** Two at a time, once there are two. */
  const pairs = { BatchSize: 2, MaximumBatchingWindowInSeconds: 60 };

  /** @param answers to one call after another, and then `ok` */
  async function start(
    answers: Answer[],
    asked: MappingSettings = settings(),
    { retryBaseSeconds = 0.001, report = async () => {} }: Partial<MappingMeans> = {},
  ): Promise<void> {
    const lambda = new LambdaClient({ region: "eu-west-1" });
    const send = async ({ input }: InvokeCommand) => {
      const { Records } = JSON.parse(Buffer.from(input.Payload as Uint8Array).toString());
      calls.push(Records.map(({ n }: { n: number }) => n));
      const answer = answers.shift() ?? "ok";
      if (answer === "fails") return { FunctionError: "Unhandled" };
      if (answer === "TooManyRequestsException" || answer === "ECONNRESET") {
        throw Object.assign(new Error(answer), { name: answer });
      }
      if (answer === "hangs") {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      const failedAt = typeof answer === "object" ? answer.failedAt : undefined;
      const batchItemFailures = failedAt ? [{ itemIdentifier: String(failedAt) }] : [];
      return { Payload: { transformToString: () => JSON.stringify({ batchItemFailures }) } };
    };
    sinon.stub(lambda, "send").callsFake(send as never);
    mapping = new StreamMapping(asked, {
      source,
      lambda,
      retryBaseSeconds,
      log: () => {},
      report: async (destination, body) => {
        reported.push(Number(JSON.parse(body).KinesisBatchInfo.startSequenceNumber));
        await report(destination, body);
      },
    });
    await mapping.open();
    mapping.start();
  }

  const whenCalled = (count: number) =>
    waitFor(`${count} calls`, () => calls.length >= count, { everyMs: 2, lastSeen: () => calls });

  for (const trouble of ["TooManyRequestsException", "ECONNRESET"] as const) {
    it(`makes a call again that ended with ${trouble}, before the next, and counts it for no try`, async () => {
      await start([trouble, "ok", "fails", trouble, "fails"], settings({ MaximumRetryAttempts: 1 }));
      await whenCalled(6);
      expect(calls).to.deep.equal([[1], [1], [2], [2], [2], [3]]);
      expect(reported, "given up after two tries").to.deep.equal([2]);
    });
  }

  it("asks a destination that fails again, and goes on only then, without another call", async () => {
    const onFailure = { OnFailure: { Destination: "arn:aws:sqs:eu-west-1:123456789012:q" } };
    await start(["ok", "fails"], settings({ DestinationConfig: onFailure }), {
      report: async () => {
        if (reported.length < 3) throw new Error("no such queue");
      },
    });
    await whenCalled(3);
    expect(calls).to.deep.equal([[1], [2], [3]]);
    expect(reported).to.deep.equal([2, 2, 2]);
  });

  it("is stopped amid the wait for a retry, and begins with the same record under its new settings", async () => {
    await start(["ok", "TooManyRequestsException"], settings(), { retryBaseSeconds: 60 });
    await whenCalled(2);
    await mapping.stop();
    mapping.settings = settings(pairs);
    mapping.start();
    await whenCalled(3);
    expect(calls).to.deep.equal([[1], [2], [2, 3]]);
  });

  it("is stopped while its destination fails, and loses nothing of it", async () => {
    await start(["fails"], settings(), {
      retryBaseSeconds: 60,
      report: async () => {
        throw new Error("no such queue");
      },
    });
    await waitFor("a report", () => reported.length > 0, { everyMs: 2 });
    await mapping.stop();
    mapping.start();
    await whenCalled(4);
    expect(calls).to.deep.equal([[1], [1], [2], [3]]);
  });

  it("is stopped in the middle of a batch, and begins with the first record that is not done", async () => {
    const asked = settings({ ...pairs, FunctionResponseTypes: ["ReportBatchItemFailures"] });
    await start([{ failedAt: 2 }, "TooManyRequestsException"], asked, { retryBaseSeconds: 60 });
    await whenCalled(2);
    await mapping.stop();
    mapping.start();
    await whenCalled(3);
    expect(calls).to.deep.equal([[1, 2], [2], [2, 3]]);
  });

  it("is stopped during a call, and counts what that call does", async () => {
    await start(["hangs"]);
    await whenCalled(1);
    const stopped = mapping.stop();
    release();
    await stopped;
    mapping.start();
    await whenCalled(3);
    expect(calls).to.deep.equal([[1], [2], [3]]);
  });

  it("keeps what waits when its iterator has expired, and hands nothing over twice", async () => {
    await start(["hangs"]);
    await whenCalled(1);
    const stopped = mapping.stop();
    release();
    await stopped;
    source.expired = true;
    mapping.settings = settings(pairs);
    mapping.start();
    await whenCalled(2);
    expect(calls).to.deep.equal([[1], [2, 3]]);
    expect(source.expired, "the expired iterator was met").to.equal(false);
  });
});
