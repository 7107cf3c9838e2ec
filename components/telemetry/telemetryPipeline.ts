import * as pulumi from "@pulumi/pulumi";
import { base64, kinesisEvent } from "../../functions/runtime/sampleEvents";
import { storeTelemetry } from "../../functions/telemetry/telemetry";
import type { StreamRecord, TelemetryTransform } from "../../functions/telemetry/telemetryRecords";
import { quarantined, stored } from "../../functions/telemetry/telemetryRecords";
import { putObjects, putRecords, readRecords } from "../access/grants";
import { ArgumentErrors } from "../args/argumentErrors";
import { topicFilter, wholeNumber } from "../args/checks";
import { Handler, type HandlerArgs } from "../lambda/handler";
import { AlarmGroup } from "../observability/alarmGroup";
import type { OperationsArgs } from "../observability/operations";
import { Rule } from "../rules/rule";
import { condition, selectList } from "../rules/topicRuleSql";
import { StreamConsumer } from "../streams/streamConsumer";
import { TelemetryStream, type TelemetryStreamArgs } from "../streams/telemetryStream";
import { TelemetryBucket } from "./telemetryBucket";
import { TelemetryCatalog } from "./telemetryCatalog";
import { checkDates, columnsOf } from "./telemetryColumns";

export interface TelemetryPipelineArgs
  extends OperationsArgs,
    TelemetryStreamArgs,
    Pick<HandlerArgs<unknown, unknown>, "memorySize"> {
  /** The MQTT topics to store: `+` is one level, `#` the rest. At most 256 bytes and 7 slashes. */
  readonly topicFilter: string;
  /**
   * What is stored of a message: the SELECT list in AWS IoT SQL. Only with `*` a payload that is not JSON reaches the
   * quarantine with its bytes; of any other list AWS IoT makes JSON before we see it.
   * @default "*"
   */
  readonly select?: string;
  /**
   * Which messages are stored: a condition in AWS IoT SQL.
   * @default every message
   */
  readonly where?: string;
  /**
   * Drops or reshapes each message, written inline: `({ payload }) => (payload.test ? undefined : payload)`. Synchronous; a
   * message that it throws at goes to the quarantine. It becomes code of the function: capture no Pulumi value.
   */
  readonly transform?: TelemetryTransform;
  /**
   * The fields of the payload and their Athena types, to write `payload.temperature` in SQL. Only objects are stored then.
   * @default the payload is a text of JSON, for `json_extract_scalar(payload, '$.temperature')`
   * @example { temperature: "double", door: "string", battery: "struct<level:int>" }
   */
  readonly columns?: Readonly<Record<string, string>>;
  /**
   * The first day that queries look at, `YYYY-MM-DD`.
   * @default "2025-01-01"
   */
  readonly firstDate?: string;
  /**
   * The last day that queries look at, `YYYY-MM-DD`, or `NOW`.
   * @default "NOW"
   */
  readonly lastDate?: string;
  /**
   * Bytes that a message may have, 1 to 10,485,760; a larger one goes to the quarantine. AWS IoT takes 131,072.
   * @default 1048576
   */
  readonly maximumMessageSize?: pulumi.Input<number>;
  /**
   * Messages of an object at most, 1 to 10,000; Lambda's 6 MB limit it, too.
   * @default 10000
   */
  readonly batchSize?: pulumi.Input<number>;
  /**
   * Seconds that messages are gathered for an object at most, 0 to 300. Longer means fewer, larger objects, and later data.
   * @default 60
   */
  readonly batchingWindow?: pulumi.Input<number>;
  /**
   * Retries while a batch can't be written at all, 0 to 10,000; Lambda waits a minute at most between them.
   * @default 100
   */
  readonly maximumRetryAttempts?: pulumi.Input<number>;
  /**
   * Seconds after which a message that can't be written is given up, 60 to 604,800, and no longer than the stream keeps it.
   * Its place in the stream goes to the failure queue, from where it can be read until the stream forgets it.
   * @default 43200
   */
  readonly maximumRecordAge?: pulumi.Input<number>;
  /** Days after which messages move to S3 Glacier Instant Retrieval, from 1. @default never */
  readonly coldAfterDays?: pulumi.Input<number>;
  /** Days after which messages are deleted, from 1. @default never */
  readonly expireAfterDays?: pulumi.Input<number>;
  /**
   * Whether stream and bucket are protected from deletion.
   * @default false: `pulumi destroy` deletes the data, too
   */
  readonly protectData?: boolean;
}

/**
 * Stores what devices publish, so that it can be asked with SQL: nothing lost, nothing counted twice.
 *
 * A rule puts each message into a Kinesis stream, by topic; a function writes batches as gzipped lines of JSON to S3, under
 * `telemetry/dt=YYYY-MM-DD/hour=HH/` (the hour it arrived, UTC); Athena reads them with no crawler and no partitions to add.
 * A batch that is delivered again writes the same objects again. A message that can't be stored (not JSON, too large, the
 * transform throws) goes to `quarantine/` with its reason, topic and bytes, and holds up no other. What can't be written at
 * all is tried again, then told to the failure queue. Every one of these ends has an alarm.
 *
 * ```ts
 * new TelemetryPipeline("telemetry", { topicFilter: "my/things/+/state" });
 * ```
 *
 * ```sql
 * SELECT split_part(topic, '/', 3) AS thing, dt, hour, count(*) FROM telemetry WHERE dt = '2026-11-23' GROUP BY 1, 2, 3
 * ```
 */
export class TelemetryPipeline extends pulumi.ComponentResource {
  readonly stream: TelemetryStream;
  readonly rule: Rule;
  /** Writes batches; its `failures` take those that could not be written. */
  readonly store: Handler<{ readonly Records: readonly StreamRecord[] }>;
  readonly bucket: TelemetryBucket;
  readonly catalog: TelemetryCatalog;

  constructor(name: string, args: TelemetryPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:telemetry:TelemetryPipeline", name, {}, opts);
    const checked = checkArgs(name, args);
    const { transform, protectData: protect = false } = args;
    const alarms = AlarmGroup.of(this, name, args);
    const parent = { parent: this };

    this.stream = new TelemetryStream(
      name,
      { shardCount: checked.shardCount, retentionHours: checked.retentionHours, protect, ...alarms.operations },
      parent,
    );
    this.rule = new Rule(
      name,
      {
        description: `Hands messages of devices to the pipeline ${name}`,
        sql: `SELECT ${args.select ?? "*"} FROM '${args.topicFilter}'${args.where ? ` WHERE ${args.where}` : ""}`,
        grants: [putRecords(this.stream.stream)],
        actions: (roleArn) => ({
          // By topic, so that messages of one device stay in order, and the store knows where each one came from.
          kineses: [{ roleArn, streamName: this.stream.stream.name, partitionKey: "${topic()}" }],
        }),
        ...alarms.operations,
      },
      parent,
    );
    this.bucket = new TelemetryBucket(
      name,
      { coldAfterDays: checked.coldAfterDays, expireAfterDays: checked.expireAfterDays, protect },
      parent,
    );
    this.catalog = new TelemetryCatalog(
      name,
      {
        bucket: this.bucket.bucket,
        payloadType: columnsOf(args.columns),
        firstDate: args.firstDate ?? "2025-01-01",
        lastDate: args.lastDate ?? "NOW",
      },
      parent,
    );
    this.store = new Handler(
      `${name}-store`,
      {
        description: `Stores the messages of the pipeline ${name}`,
        callbackFactory: () => storeTelemetry(transform),
        dryRunEvent: () => kinesisEvent(base64({})),
        // A batch that is tried again has to meet the code that tried it before.
        rollout: "AllAtOnce",
        environment: {
          BUCKET: this.bucket.bucket.bucket,
          MAXIMUM_BYTES: pulumi.interpolate`${checked.maximumMessageSize}`,
          OBJECTS_ONLY: args.columns ? "true" : "false",
        },
        grants: [readRecords(this.stream.stream), putObjects(this.bucket.bucket, stored, quarantined)],
        timeout: 60,
        memorySize: args.memorySize ?? 512,
        unreservedBecause: "a stream calls it once per shard at a time",
        ...alarms.operations,
      },
      parent,
    );
    new StreamConsumer(
      `${name}-store`,
      {
        stream: this.stream.stream,
        handler: this.store,
        batchSize: checked.batchSize,
        batchingWindow: checked.batchingWindow,
        maximumRetryAttempts: checked.maximumRetryAttempts,
        maximumRecordAge: checked.maximumRecordAge,
        ...alarms.operations,
      },
      parent,
    );
    alarms.add(
      `${name}-quarantined`,
      {
        kind: "telemetry-quarantined",
        description: `Messages of ${name} could not be stored. They lie in the table quarantine with their reasons.`,
        metrics: {
          quarantined: {
            namespace: "thingstack",
            name: "Quarantined",
            dimensions: { FunctionName: this.store.name },
            statistic: "Sum",
          },
        },
        threshold: 0,
      },
      parent,
    );
    alarms.close(this);
    this.registerOutputs({
      stream: this.stream,
      rule: this.rule,
      store: this.store,
      bucket: this.bucket,
      catalog: this.catalog,
    });
  }
}

function checkArgs(name: string, args: TelemetryPipelineArgs) {
  const errors = new ArgumentErrors(`TelemetryPipeline ${JSON.stringify(name)}`);
  errors.check("topicFilter", args.topicFilter ?? "", topicFilter);
  errors.check("select", args.select, selectList);
  errors.check("where", args.where, condition);
  errors.check("transform", args.transform as unknown, (transform) =>
    typeof transform === "function" ? undefined : "must be a function that returns a payload, or undefined to drop it",
  );
  checkDates(errors, args.firstDate ?? "2025-01-01", args.lastDate ?? "NOW");
  if (args.columns !== undefined) columnsOf(args.columns, errors);
  const optional = (path: "shardCount" | "coldAfterDays" | "expireAfterDays", maximum: number) =>
    args[path] === undefined ? undefined : errors.input(path, args[path], 1, wholeNumber(1, maximum));
  const days = 100 * 365;
  const checked = {
    shardCount: optional("shardCount", 10_000),
    retentionHours: errors.input("retentionHours", args.retentionHours, 24, wholeNumber(24, 8_760, "hours")),
    maximumMessageSize: errors.input(
      "maximumMessageSize",
      args.maximumMessageSize,
      1_048_576,
      wholeNumber(1, 10_485_760, "bytes"),
    ),
    batchSize: errors.input("batchSize", args.batchSize, 10_000, wholeNumber(1, 10_000)),
    batchingWindow: errors.input("batchingWindow", args.batchingWindow, 60, wholeNumber(0, 300, "seconds")),
    maximumRetryAttempts: errors.input("maximumRetryAttempts", args.maximumRetryAttempts, 100, wholeNumber(0, 10_000)),
    maximumRecordAge: errors.input(
      "maximumRecordAge",
      args.maximumRecordAge,
      12 * 3600,
      wholeNumber(60, 604_800, "seconds"),
    ),
    coldAfterDays: optional("coldAfterDays", days),
    expireAfterDays: optional("expireAfterDays", days),
  };
  const { maximumRecordAge: age, retentionHours: hours = 24, coldAfterDays: cold, expireAfterDays: gone } = args;
  if (typeof age === "number" && typeof hours === "number" && age > hours * 3600) {
    errors.add("maximumRecordAge", `is ${age} s, but the stream forgets after ${hours} hours (retentionHours)`);
  }
  if (typeof cold === "number" && typeof gone === "number" && gone <= cold) {
    errors.add("expireAfterDays", `is ${gone}, so nothing is left to be moved after ${cold} days (coldAfterDays)`);
  }
  errors.throwIfAny();
  return checked;
}
