import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { createSandbox } from "sinon";
import { StreamRecords } from "../../../operations/replay/streamRecords";

type Answer = { readonly Records?: readonly object[]; readonly NextShardIterator?: string } | Error;

const record = (SequenceNumber: string) => ({ dynamodb: { SequenceNumber } });
const named = (name: string) => Object.assign(new Error(name), { name });

describe("records of a stream that a function was given up on", () => {
  const sandbox = createSandbox();
  afterEach(() => sandbox.restore());

  /** Those from 1 to 3, from a stream that gives these pages. @returns their sequence numbers, or why there are none */
  async function read(...pages: Answer[]): Promise<string[] | string> {
    sandbox.stub(DynamoDBStreamsClient.prototype, "send").callsFake(async (command) => {
      if (command.constructor.name === "GetShardIteratorCommand") return { ShardIterator: "0" };
      const page = pages.shift();
      if (page instanceof Error) throw page;
      return page;
    });
    sandbox.stub(LambdaClient.prototype, "send").resolves({ EventSourceMappings: [] });
    const records = new StreamRecords({ region: "us-east-1" }, new LambdaClient({ region: "us-east-1" }));
    const failure = {
      kind: "stream" as const,
      functionArn: "arn:aws:lambda:us-east-1:123456789012:function:reader:live",
      streamArn: "arn:aws:dynamodb:us-east-1:123456789012:table/things/stream/2026-01-01T00:00:00.000",
      shardId: "shardId-0",
      ...{ firstSequenceNumber: "1", lastSequenceNumber: "3", reason: "", source: "" },
    };
    try {
      const events = (await records.read(failure)) as ReturnType<typeof record>[];
      return events.map(({ dynamodb }) => dynamodb.SequenceNumber);
    } catch (error) {
      return (error as Error).message;
    }
  }

  const first = { Records: [record("1"), record("2")], NextShardIterator: "1" };

  it("are read page by page, with none that came later", async () => {
    const rest = { Records: [record("3"), record("4")], NextShardIterator: "2" };
    expect(await read(first, { Records: [], NextShardIterator: "1" }, rest)).to.deep.equal(["1", "2", "3"]);
  });

  const lost: [what: string, pages: Answer[], why: RegExp][] = [
    ["the stream has forgotten the first", [{ Records: [record("2"), record("3")] }], /from 1 on no longer/],
    ["it forgets the others meanwhile", [first, named("TrimmedDataAccessException")], /up to 3 only in part; nothing/],
    ["it is deleted meanwhile", [first, named("ResourceNotFoundException")], /up to 3 only in part; nothing/],
  ];
  for (const [what, pages, why] of lost) {
    it(`are not sent in part when ${what}`, async () => {
      expect(await read(...pages)).to.match(why);
    });
  }
});
