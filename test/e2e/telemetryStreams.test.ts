import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
} from "@aws-sdk/client-kinesis";
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommand,
  DeleteFunctionConcurrencyCommand,
  GetEventSourceMappingCommand,
  LambdaClient as Lambda,
  type LambdaClient,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  PutFunctionConcurrencyCommand,
  TagResourceCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import type { StreamFailure } from "../../operations/replay/failures";
import { StreamRecords } from "../../operations/replay/streamRecords";
import { awsConfig } from "../../sandbox/aws";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { markPassedOn } from "../../sandbox/passOn";
import { Account, allow, type Queue } from "./rulesHelp";

/** Tells a queue which records it got, and fails on the word `poison`. */
const code = `
  const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs");
  const sqs = new SQSClient({});
  exports.handler = async (event) => {
    const texts = event.Records.map((record) => Buffer.from(record.kinesis.data, "base64").toString());
    await sqs.send(new SendMessageCommand({ QueueUrl: QUEUE_URL, MessageBody: JSON.stringify({ texts }) }));
    if (texts.some((text) => text.includes("poison"))) throw new Error("poison");
  };
`;

describe("event source mappings of Kinesis streams", () => {
  let cloud: LocalCloud;
  let account: Account;
  let kinesis: KinesisClient;
  let lambda: LambdaClient;
  let streamArn: string;
  let calls: Queue;
  let failures: Queue;
  let functionArn: string;
  const put = (text: string) =>
    kinesis.send(new PutRecordCommand({ StreamARN: streamArn, PartitionKey: "key", Data: Buffer.from(text) }));

  beforeEach(async () => {
    cloud = await startLocalCloud({ asyncRetryBaseSeconds: 0.05 });
    account = new Account(cloud);
    kinesis = new KinesisClient({ ...awsConfig(cloud), requestHandler: new NodeHttpHandler() });
    lambda = account.lambda;
    await kinesis.send(new CreateStreamCommand({ StreamName: "stream", ShardCount: 1 }));
    streamArn = account.arn("kinesis", "stream/stream");
    [calls, failures] = [await account.createQueue("calls"), await account.createQueue("failures")];
    const reads = ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream", "kinesis:ListShards"];
    const policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: reads, Resource: streamArn },
        { Effect: "Allow", Action: "sqs:SendMessage", Resource: [calls.arn, failures.arn] },
      ],
    });
    functionArn = await account.createFunction("reader", policy, code.replace("QUEUE_URL", JSON.stringify(calls.url)));
  });
  afterEach(() => cloud.stop());

  const request = (more: Partial<CreateEventSourceMappingCommandInput> = {}) => ({
    EventSourceArn: streamArn,
    FunctionName: functionArn,
    StartingPosition: "TRIM_HORIZON" as const,
    ...more,
  });
  const map = (more?: Partial<CreateEventSourceMappingCommandInput>, client = lambda) =>
    client.send(new CreateEventSourceMappingCommand(request(more)));
  /** Of the first records of the stream, as the destination of a mapping tells it. */
  const failureOf = async (count: number): Promise<StreamFailure> => {
    const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamARN: streamArn }));
    const shardId = Shards[0]!.ShardId!;
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({ StreamARN: streamArn, ShardId: shardId, ShardIteratorType: "TRIM_HORIZON" }),
    );
    const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    const [firstSequenceNumber, lastSequenceNumber] = [Records[0]!, Records[count - 1]!].map(
      ({ SequenceNumber }) => SequenceNumber!,
    ) as [string, string];
    return { kind: "stream", functionArn, streamArn, shardId, firstSequenceNumber, lastSequenceNumber };
  };
  const texts = (bodies: Record<string, unknown>[]) => bodies.map((body) => (body.texts as string[]).join(" "));

  it("set poison aside after its retries, and do the rest", async () => {
    for (const text of ["a", "poison", "b"]) await put(text);
    await map({
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: failures.arn } },
    });
    const seen = texts(await account.receive(calls, 6));
    expect(seen).to.have.members(["a poison b", "a poison", "a", "poison", "poison", "b"]);
    const [lost] = await account.receive(failures, 1);
    expect(lost).to.have.nested.property("requestContext.condition", "RetryAttemptsExhausted");
    expect(lost).to.have.nested.property("KinesisBatchInfo.batchSize", 1);
  });

  it("hand on only what passes the filter", async () => {
    for (const text of ['{"t":1}', '{"t":9}', "no JSON"]) await put(text);
    await map({ FilterCriteria: { Filters: [{ Pattern: '{"data":{"t":[{"numeric":[">",5]}]}}' }] } });
    expect(texts(await account.receive(calls, 1))).to.deep.equal(['{"t":9}']);
  });

  it("gather a batch for as long as their window, and go on where they were when they are enabled again", async () => {
    const { UUID } = await map({ MaximumBatchingWindowInSeconds: 1 });
    await put("a");
    await put("b");
    expect(texts(await account.receive(calls, 1))).to.deep.equal(["a b"]);
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    await put("c");
    await lambda.send(
      new UpdateEventSourceMappingCommand({ UUID, Enabled: true, MaximumBatchingWindowInSeconds: 0, BatchSize: 1 }),
    );
    await put("d");
    expect(texts(await account.receive(calls, 2))).to.deep.equal(["c", "d"]);
  });

  it("wait while their function is throttled, without retries of their own, and lose nothing", async () => {
    const throttle = { FunctionName: "reader", ReservedConcurrentExecutions: 0 };
    await lambda.send(new PutFunctionConcurrencyCommand(throttle));
    for (const text of ["a", "b"]) await put(text);
    const onFailure = { DestinationConfig: { OnFailure: { Destination: failures.arn } } };
    const { UUID } = await map({ BatchSize: 1, MaximumRetryAttempts: 0, ...onFailure });
    await waitFor("a throttled call", async () => {
      const { LastProcessingResult } = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
      return LastProcessingResult?.startsWith("PROBLEM");
    });
    await lambda.send(new DeleteFunctionConcurrencyCommand(throttle));
    expect(texts(await account.receive(calls, 2))).to.deep.equal(["a", "b"]);
    expect(await account.countMessages(failures), "nothing is given up").to.equal(0);
  });

  it("are judged by replay as by themselves, and none is sent past a filter that can't be judged", async () => {
    for (const text of ['{"t":1}', '{"t":9}']) await put(text);
    const failure = await failureOf(2);
    // MiniStack's own, which takes any pattern as an account may: here the fill would refuse the second.
    const direct = new Lambda(awsConfig(cloud));
    markPassedOn(direct);
    const filter = (Pattern: string) => ({ Enabled: false, FilterCriteria: { Filters: [{ Pattern }] } });
    const { UUID } = await map(filter('{"data":{"t":[{"numeric":[">",5]}]}}'), direct);
    const records = new StreamRecords(awsConfig(cloud), lambda);
    const events = (await records.read(failure)) as { kinesis: { data: string } }[];
    expect(events.map(({ kinesis: { data } }) => Buffer.from(data, "base64").toString())).to.deep.equal(['{"t":9}']);
    await direct.send(new UpdateEventSourceMappingCommand({ UUID, ...filter('{"data":{"t":[{"wildcard":"*"}]}}') }));
    const refused = await records.read(failure).catch((error: Error) => error);
    expect((refused as Error).message).to.match(/wildcard.*Nothing was sent.*common\/streams\/eventPattern\.ts/);
  });

  it("are described, listed, tagged and deleted like any other", async () => {
    const made = await map({ BatchSize: 7, Tags: { purpose: "test" } });
    const { UUID, EventSourceMappingArn: Resource } = made;
    expect(made).to.include({ BatchSize: 7, State: "Enabled", EventSourceArn: streamArn, FunctionArn: functionArn });
    expect(await lambda.send(new GetEventSourceMappingCommand({ UUID }))).to.include({ UUID, BatchSize: 7 });
    for (const filter of [{}, { FunctionName: "reader" }, { EventSourceArn: streamArn }]) {
      const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand(filter));
      expect(EventSourceMappings.map((one) => one.UUID)).to.deep.equal([UUID]);
    }
    const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName: "other" }));
    expect(EventSourceMappings).to.deep.equal([]);
    await lambda.send(new TagResourceCommand({ Resource, Tags: { more: "1" } }));
    expect((await lambda.send(new ListTagsCommand({ Resource }))).Tags).to.deep.equal({ purpose: "test", more: "1" });
    await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    const gone = await lambda.send(new GetEventSourceMappingCommand({ UUID })).catch((error: Error) => error);
    expect((gone as Error).name).to.equal("ResourceNotFoundException");
  });

  const refusals: [string, Partial<CreateEventSourceMappingCommandInput>, RegExp][] = [
    ["a filter that is no JSON", { FilterCriteria: { Filters: [{ Pattern: "{" }] } }, /not JSON/],
    ["a tumbling window", { TumblingWindowInSeconds: 10 }, /TumblingWindowInSeconds is not implemented/],
    ["a batch of nothing", { BatchSize: 0 }, /BatchSize must be a number from 1/],
    ["a stream that is not there", { EventSourceArn: "gone" }, /Cannot access stream.*gone/s],
    ["a function that is not there", { FunctionName: "gone" }, /gone/],
  ];
  it("are refused when they can't work", async () => {
    for (const [what, bad, reason] of refusals) {
      const more = bad.EventSourceArn ? { EventSourceArn: account.arn("kinesis", "stream/gone") } : bad;
      const error = await map(more).catch((refused: Error) => refused);
      expect((error as Error).message, what).to.match(reason);
    }
    const blind = await account.createFunction("blind", allow("sqs:SendMessage", calls.arn), code);
    const error = await map({ FunctionName: blind }).catch((refused: Error) => refused);
    expect(error, "as the function's role").to.include({ name: "InvalidParameterValueException" });
    expect((error as Error).message).to.match(/Please ensure the role .*blind-role can perform the GetRecords/);
  });

  it("are still a gap of MiniStack's; the day this fails, those of Kinesis can be passed on", async () => {
    const direct = new Lambda(awsConfig(cloud));
    markPassedOn(direct);
    await put("poison");
    await map({ MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: failures.arn } } }, direct);
    const seen = texts(await account.receive(calls, 3));
    expect(seen, "retried, though its retries are 0").to.have.length.at.least(3);
    expect(await account.countMessages(failures), "told nobody").to.equal(0);
  });
});
