import { spawnSync } from "node:child_process";
import { expect } from "chai";
import type { HeldMessage } from "../../../operations/replay/failureQueue";
import { type Failure, readFailure } from "../../../operations/replay/failures";
import { replay } from "../../../operations/replay/replay";
import type { Sent } from "../../../operations/replay/sender";

const functionArn = "arn:aws:lambda:eu-central-1:123456789012:function:device-log:live";
const call = (requestPayload: unknown, errorMessage = "no message") => ({
  version: "1.0",
  requestContext: { functionArn, condition: "RetriesExhausted", approximateInvokeCount: 3 },
  requestPayload,
  responsePayload: { errorType: "Error", errorMessage, trace: [] },
});
const ruleFailure = (topic: string, id: string) => ({
  ruleName: "thingstack_dev_overheated_raised",
  topic,
  cloudwatchTraceId: id,
  clientId: "N/A",
  base64OriginalPayload: Buffer.from('{"a":1}').toString("base64"),
  failures: [
    {
      failedAction: "DynamoDBv2Action",
      failedResource: "table",
      errorMessage: `Failed to put. The error received was no (Status Code: 400; Error Code: X; Request ID: ${id}). Message arrived on: ${topic}, Action: dynamoDBv2`,
    },
  ],
});

describe("reading a failure", () => {
  const cases: [string, unknown, Partial<Record<keyof Failure | string, unknown>>, string?][] = [
    [
      "a call that failed for good",
      call({ deviceId: "cooler-1" }),
      {
        kind: "call",
        functionArn,
        payload: { deviceId: "cooler-1" },
        reason: "Error: no message",
        source: "function device-log",
      },
    ],
    [
      "a call that was refused until it was too old",
      { requestContext: { functionArn, condition: "EventAgeExceeded" }, requestPayload: 1 },
      { kind: "call", payload: 1, reason: "EventAgeExceeded" },
    ],
    [
      "a message of a batch",
      { ...call({ n: 1 }), eventSource: "aws:sqs", eventSourceARN: "arn:aws:sqs:eu-central-1:1:buffer" },
      {
        kind: "batched",
        eventSource: "aws:sqs",
        bytes: Buffer.from('{"n":1}'),
        source: "function device-log, through buffer",
      },
    ],
    [
      "a message of a batch that was no JSON",
      {
        ...call({ base64: Buffer.from("no JSON").toString("base64") }),
        eventSource: "aws:kinesis",
        eventSourceARN: "arn:aws:kinesis:eu-central-1:1:stream/buffer",
      },
      { kind: "batched", bytes: Buffer.from("no JSON") },
    ],
    [
      "records of a stream",
      {
        requestContext: { functionArn, condition: "RetryAttemptsExhausted" },
        KinesisBatchInfo: {
          shardId: "shardId-0",
          startSequenceNumber: "1",
          endSequenceNumber: "3",
          streamArn: "arn:aws:kinesis:eu-central-1:1:stream/telemetry",
        },
      },
      {
        kind: "stream",
        shardId: "shardId-0",
        firstSequenceNumber: "1",
        lastSequenceNumber: "3",
        reason: "RetryAttemptsExhausted",
      },
    ],
    [
      "a message that a rule could not deliver",
      ruleFailure("$aws/things/a/shadow/update/accepted", "1"),
      {
        kind: "rule",
        ruleName: "thingstack_dev_overheated_raised",
        topic: "$aws/things/a/shadow/update/accepted",
        payload: Buffer.from('{"a":1}'),
        reason: "DynamoDBv2Action: Failed to put. The error received was no (Status Code: 400; Error Code: X).",
      },
    ],
    [
      "one that came by Basic Ingest",
      ruleFailure("$aws/rules/thingstack_dev_overheated_raised/my/topic", "1"),
      { kind: "rule", topic: "my/topic" },
    ],
    [
      "what a state machine set aside, without the error that it noted",
      { loopId: "l", index: 2, error: { Error: "NotFound", Cause: '{"errorMessage":"no such topic"}' } },
      { kind: "raw", targetArn: functionArn, body: '{"loopId":"l","index":2}', reason: "NotFound: no such topic" },
      functionArn,
    ],
    [
      "a message that SQS has moved",
      { n: 1 },
      { kind: "raw", targetArn: "arn:aws:sqs:eu-central-1:1:buffer", body: '{"n":1}', source: "buffer" },
      "arn:aws:sqs:eu-central-1:1:buffer",
    ],
    ["a message of nobody", { n: 1 }, { kind: "unknown", reason: "it does not say where it came from" }],
  ];
  for (const [what, document, expected, rawTarget] of cases) {
    it(`knows ${what}`, () => {
      expect(readFailure(JSON.stringify(document), rawTarget)).to.deep.include(expected);
    });
  }

  it("takes what is no JSON for a message of nobody", () => {
    for (const body of ["", "no JSON", "null", "5", "[]"])
      expect(readFailure(body, undefined).kind).to.equal("unknown");
  });
});

/** A queue in memory, with SQS's promise: what is held is seen by nobody else, and what is released or put back is. */
class MemoryQueue {
  private readonly visible: HeldMessage[] = [];
  private readonly held = new Map<string, HeldMessage>();
  private count = 0;

  put(body: unknown, replays = 0): void {
    const receipt = String(++this.count);
    this.visible.push({
      receipt,
      body: JSON.stringify(body),
      replays,
      sentAt: this.count * 1000,
      movedFrom: undefined,
    });
  }
  async hold(limit: number): Promise<HeldMessage[]> {
    const taken = this.visible.splice(0, limit);
    for (const message of taken) this.held.set(message.receipt, message);
    return taken;
  }
  async release(message: HeldMessage): Promise<void> {
    if (!this.held.delete(message.receipt)) throw new Error(`${message.receipt} is not held`);
    this.visible.push(message);
  }
  async delete({ receipt }: HeldMessage): Promise<void> {
    if (!this.held.delete(receipt)) throw new Error(`${receipt} is not held`);
  }
  async replace(message: HeldMessage, body: string, replays: number): Promise<void> {
    this.put(JSON.parse(body), replays);
    await this.delete(message);
  }
  get messages(): { body: unknown; replays: number }[] {
    expect(this.held.size, "messages still held").to.equal(0);
    return this.visible.map(({ body, replays }) => ({ body: JSON.parse(body), replays }));
  }
}

describe("replaying a queue", () => {
  const options = { dryRun: false, limit: Number.POSITIVE_INFINITY, replayTo: undefined, settleMs: 50 };
  const sender = (answer: (failure: Failure) => Sent) => {
    const sent: Failure[] = [];
    return {
      sent,
      send: async (failure: Failure) => {
        sent.push(failure);
        return answer(failure);
      },
    };
  };
  let queue: MemoryQueue;
  beforeEach(() => {
    queue = new MemoryQueue();
  });

  it("groups what is there by source and reason, the largest first, and changes nothing in a dry run", async () => {
    queue.put(call(1, "no name"));
    queue.put(call(2), 3);
    queue.put(call(3));
    const before = queue.messages;
    const { send, sent } = sender(() => ({ result: "done" }));
    const { groups } = await replay(queue, { send }, { ...options, dryRun: true });
    expect(
      groups.map(({ source, reason, messages, from, to, replays }) => [source, reason, messages, from, to, replays]),
    ).to.deep.equal([
      ["function device-log", "Error: no message", 2, 2000, 3000, 3],
      ["function device-log", "Error: no name", 1, 1000, 1000, 0],
    ]);
    expect(sent).to.deep.equal([]);
    expect(queue.messages).to.deep.equal(before);
  });

  it("deletes what was done, and leaves the rest beyond the limit as it was", async () => {
    for (let n = 0; n < 5; n++) queue.put(call(n));
    const { send, sent } = sender(() => ({ result: "done" }));
    const { done } = await replay(queue, { send }, { ...options, limit: 2 });
    expect([done, sent.length, queue.messages.length]).to.deep.equal([2, 2, 3]);
  });

  it("keeps what fails again, with one more on its count and the new reason", async () => {
    queue.put(call({ n: 1 }), 4);
    const response = { errorType: "TypeError", errorMessage: "still no message" };
    const { send } = sender(() => ({ result: "failed", reason: "TypeError: still no message", response }));
    const outcome = await replay(queue, { send }, options);
    expect(outcome.failed).to.deep.equal({ "TypeError: still no message": 1 });
    expect(queue.messages).to.deep.equal([
      {
        body: {
          ...call({ n: 1 }),
          requestContext: { functionArn, condition: "RetriesExhausted", approximateInvokeCount: 4 },
          responsePayload: response,
        },
        replays: 5,
      },
    ]);
  });

  it("leaves what can't be sent as it was, and goes on with the others", async () => {
    queue.put(call(1), 2);
    queue.put(call(2));
    const { send } = sender((failure) => {
      if (failure.kind === "call" && failure.payload === 1) throw new Error("throttled");
      return { result: "done" };
    });
    const outcome = await replay(queue, { send }, options);
    expect([outcome.done, outcome.stuck]).to.deep.equal([1, { throttled: 1 }]);
    expect(queue.messages).to.deep.equal([{ body: call(1), replays: 2 }]);
  });

  it("finds what was handed over and came back, by what it is, and keeps its count", async () => {
    queue.put(ruleFailure("my/a", "1"), 1);
    queue.put(ruleFailure("my/b", "2"));
    const { send } = sender((failure) => {
      if (failure.kind === "rule" && failure.topic === "my/a") queue.put(ruleFailure("my/a", "3"));
      return { result: "sent" };
    });
    queue.put(call("another's, that nobody asked for"));
    const outcome = await replay(queue, { send }, { ...options, limit: 2 });
    expect(outcome.done).to.equal(1);
    expect(Object.values(outcome.failed)).to.deep.equal([1]);
    expect(queue.messages).to.have.deep.members([
      { body: call("another's, that nobody asked for"), replays: 0 },
      { body: ruleFailure("my/a", "3"), replays: 2 },
    ]);
  });

  it("lets go of everything when it is stopped by an error", async () => {
    queue.put(call(1));
    queue.put(call(2));
    queue.delete = async () => {
      throw new Error("no permission");
    };
    const { send } = sender(() => ({ result: "done" }));
    const error = await replay(queue, { send }, options).catch((reason) => reason);
    expect(error.message).to.equal("no permission");
    expect(queue.messages).to.have.length(2);
  });
});

describe("npm run replay", () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ["-r", "./typescript.cjs", "operations/replay.ts", ...args], {
      encoding: "utf8",
    });
  const mistakes: [string, string[], RegExp][] = [
    ["two queues", ["a", "b"], /^Usage: name one failure queue, not 2$/m],
    ["a limit of nothing", ["a", "--limit", "0"], /^Usage: --limit must be a whole number from 1, not 0$/m],
    ["a limit that is no number", ["a", "--limit", "some"], /not some$/m],
    ["an option that is not there", ["a", "--force"], /'--force'.*--help tells what there is/s],
  ];
  for (const [what, args, message] of mistakes) {
    it(`refuses ${what}, with code 2`, () => {
      const { status, stderr } = run(...args);
      expect(stderr).to.match(message);
      expect(status).to.equal(2);
    });
  }

  it("explains itself", () => {
    const { status, stdout } = run("--help");
    expect(stdout).to.contain("--dry-run");
    expect(status).to.equal(0);
  });
});
