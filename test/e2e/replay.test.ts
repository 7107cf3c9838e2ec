import { gunzipSync } from "node:zlib";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IoTDataPlaneClient, PublishCommand, UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import type { FailureQueueOutput } from "../../common/stackOutputs";
import { waitFor } from "../../common/waitFor";
import {
  AnomalyReminder,
  DevicePolicy,
  NotificationTopic,
  Observability,
  ShadowDevice,
  TelemetryPipeline,
} from "../../components";
import type { Place } from "../../operations/place";
import { command } from "../../operations/replay/command";
import type { AwsConfig } from "../../sandbox/aws";
import { Loops } from "../../start/scenario/loops";
import { setLiveEnvironment } from "./support/liveFunction";
import { type OwnCloud, openOwnCloud } from "./support/ownCloud";
import { QueueView } from "./support/queue";

interface Outputs {
  readonly failureQueues: readonly FailureQueueOutput[];
  readonly telemetry: { readonly bucketName: string; readonly storeFunctionName: string };
  readonly historyTableName: string;
  readonly startFunctionName: string;
  readonly stateMachineArn: string;
}

/** Telemetry that needs an understanding function, and reminders. */
function program() {
  const people = new NotificationTopic("people");
  const observability = new Observability("fleet");
  const { operations } = observability;
  const telemetry = new TelemetryPipeline("telemetry", {
    topicFilter: "my/things/+/state",
    batchingWindow: 0,
    transform: ({ payload }) => {
      const { fahrenheit, ...message } = payload as { fahrenheit?: number };
      if (fahrenheit === undefined) return message;
      if (process.env.FAHRENHEIT !== "known") throw new Error("no unit but celsius is known");
      return { ...message, celsius: ((fahrenheit - 32) * 5) / 9 };
    },
    ...operations,
  });
  const { start, history, loop } = new AnomalyReminder("overheated", {
    flag: "overheated",
    topicArn: people.arn,
    ...operations,
  });
  new ShadowDevice("cooler-1", { policy: new DevicePolicy("device") });
  observability.finish();
  return {
    failureQueues: observability.failureQueues,
    telemetry: { bucketName: telemetry.bucket.bucket.bucket, storeFunctionName: telemetry.store.name },
    historyTableName: history.name,
    startFunctionName: start.name,
    stateMachineArn: loop.stateMachine.arn,
  };
}

// Breaks functions, so it brings its own program and local cloud.
describe("a replay", () => {
  let own: OwnCloud<Outputs>;
  let config: AwsConfig;
  let outputs: Outputs;
  let place: Place;
  let lambda: LambdaClient;

  before(async () => {
    own = await openOwnCloud<Outputs>(program, { asyncRetryBaseSeconds: 0.05 });
    ({ aws: config, outputs, place } = own);
    lambda = new LambdaClient(config);
  });
  after(() => own?.close());

  /** Runs the command as `npm run replay` does. */
  const replay = async (name: string | undefined, options: { dryRun?: boolean; limit?: number } = {}) => {
    const lines: string[] = [];
    const { dryRun = false, limit = Number.POSITIVE_INFINITY } = options;
    const code = await command(place, name, { dryRun, limit }, (text) => lines.push(text));
    return { code, text: lines.join("\n") };
  };

  describe("of telemetry in quarantine", () => {
    interface Row {
      readonly topic: string;
      readonly arrived: string;
      readonly sequence: string;
      readonly payload?: { readonly n: number; readonly celsius?: number };
    }
    const publish = (thing: string, payload: unknown) =>
      new IoTDataPlaneClient(config).send(
        new PublishCommand({
          topic: `my/things/${thing}/state`,
          qos: 1,
          payload: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
        }),
      );
    async function rows(prefix: "telemetry" | "quarantine"): Promise<Row[]> {
      const s3 = new S3Client(config);
      const Bucket = outputs.telemetry.bucketName;
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `${prefix}/` }));
      const texts = await Promise.all(
        Contents.map(async ({ Key }) => {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
          return gunzipSync(await Body!.transformToByteArray())
            .toString()
            .trimEnd();
        }),
      );
      return texts.flatMap((text) => text.split("\n")).map((line) => JSON.parse(line));
    }
    const numbersOf = (found: readonly Row[]) => found.map(({ payload }) => payload?.n).sort();
    let setAside: Row[] = [];

    before(async () => {
      await Promise.all([
        publish("a", { n: 1, celsius: 4 }),
        publish("a", { n: 2, fahrenheit: 50 }),
        publish("b", { n: 3, fahrenheit: 68 }),
        publish("c", "no JSON"),
      ]);
      await waitFor(
        "one message in the store and three in quarantine",
        async () => {
          setAside = await rows("quarantine");
          return setAside.length === 3 && (await rows("telemetry")).length === 1;
        },
        { everyMs: 200, lastSeen: () => setAside },
      );
    });

    it("shows what was set aside and why, grouped, and changes nothing when it is dry", async () => {
      const { code, text } = await replay("telemetry-quarantine", { dryRun: true });
      expect(code).to.equal(0);
      expect(text).to.match(
        /^2 × telemetry that function telemetry-store-function-\w+ has set aside\n {4}the transform failed: no unit but celsius is known\n/,
      );
      expect(text).to.match(/\n1 × telemetry .*\n {4}not JSON\n.*\n {4}for example .*"payload":"no JSON"/);
      expect(await rows("quarantine")).to.deep.equal(setAside);
      expect((await replay(undefined)).text).to.match(/^telemetry-quarantine +[1-3] objects of messages$/m);
    });

    it("sends it in vain while the function is as it was, and keeps its count", async () => {
      const { code, text } = await replay("telemetry-quarantine");
      expect(code).to.equal(1);
      expect(text).to.match(/\n0 sent again\n/);
      expect(text).to.contain("2 failed again and wait with their count: the transform failed: no unit but celsius");
      expect(await rows("quarantine")).to.have.deep.members(setAside);
      expect((await replay("telemetry-quarantine", { dryRun: true })).text).to.match(/, replayed 1 times before\n/);
    });

    it("stores each once, as of when it came, when the function was mended since; poison stays", async () => {
      await setLiveEnvironment(lambda, outputs.telemetry.storeFunctionName, { FAHRENHEIT: "known" });
      const { code, text } = await replay("telemetry-quarantine");
      expect([code, text.includes("\n2 sent again\n1 failed again and wait with their count: not JSON")]).to.deep.equal(
        [1, true],
      );
      await replay("telemetry-quarantine");
      const stored = await rows("telemetry");
      expect(numbersOf(stored)).to.deep.equal([1, 2, 3]);
      for (const { payload, sequence, arrived, topic } of stored.filter((row) => row.payload!.n > 1)) {
        expect(payload?.celsius).to.equal(payload?.n === 2 ? 10 : 20);
        const before = setAside.find((row) => row.sequence === sequence);
        expect({ arrived, topic }).to.deep.equal({ arrived: before?.arrived, topic: before?.topic });
      }
      expect((await rows("quarantine")).map(({ topic }) => topic)).to.deep.equal(["my/things/c/state"]);
      expect((await replay("telemetry-quarantine", { dryRun: true })).text).to.match(/, replayed 3 times before\n/);
    });
  });

  describe("of a new anomaly whose loop could not be started", () => {
    const queue = "overheated-start-failures";
    const start = (STATE_MACHINE_ARN: string) =>
      setLiveEnvironment(lambda, outputs.startFunctionName, { STATE_MACHINE_ARN });
    const loops = () => new Loops(config, outputs.stateMachineArn).of("cooler-1");
    const told = () => new QueueView(config, outputs.failureQueues.find(({ name }) => name === queue)!.url);
    const history = async () => {
      const { Items = [] } = await DynamoDBDocumentClient.from(new DynamoDBClient(config)).send(
        new QueryCommand({
          TableName: outputs.historyTableName,
          KeyConditionExpression: "deviceId = :device",
          ExpressionAttributeValues: { ":device": "cooler-1" },
        }),
      );
      return Items;
    };

    before(async () => {
      await start(`${outputs.stateMachineArn}-gone`);
      await new IoTDataPlaneClient(config).send(
        new UpdateThingShadowCommand({
          thingName: "cooler-1",
          payload: Buffer.from(JSON.stringify({ state: { reported: { overheated: true } } })),
        }),
      );
    });

    it("finds its place in the table's stream in the failure queue", async () => {
      const [message] = await told().waitForMessages<{
        requestContext: { condition: string; approximateInvokeCount: number };
        DDBStreamBatchInfo: { shardId: string; startSequenceNumber: string; batchSize: number; streamArn: string };
      }>(1);
      expect(message?.requestContext).to.include({ condition: "RetryAttemptsExhausted", approximateInvokeCount: 6 });
      const { shardId, startSequenceNumber, batchSize, streamArn } = message!.DDBStreamBatchInfo;
      expect([shardId, startSequenceNumber, batchSize].every(Boolean)).to.equal(true);
      expect(streamArn).to.match(/:table\/overheated-\w+.*\/stream\//);
      expect(await loops()).to.deep.equal([]);
    });

    it("shows it, and changes nothing when it is dry", async () => {
      const { code, text } = await replay(queue, { dryRun: true });
      expect(code).to.equal(0);
      expect(text).to.match(/^1 × function overheated-start-function-\w+, from a stream\n {4}RetryAttemptsExhausted\n/);
      expect(await told().messages()).to.have.length(1);
      expect(await loops()).to.deep.equal([]);
    });

    it("sends it in vain while the function is as it was, and keeps its count", async () => {
      const { code, text } = await replay(queue);
      expect(code).to.equal(1);
      expect(text).to.contain(
        "1 failed again and wait with their count: the function could not do some of its records",
      );
      expect((await replay(queue, { dryRun: true })).text).to.contain("replayed 1 times before");
      expect(await loops()).to.deep.equal([]);
    });

    it("starts the loop of the anomaly once, when the function was mended", async () => {
      await start(outputs.stateMachineArn);
      const { code, text } = await replay(queue);
      expect([code, text.includes("\n1 sent again")]).to.deep.equal([0, true]);
      const [loop, ...others] = await loops();
      expect(others).to.deep.equal([]);
      expect(loop).to.include({ status: "RUNNING" });
      // It is that of the anomaly, counted from when it began.
      const [anomaly, ...rest] = await history();
      expect(rest).to.deep.equal([]);
      const { openedAt, loopId } = loop!.input;
      expect(anomaly).to.include({ openedAt, loopId, status: "open" });
      expect((await replay(queue)).text).to.equal(`Nothing lies in ${queue}.`);
    });
  });
});
