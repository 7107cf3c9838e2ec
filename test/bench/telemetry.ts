import { gzipSync } from "node:zlib";
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { waitFor } from "../../common/waitFor";
import { TelemetryPipeline } from "../../components";
import { runsOf, type StreamRecord } from "../../functions/telemetry/telemetryRecords";
import { awsConfig } from "../../sandbox/aws";
import { deploy } from "../../sandbox/deploy/inProcess";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { TelemetryStore } from "../../start/scenario/telemetryStore";
import type { BenchResult } from "./result";
import { openPublisher } from "./support/telemetryDevices";

const BATCH = 10_000;
const ROUNDS = 9;
const MESSAGES = 20_000;
const DEVICES = 20;

/** USD in us-east-1: an S3 PUT, and a GB a month in S3. */
const PRICE = { put: 0.005 / 1000, gigabyteMonth: 0.023 };

/** A message of 300 bytes that compresses as real ones do: names repeat, measured values don't. */
function message(n: number): string {
  const random = () => Math.random().toString(36).slice(2, 10);
  const values = { n, temperature: 4 + Math.random(), humidity: 50 + Math.random(), door: n % 9 === 0, battery: 88 };
  const text = JSON.stringify({
    ...values,
    id: `${random()}-${random()}`,
    firmware: "1.4.2",
    unit: "celsius",
    note: "",
  });
  const missing = 300 - text.length;
  const note = Array.from({ length: 20 }, random)
    .join(" ")
    .slice(0, Math.max(0, Math.floor(missing / 2)));
  const calm = " all is well".repeat(20).slice(0, Math.max(0, missing - note.length));
  return text.replace('"note":""', `"note":"${note}${calm}"`);
}

function batchOf(size: number): StreamRecord[] {
  return Array.from({ length: size }, (_, n) => ({
    eventID: `shardId-000000000000:${49_590_000_000_000 + n}`,
    kinesis: {
      partitionKey: `my/things/cooler-${n % DEVICES}/state`,
      sequenceNumber: String(49_590_000_000_000 + n),
      data: Buffer.from(message(n)).toString("base64"),
      approximateArrivalTimestamp: 1_790_000_000 + n / 1000,
    },
  }));
}

/** What the handler does with a batch, but for the call of S3. */
function ours(records: readonly StreamRecord[]): Buffer {
  const [run] = runsOf(records, { maximumBytes: 1_048_576, objectsOnly: false });
  return gzipSync(`${run!.stored.lines.join("\n")}\n`, { level: 3 });
}

/** The straightforward way: parse each record, build the row, stringify it. */
function straightforward(records: readonly StreamRecord[]): Buffer {
  const lines = records.map(({ kinesis }) =>
    JSON.stringify({
      topic: kinesis.partitionKey,
      arrived: new Date(kinesis.approximateArrivalTimestamp * 1000).toISOString(),
      sequence: kinesis.sequenceNumber,
      payload: JSON.parse(Buffer.from(kinesis.data, "base64").toString()),
    }),
  );
  return gzipSync(`${lines.join("\n")}\n`);
}

/** Records per second of processor time, the median of rounds in which both took turns. */
function measureHandlers(records: readonly StreamRecord[]) {
  const works = { ours, straightforward };
  const rates = { ours: [] as number[], straightforward: [] as number[] };
  const heap: number[] = [];
  for (let round = -2; round < ROUNDS; round++) {
    for (const name of ["ours", "straightforward"] as const) {
      const start = process.cpuUsage();
      works[name](records);
      const { user, system } = process.cpuUsage(start);
      if (round >= 0) rates[name].push(records.length / ((user + system) / 1e6));
    }
    heap.push(process.memoryUsage().rss);
  }
  return { ours: median(rates.ours), straightforward: median(rates.straightforward), heap };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

async function measureEndToEnd(cloud: LocalCloud) {
  const { outputs } = await deploy({
    program: () => {
      const { bucket, stream } = new TelemetryPipeline("telemetry", {
        topicFilter: "my/things/+/state",
        shardCount: 2,
        batchingWindow: 1,
      });
      return { bucket: bucket.bucket.bucket, stream: stream.stream.name };
    },
    project: "thingstack",
    stack: "bench",
    config: { "aws:region": cloud.region },
    cloud,
  });
  const config = awsConfig(cloud);
  const store = new TelemetryStore(config, outputs.bucket?.value as string);
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const ids = (rows: readonly { payload?: unknown }[], stage: string) =>
    rows.map(({ payload }) => payload as { id: string; stage: string }).filter((payload) => payload?.stage === stage);
  const allStored = async (stage: string) => {
    let found: { id: string }[] = [];
    await waitFor(
      `${MESSAGES} messages (${stage})`,
      async () => {
        found = ids(await store.rows("telemetry"), stage);
        return found.length >= MESSAGES;
      },
      { seconds: 300, everyMs: 500, lastSeen: () => `${found.length} stored` },
    );
    return { stored: found.length, different: new Set(found.map(({ id }) => id)).size, at: seconds() };
  };

  const publisher = await openPublisher(cloud, DEVICES);
  await publisher.publish(MESSAGES, (n) => JSON.stringify({ stage: "mqtt", id: `m${n}` }));
  const published = seconds();
  const end = await allStored("mqtt");
  await publisher.close();

  // The same again without broker and rule, to know what is left to them.
  const kinesis = new KinesisClient({ ...config, requestHandler: new NodeHttpHandler() });
  const second = seconds();
  for (let n = 0; n < MESSAGES; n += 500) {
    const Records = Array.from({ length: 500 }, (_, at) => ({
      PartitionKey: `my/things/bench-${(n + at) % DEVICES}/state`,
      Data: Buffer.from(JSON.stringify({ stage: "kinesis", id: `k${n + at}` })),
    }));
    await kinesis.send(new PutRecordsCommand({ StreamName: outputs.stream?.value as string, Records }));
  }
  const direct = await allStored("kinesis");
  store.close();
  return { published, end, direct: { ...direct, at: direct.at - second } };
}

/**
 * Measures the handler, what storage costs, and the way through the local cloud: one to three minutes, most of it the
 * local cloud's own, which takes some milliseconds of one core for each message.
 */
export async function run(): Promise<BenchResult> {
  const records = batchOf(BATCH);
  const bytes = records.reduce((sum, { kinesis }) => sum + Buffer.from(kinesis.data, "base64").length, 0);
  const rates = measureHandlers(records);
  const object = ours(records).length;
  const single = records.slice(0, 200).reduce((sum, record) => sum + ours([record]).length, 0) / 200;
  const cost = (puts: number, size: number) => puts * PRICE.put + (size / 1e9) * PRICE.gigabyteMonth;
  const perMillion = { puts: 1e6 / BATCH, bytes: (object / BATCH) * 1e6 };
  const one = { puts: 1e6, bytes: single * 1e6 };

  const cloud = await startLocalCloud();
  const { published, end, direct } = await measureEndToEnd(cloud).finally(() => cloud.stop());
  const stages = { "devices to broker": published, "rule to stream": end.at - published, "stream to S3": direct.at };
  const [slowest] = Object.entries(stages).sort(([, a], [, b]) => b - a)[0]!;
  const rate = (value: number) => `${Math.round(value / 1000).toLocaleString("en-US")},000 records/s`;
  const mega = (value: number) => `${((value * bytes) / BATCH / 1e6).toFixed(0)} MB/s in`;
  const growth = (rates.heap.at(-1)! - rates.heap[3]!) / 1e6;
  return {
    title: "Telemetry: messages of 300 bytes",
    rows: [
      { what: "the handler, per second of one core", value: rate(rates.ours), note: mega(rates.ours) },
      { what: "a straightforward handler", value: rate(rates.straightforward), note: mega(rates.straightforward) },
      { what: "ours against it", value: `${(rates.ours / rates.straightforward).toFixed(1)} times`, note: "same run" },
      {
        what: "memory from the 4th batch to the last",
        value: `${growth >= 0 ? "+" : ""}${growth.toFixed(0)} MB`,
        note: "resident, both handlers",
      },
      {
        what: "PUTs per million messages",
        value: String(perMillion.puts),
        note: `full batches; ${one.puts} with an object each`,
      },
      {
        what: "bytes stored per message",
        value: (object / BATCH).toFixed(0),
        note: `${single.toFixed(0)} with an object each`,
      },
      {
        what: "S3 per million messages, first month",
        value: `${cost(perMillion.puts, perMillion.bytes).toFixed(4)} USD`,
        note: `${cost(one.puts, one.bytes).toFixed(2)} USD with an object each (us-east-1)`,
      },
      {
        what: `${MESSAGES} messages of ${DEVICES} devices, to the last in S3`,
        value: `${end.at.toFixed(1)} s`,
        note: `${end.stored} stored, ${end.different} different; local cloud, MQTT over mTLS`,
      },
      { what: "of that, until the broker has all", value: `${published.toFixed(1)} s` },
      {
        what: "the same put into the stream directly",
        value: `${direct.at.toFixed(1)} s`,
        note: `${direct.different} different`,
      },
      { what: "the slowest stage", value: slowest },
    ],
  };
}

if (require.main === module) {
  void run().then(({ title, rows }) => {
    console.log(title);
    console.table(rows);
  });
}
