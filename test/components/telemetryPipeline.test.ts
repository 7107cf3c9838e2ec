import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { TelemetryPipeline, type TelemetryPipelineArgs } from "../../components";
import { runsOf } from "../../functions/telemetry/telemetryRecords";
import { runBare } from "../support/bareProcess";
import { FakeAws } from "../support/fakeAws";
import { type Recording, record, statementsOf } from "../support/record";
import { refusedProperties } from "../support/refusal";

const args: TelemetryPipelineArgs = { topicFilter: "my/things/+/state" };
const pipeline = (more: Partial<TelemetryPipelineArgs> = {}) =>
  record(() => new TelemetryPipeline("telemetry", { ...args, ...more }));
const arn = (service: string, name: string) => `arn:aws:${service}:eu-central-1:123456789012:${name}-0000000`;

describe("TelemetryPipeline", () => {
  const statements: [string, Partial<TelemetryPipelineArgs>, string][] = [
    ["everything by default", {}, "SELECT * FROM 'my/things/+/state'"],
    [
      "a list and a condition",
      { select: "*, topic(3) AS thing", where: "temperature > 4" },
      "SELECT *, topic(3) AS thing FROM 'my/things/+/state' WHERE temperature > 4",
    ],
  ];
  for (const [what, more, sql] of statements) {
    it(`puts into the stream, by topic, ${what}`, async () => {
      const { one } = await pipeline(more);
      const { kineses, errorAction, ...rule } = one("aws:iot/topicRule:TopicRule").inputs;
      expect(rule).to.include({ sql, sqlVersion: "2016-03-23", enabled: true });
      const { roleArn, ...action } = kineses[0];
      expect(action).to.deep.equal({ streamName: "telemetry-stream-0000000", partitionKey: "${topic()}" });
      expect(errorAction.sqs.queueUrl).to.match(/telemetry-undelivered-queue/);
    });
  }

  it("has an encrypted stream that scales by itself, or has the shards it was given", async () => {
    const { one } = await pipeline();
    expect(one("aws:kinesis/stream:Stream").inputs).to.deep.equal({
      streamModeDetails: { streamMode: "ON_DEMAND" },
      retentionPeriod: 24,
      encryptionType: "KMS",
      kmsKeyId: "alias/aws/kinesis",
    });
    const provisioned = await pipeline({ shardCount: 2, retentionHours: 48 });
    expect(provisioned.one("aws:kinesis/stream:Stream").inputs).to.deep.include({
      shardCount: 2,
      streamModeDetails: { streamMode: "PROVISIONED" },
      retentionPeriod: 48,
    });
  });

  it("tries again what fails as a whole, in halves and within limits, and tells the failure queue of the rest", async () => {
    const { one } = await pipeline();
    expect(one("aws:lambda/eventSourceMapping:EventSourceMapping").inputs).to.deep.equal({
      eventSourceArn: arn("kinesis", "telemetry-stream"),
      functionName: `${arn("lambda", "telemetry-store-function")}:live`,
      startingPosition: "TRIM_HORIZON",
      batchSize: 10_000,
      maximumBatchingWindowInSeconds: 60,
      functionResponseTypes: ["ReportBatchItemFailures"],
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 100,
      maximumRecordAgeInSeconds: 43_200,
      destinationConfig: { onFailure: { destinationArn: arn("sqs", "telemetry-store-failures-queue") } },
    });
  });

  it("may read the stream and write under two prefixes, and nothing else of its own", async () => {
    const { one } = await pipeline();
    const statements = statementsOf(one("aws:iam/rolePolicy:RolePolicy", "telemetry-store-grants"));
    const own = statements.filter(({ Sid }) => !/^Write|^SendToQueue/.test(Sid));
    expect(own.map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([
      [
        [
          "kinesis:DescribeStream",
          "kinesis:DescribeStreamSummary",
          "kinesis:GetRecords",
          "kinesis:GetShardIterator",
          "kinesis:ListShards",
        ],
        [arn("kinesis", "telemetry-stream")],
      ],
      [
        ["s3:PutObject"],
        [`${arn("s3", "telemetry-bucket")}/telemetry/*`, `${arn("s3", "telemetry-bucket")}/quarantine/*`],
      ],
    ]);
    const rule = statementsOf(one("aws:iam/rolePolicy:RolePolicy", "telemetry-rule-grants"));
    expect(rule.map(({ Action }) => Action)).to.deep.equal([
      ["sqs:SendMessage"],
      ["kinesis:PutRecord", "kinesis:PutRecords"],
    ]);
  });

  it("has a private, encrypted bucket that takes no plain HTTP", async () => {
    const { one, all } = await pipeline();
    expect(one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs).to.include({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const encryption = one("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration");
    expect(encryption.inputs.rules[0].applyServerSideEncryptionByDefault).to.deep.equal({ sseAlgorithm: "AES256" });
    const [statement] = JSON.parse(one("aws:s3/bucketPolicy:BucketPolicy").inputs.policy).Statement;
    expect(statement).to.include({ Effect: "Deny", Principal: "*", Action: "s3:*" });
    expect(all("aws:s3/bucketVersioning:BucketVersioning")).to.deep.equal([]);
  });

  it("keeps messages for ever, or moves and deletes them when it is told to; results of queries go after a week", async () => {
    const rules = async (more: Partial<TelemetryPipelineArgs>) =>
      (await pipeline(more)).one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs.rules;
    const results = { id: "results", status: "Enabled", filter: { prefix: "queries/" }, expiration: { days: 7 } };
    expect(await rules({})).to.deep.equal([results]);
    expect(await rules({ coldAfterDays: 90, expireAfterDays: 400 })).to.deep.equal([
      results,
      {
        id: "messages",
        status: "Enabled",
        filter: { prefix: "telemetry/" },
        transitions: [{ days: 90, storageClass: "GLACIER_IR" }],
        expiration: { days: 400 },
      },
    ]);
  });

  it("protects its data when it is told to", async () => {
    const forceDestroy = async (protectData?: boolean) =>
      (await pipeline({ protectData })).one("aws:s3/bucket:Bucket").inputs.forceDestroy;
    expect(await forceDestroy()).to.equal(true);
    expect(await forceDestroy(true)).to.equal(false);
  });

  it("has tables whose partitions Athena works out from the keys that the function writes", async () => {
    const { one } = await pipeline({ firstDate: "2026-01-01" });
    for (const name of ["telemetry", "quarantine"]) {
      const { parameters, partitionKeys, databaseName, storageDescriptor } = one(
        "aws:glue/catalogTable:CatalogTable",
        `telemetry-${name}`,
      ).inputs;
      expect(databaseName).to.equal("thingstack_test_telemetry");
      expect(partitionKeys.map((key: { name: string }) => key.name)).to.deep.equal(["dt", "hour"]);
      expect(parameters).to.include({
        "projection.enabled": "true",
        "projection.dt.type": "date",
        "projection.dt.format": "yyyy-MM-dd",
        "projection.dt.range": "2026-01-01,NOW",
        "projection.hour.type": "integer",
        "projection.hour.range": "0,23",
        "projection.hour.digits": "2",
      });
      const at = Date.UTC(2026, 0, 2, 3) / 1000;
      const kinesis = { partitionKey: "t", sequenceNumber: "7", data: "e30=", approximateArrivalTimestamp: at };
      const [run] = runsOf([{ eventID: "shardId-0:7", kinesis }], { maximumBytes: 10, objectsOnly: false });
      const folder = parameters["storage.location.template"].replace("${dt}", "2026-01-02").replace("${hour}", "03");
      expect(`s3://telemetry-bucket-0000000/${name}/${run?.stored.key}`).to.equal(`${folder}shardId-0-7.ndjson.gz`);
      expect(storageDescriptor.location).to.equal(`s3://telemetry-bucket-0000000/${name}/`);
      expect(storageDescriptor.serDeInfo.serializationLibrary).to.equal("org.openx.data.jsonserde.JsonSerDe");
    }
  });

  it("reads the payload as text, or as the columns it is given", async () => {
    const payload = async (columns?: Record<string, string>) => {
      const { one } = await pipeline({ columns });
      const { storageDescriptor } = one("aws:glue/catalogTable:CatalogTable", "telemetry-telemetry").inputs;
      return storageDescriptor.columns.at(-1).type;
    };
    expect(await payload()).to.equal("string");
    expect(await payload({ temperature: "double", tags: "map<string, array<string>>" })).to.equal(
      "struct<temperature:double,tags:map<string,array<string>>>",
    );
  });

  it("rings when the function lags, messages are set aside, batches are given up, or writers are throttled", async () => {
    const { all } = await pipeline({ alarmTopicArn: "arn:alarms" });
    const alarms = all("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);
    expect(
      alarms.map(({ namespace, metricName, threshold }) => [namespace, metricName, threshold]),
    ).to.include.deep.members([
      ["AWS/Lambda", "IteratorAge", 300_000],
      ["thingstack", "Quarantined", 0],
      ["AWS/Kinesis", "WriteProvisionedThroughputExceeded", 0],
      ["AWS/SQS", "ApproximateNumberOfMessagesVisible", 0],
      ["AWS/SQS", "ApproximateNumberOfMessagesVisible", 0],
    ]);
    for (const { dimensions } of alarms) {
      if (dimensions) expect(Object.values(dimensions)[0]).to.match(/telemetry_?-?/);
    }
  });

  const refusals: [string, Partial<TelemetryPipelineArgs>, string, RegExp][] = [
    ["an illegal topic filter", { topicFilter: "my/#/state" }, "topicFilter", /"#" in level 2/],
    [
      "a SELECT that does not parse",
      { select: "topic(3 AS thing" },
      "select",
      /is no AWS IoT SQL: "\)" is missing before "AS"/,
    ],
    ["a SELECT with a FROM of its own", { select: "* FROM 'other'" }, "select", /the end is missing before "FROM"/],
    ["a condition that does not parse", { where: "a == 1" }, "where", /there is no == in it; write =/],
    [
      "days that end before they start",
      { firstDate: "2026-02-01", lastDate: "2026-01-31" },
      "lastDate",
      /before the first day/,
    ],
    ["a first day that is to come", { firstDate: "2999-01-01" }, "lastDate", /is NOW, before the first day 2999-01-01/],
    ["a day that is none", { firstDate: "2026-02-30" }, "firstDate", /must be a day as YYYY-MM-DD/],
    ["a window of ten minutes", { batchingWindow: 600 }, "batchingWindow", /from 0 to 300/],
    ["a window of half a second", { batchingWindow: 0.5 }, "batchingWindow", /whole number/],
    ["an empty batch", { batchSize: 0 }, "batchSize", /from 1 to 10000/],
    ["no shards", { shardCount: 0 }, "shardCount", /from 1/],
    ["retries without end", { maximumRetryAttempts: -1 }, "maximumRetryAttempts", /from 0 to 10000/],
    ["an age beyond the stream's memory", { maximumRecordAge: 90_000 }, "maximumRecordAge", /forgets after 24 hours/],
    [
      "data that is gone before it is cold",
      { coldAfterDays: 90, expireAfterDays: 30 },
      "expireAfterDays",
      /nothing is left/,
    ],
    ["a column name in capitals", { columns: { Temperature: "double" } }, "columns.Temperature", /lower case/],
    ["a column of no type", { columns: { t: "number" } }, "columns.t", /no type.*"number"/],
    ["a struct that is not closed", { columns: { t: "struct<a:int" } }, "columns.t", /no type/],
    ["no columns", { columns: {} }, "columns", /at least one/],
    ["a transform that is none", { transform: "drop" as never }, "transform", /must be a function/],
  ];
  for (const [what, bad, path, reason] of refusals) {
    it(`refuses ${what}, before anything is made`, async () => {
      const refused = await refusedProperties(() => new TelemetryPipeline("telemetry", { ...args, ...bad }));
      expect(Object.keys(refused)).to.deep.equal([path]);
      expect(refused[path]).to.match(reason);
    });
  }

  describe("its function, as Lambda runs it", () => {
    const zero = 273.15;
    const toCelsius = (kelvin: number) => Math.round((kelvin - zero) * 100) / 100;
    const transform: TelemetryPipelineArgs["transform"] = ({ payload }) =>
      toCelsius((payload as { k: number }).k) < 0 ? undefined : payload;
    const programs: [string, Partial<TelemetryPipelineArgs>, unknown, string[], string][] = [
      ["plain", {}, { k: 300 }, ["PUT /b/telemetry/dt=2026-01-01/hour=00/shardId-0-7.ndjson.gz"], '"Stored":1'],
      ["with a transform that captures a helper", { transform }, { k: 250 }, [], '"Dropped":1'],
    ];
    for (const [what, more, sent, calls, count] of programs) {
      it(`${what}: one file of at most 12 KB, that does what it should`, async () => {
        const recording = await pipeline(more);
        const code = await codeOf(recording);
        expect(gzipSync(code).length).to.be.at.most(12 * 1024);
        expect(code).not.to.include("@pulumi/");
        const aws = await FakeAws.start();
        try {
          const data = Buffer.from(JSON.stringify(sent)).toString("base64");
          const kinesis = {
            partitionKey: "t",
            sequenceNumber: "7",
            data,
            approximateArrivalTimestamp: 1_767_225_600.5,
          };
          const run = await runBare(
            code,
            { Records: [{ eventID: "shardId-0:7", kinesis }] },
            {
              endpoint: aws.endpoint,
              environment: { BUCKET: "b", MAXIMUM_BYTES: "1000", OBJECTS_ONLY: "false", AWS_LAMBDA_FUNCTION_NAME: "f" },
            },
          );
          expect(run.error, run.stdout).to.equal(undefined);
          expect(run.result).to.deep.equal({ batchItemFailures: [] });
          expect(aws.calls.map(({ operation }) => operation)).to.deep.equal(calls);
          expect(run.stdout).to.match(/^\{"_aws":.*"FunctionName":"f","Stored":\d,"Quarantined":0,"Dropped":\d\}$/m);
          expect(run.stdout).to.include(count);
        } finally {
          await aws.stop();
        }
      });
    }
  });
});

async function codeOf({ one }: Recording<unknown>): Promise<string> {
  const { code } = one("aws:lambda/function:Function", "telemetry-store-function").inputs;
  const assets: Record<string, { text: Promise<string> }> = await code.assets;
  expect(Object.keys(assets)).to.deep.equal(["__index.js"]);
  return assets["__index.js"]!.text;
}
