import { gunzipSync } from "node:zlib";
import { IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { KinesisClient, PutRecordCommand, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import { TelemetryPipeline } from "../../components";
import { ask } from "../../operations/query/ask";
import type { AwsConfig } from "../../sandbox/aws";
import { setLiveEnvironment } from "./support/liveFunction";
import { type OwnCloud, openOwnCloud } from "./support/ownCloud";
import { QueueView } from "./support/queue";

interface Row {
  topic: string;
  sequence: string;
  payload: { n: number; kelvin?: number };
  reason: string;
  bytes: string;
}

/** What Lambda tells the destination of a stream's mapping. */
interface GivenUp {
  requestContext: { condition: string; approximateInvokeCount: number };
  KinesisBatchInfo: { batchSize: number; startSequenceNumber: string; endSequenceNumber: string };
}

type Outputs = Record<
  "bucket" | "stream" | "functionName" | "failures" | "undelivered" | "database" | "workgroup",
  string
>;

// Breaks what it tests, so it brings its own program and local cloud.
describe("telemetry", () => {
  let own: OwnCloud<Outputs>;
  let config: AwsConfig;
  let stack: Outputs;
  let tables: Parameters<typeof ask>[1];
  let failures: QueueView;
  let undelivered: QueueView;

  before(async () => {
    own = await openOwnCloud<Outputs>(
      () => {
        const { bucket, stream, store, rule, catalog } = new TelemetryPipeline("telemetry", {
          topicFilter: "my/things/+/state",
          shardCount: 2,
          batchSize: 50,
          batchingWindow: 0,
          maximumRetryAttempts: 1,
          transform: ({ payload }) => {
            const { test, ...message } = payload as { test?: boolean; celsius?: number };
            if (test) return undefined;
            return message.celsius === undefined ? message : { ...message, kelvin: message.celsius + 273 };
          },
        });
        return {
          bucket: bucket.bucket.bucket,
          stream: stream.stream.name,
          functionName: store.function.name,
          failures: store.failures.queue.url,
          undelivered: rule.undelivered.queue.url,
          database: catalog.database.name,
          workgroup: catalog.workgroup.name,
        };
      },
      { asyncRetryBaseSeconds: 0.05 },
    );
    config = own.aws;
    stack = own.outputs;
    tables = { databaseName: stack.database, workgroupName: stack.workgroup };
    failures = new QueueView(config, stack.failures);
    undelivered = new QueueView(config, stack.undelivered);
  });
  after(() => own?.close());

  const publish = (thing: string, payload: Buffer) =>
    new IoTDataPlaneClient(config).send(new PublishCommand({ topic: `my/things/${thing}/state`, qos: 1, payload }));
  const kinesis = () => new KinesisClient({ ...config, requestHandler: new NodeHttpHandler() });
  const json = (payload: unknown) => Buffer.from(JSON.stringify(payload));

  async function rows(prefix: "telemetry" | "quarantine"): Promise<Row[]> {
    const s3 = new S3Client(config);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: stack.bucket, Prefix: `${prefix}/` }));
    const objects = await Promise.all(
      Contents.map(async ({ Key }) => {
        expect(Key).to.match(/^\w+\/dt=\d{4}-\d\d-\d\d\/hour=\d\d\/shardId-\d{12}-\d+\.ndjson\.gz$/);
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key }));
        return gunzipSync(await Body!.transformToByteArray()).toString();
      }),
    );
    return objects.flatMap((text) => text.trimEnd().split("\n")).map((line) => JSON.parse(line));
  }
  async function arrived(prefix: "telemetry" | "quarantine", wanted: (row: Row) => boolean, count: number) {
    let found: Row[] = [];
    await waitFor(
      `${count} rows in ${prefix}`,
      async () => {
        found = (await rows(prefix)).filter(wanted);
        return found.length >= count;
      },
      { everyMs: 200, lastSeen: () => found.length },
    );
    return found;
  }

  it("goes from the device's topic to the store, reshaped, each message once", async () => {
    const count = 40;
    for (let n = 0; n < count; n++) await publish(`thing-${n % 5}`, json({ n, celsius: n }));
    const found = await arrived("telemetry", ({ payload }) => payload.kelvin !== undefined, count);
    expect(found.map(({ payload }) => payload.n).sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: count }, (_, n) => n),
    );
    for (const { topic, payload } of found) {
      expect(topic).to.equal(`my/things/thing-${payload.n % 5}/state`);
      expect(payload.kelvin).to.equal(payload.n + 273);
    }
  });

  it("that can't be stored is set aside with its reason, topic and bytes, and what comes after it is stored", async () => {
    const poison = Buffer.from([0x00, 0xff, 0x7b]);
    await publish("odd", poison);
    await publish("odd", json({ n: 1000, test: true }));
    await publish("odd", json({ n: 1001 }));
    await arrived("telemetry", ({ payload }) => payload.n === 1001, 1);
    const [row, ...others] = await arrived("quarantine", ({ topic }) => topic === "my/things/odd/state", 1);
    expect(others).to.deep.equal([]);
    expect(row?.reason).to.match(/^not JSON/);
    expect(Buffer.from(row!.bytes, "base64").equals(poison)).to.equal(true);
    expect(
      (await rows("telemetry")).filter(({ payload }) => payload.n === 1000),
      "dropped",
    ).to.deep.equal([]);
    expect(await failures.messages()).to.deep.equal([]);
  });

  it("can be asked with SQL, through partitions that nobody added", async () => {
    const today = new Date().toISOString().slice(0, 10);
    const { columns, rows: answer } = await ask(
      config,
      tables,
      `SELECT split_part(topic, '/', 3) AS thing, hour, count(*) AS messages, max(payload.kelvin) AS warmest
         FROM telemetry WHERE dt >= '${today}' AND payload.kelvin IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`,
    );
    expect(columns).to.deep.equal(["thing", "hour", "messages", "warmest"]);
    const messages = answer.reduce((sum, [, , count]) => sum + Number(count), 0);
    expect(messages).to.equal(40);
    for (const [thing, hour] of answer) {
      expect(thing).to.match(/^thing-[0-4]$/);
      expect(hour).to.match(/^[0-2]\d$/);
    }
    const none = await ask(config, tables, "SELECT count(*) FROM telemetry WHERE dt = '2025-01-01'");
    expect(none.rows).to.deep.equal([["0"]]);
    const refused = await ask(config, tables, "SELECT nothing FROM telemetry").catch((error: Error) => error);
    expect((refused as Error).message).to.match(/Athena says FAILED: .*nothing/);
  });

  it("that was set aside can be asked for, too", async () => {
    const { rows: answer } = await ask(config, tables, "SELECT topic, reason FROM quarantine");
    expect(answer).to.have.length(1);
    expect(answer[0]![0]).to.equal("my/things/odd/state");
  });

  it("of 1 MB is stored", async () => {
    const text = "x".repeat(1_000_000);
    await kinesis().send(
      new PutRecordCommand({ StreamName: stack.stream, PartitionKey: "large", Data: json({ n: 2000, text }) }),
    );
    const [row] = await arrived("telemetry", ({ topic }) => topic === "large", 1);
    expect((row!.payload as { text?: string }).text).to.equal(text);
  });

  it("that can't be written at all is tried again in halves, told to the failure queue, and holds up nothing for ever", async () => {
    const lambda = new LambdaClient(config);
    const set = (BUCKET: string) => setLiveEnvironment(lambda, stack.functionName, { BUCKET });
    await set("no-such-bucket");
    const Records = [3000, 3001].map((n) => ({ PartitionKey: "down", Data: json({ n }) }));
    await kinesis().send(new PutRecordsCommand({ StreamName: stack.stream, Records }));
    const given = await failures.waitForMessages<GivenUp>(2);
    expect(given.map(({ requestContext }) => requestContext.condition)).to.deep.equal(
      Array(given.length).fill("RetryAttemptsExhausted"),
    );
    for (const { KinesisBatchInfo, requestContext } of given) {
      expect(KinesisBatchInfo.batchSize).to.equal(1);
      expect(requestContext.approximateInvokeCount).to.equal(2);
    }
    await set(stack.bucket);
    await publish("down", json({ n: 3002 }));
    const found = await arrived("telemetry", ({ payload }) => payload.n === 3002, 1);
    expect(found).to.have.length(1);
  });

  it("never needed the rule's error queue", async () => {
    expect(await undelivered.messages()).to.deep.equal([]);
  });
});
