import { KinesisClient } from "@aws-sdk/client-kinesis";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import sinon from "sinon";
import { waitFor } from "../../../common/waitFor";
import type { AwsResponse, Fill } from "../../../sandbox/fill";
import { streamMappingsFill } from "../../../sandbox/streams";
import { StreamMapping } from "../../../sandbox/streams/mapping";

const accountId = "123456789012";
const functionArn = `arn:aws:lambda:eu-west-1:${accountId}:function:f`;
const path = "/2015-03-31/event-source-mappings/";

describe("changes of a stream's mapping that come at once", () => {
  let fill: Fill;
  let starts: sinon.SinonSpy;
  let calls: number;
  /** Lets the function's call, and whoever asks for the shards, come to an end. */
  let open: () => void;
  let opened: Promise<void>;
  let shardsWait: boolean;
  let asked: number;
  beforeEach(() => {
    calls = asked = 0;
    shardsWait = false;
    opened = new Promise((resolve) => {
      open = resolve;
    });
    const records = [{ SequenceNumber: "1", PartitionKey: "p" }];
    starts = sinon.spy(StreamMapping.prototype, "start");
    const answers: Record<string, () => unknown> = {
      GetFunctionConfigurationCommand: () => ({ Role: `arn:aws:iam::${accountId}:role/r`, FunctionArn: functionArn }),
      InvokeCommand: async () => {
        calls += 1;
        await opened;
        return {};
      },
      ListShardsCommand: async () => {
        asked += 1;
        if (shardsWait) await opened;
        return { Shards: [{ ShardId: "shard-0" }] };
      },
      GetShardIteratorCommand: () => ({ ShardIterator: "0" }),
      // One record, and then none.
      GetRecordsCommand: () => ({ Records: records.splice(0), NextShardIterator: "1" }),
    };
    const send = async (command: object) => answers[command.constructor.name]?.();
    sinon.stub(LambdaClient.prototype, "send").callsFake(send as never);
    sinon.stub(KinesisClient.prototype, "send").callsFake(send as never);
    const target = { endpoint: "http://127.0.0.1:1", region: "eu-west-1", accountId };
    fill = streamMappingsFill({ ...target, retryBaseSeconds: 0.01 });
  });
  afterEach(async () => {
    open();
    await fill.close();
    sinon.restore();
  });

  async function call(method: string, uuid: string, body: object = {}): Promise<Record<string, unknown>> {
    const bytes = Buffer.from(JSON.stringify(body));
    const scope = { service: "lambda", accessKeyId: accountId, region: "eu-west-1", headers: {} };
    const request = { ...scope, method, path: path + uuid, query: new URLSearchParams(), body: bytes };
    const answer = (await fill.answer(request)) as AwsResponse & { body: Record<string, unknown> };
    return answer.body;
  }

  const create = () =>
    call("POST", "", {
      FunctionName: "f",
      EventSourceArn: `arn:aws:kinesis:eu-west-1:${accountId}:stream/s`,
      StartingPosition: "TRIM_HORIZON",
      BatchSize: 1,
    });

  /** A mapping that waits for its function. */
  async function waiting(): Promise<string> {
    const { UUID } = await create();
    await waitFor("the function to be called", () => calls > 0, { everyMs: 2 });
    return String(UUID);
  }

  it("leave it off when that was said last", async () => {
    const uuid = await waiting();
    const changes = [call("PUT", uuid, { BatchSize: 2 }), call("PUT", uuid, { Enabled: false })];
    open();
    await Promise.all(changes);
    expect((await call("GET", uuid)).State).to.equal("Disabled");
    expect(starts.callCount, "starts").to.equal(1);
  });

  it("do not start again what is deleted", async () => {
    const uuid = await waiting();
    const changes = [call("PUT", uuid, { BatchSize: 2 }), call("DELETE", uuid)];
    open();
    await Promise.all(changes);
    expect(starts.callCount, "starts").to.equal(1);
  });

  it("do not start again what ends with the local cloud", async () => {
    const uuid = await waiting();
    const changes = [call("PUT", uuid, { BatchSize: 2 }), fill.close()];
    open();
    await Promise.all(changes);
    expect(starts.callCount, "starts").to.equal(1);
  });

  it("make none any more when the local cloud ends meanwhile", async () => {
    shardsWait = true;
    const created = create().catch((error) => error);
    await waitFor("the stream to be asked", () => asked > 0, { everyMs: 2 });
    await fill.close();
    open();
    expect(await created).to.match(/ends/);
    expect(starts.callCount, "starts").to.equal(0);
  });
});
