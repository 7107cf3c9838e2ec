import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { quarantined, stored } from "../../functions/telemetry/telemetryRecords";
import { queries } from "./telemetryBucket";

export interface TelemetryCatalogArgs {
  readonly bucket: aws.s3.Bucket;
  /** The type of the column `payload`, as Hive has it. */
  readonly payloadType: string;
  /** The days there can be data of, `YYYY-MM-DD` or, for the last, `NOW`. */
  readonly firstDate: string;
  readonly lastDate: string;
}

/**
 * What makes SQL of the objects: a Glue database with the tables `telemetry` and `quarantine`, and an Athena workgroup.
 * Athena works out partitions from the query's `dt` and `hour`, so nobody adds any and no crawler runs.
 */
export class TelemetryCatalog extends pulumi.ComponentResource {
  readonly database: aws.glue.CatalogDatabase;
  readonly telemetry: aws.glue.CatalogTable;
  readonly quarantine: aws.glue.CatalogTable;
  readonly workgroup: aws.athena.Workgroup;

  constructor(name: string, args: TelemetryCatalogArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:telemetry:TelemetryCatalog", name, {}, opts);
    const { bucket, payloadType } = args;
    const parent = { parent: this };

    this.database = new aws.glue.CatalogDatabase(
      `${name}-database`,
      { name: databaseName(name), description: `What the pipeline ${name} has stored` },
      parent,
    );
    const table = (prefix: string, description: string, columns: { name: string; type: string; comment: string }[]) =>
      new aws.glue.CatalogTable(
        `${name}-${prefix}`,
        {
          databaseName: this.database.name,
          name: prefix,
          description,
          tableType: "EXTERNAL_TABLE",
          parameters: {
            EXTERNAL: "TRUE",
            classification: "json",
            compressionType: "gzip",
            "projection.enabled": "true",
            "projection.dt.type": "date",
            "projection.dt.format": "yyyy-MM-dd",
            "projection.dt.range": `${args.firstDate},${args.lastDate}`,
            "projection.hour.type": "integer",
            "projection.hour.range": "0,23",
            "projection.hour.digits": "2",
            "storage.location.template": pulumi.interpolate`s3://${bucket.bucket}/${prefix}/dt=\${dt}/hour=\${hour}/`,
          },
          partitionKeys: [
            { name: "dt", type: "string", comment: "The day it arrived, YYYY-MM-DD in UTC" },
            { name: "hour", type: "string", comment: "The hour it arrived, 00 to 23 in UTC" },
          ],
          storageDescriptor: {
            location: pulumi.interpolate`s3://${bucket.bucket}/${prefix}/`,
            inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
            outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            compressed: true,
            columns,
            serDeInfo: {
              serializationLibrary: "org.openx.data.jsonserde.JsonSerDe",
              // JSON may have a key twice, which this reader refuses: the row then reads as nulls, and the query goes on.
              parameters: { "ignore.malformed.json": "true" },
            },
          },
        },
        parent,
      );
    const common = [
      { name: "topic", type: "string", comment: "The MQTT topic" },
      { name: "arrived", type: "timestamp", comment: "When it arrived, UTC" },
      { name: "sequence", type: "string", comment: "Kinesis's number of the record; no two are the same in a shard" },
    ];
    this.telemetry = table(stored, "Messages of devices", [
      ...common,
      { name: "payload", type: payloadType, comment: "What the device sent, or what was made of it" },
    ]);
    this.quarantine = table(quarantined, "Messages that could not be stored", [
      ...common,
      { name: "reason", type: "string", comment: "Why" },
      { name: "bytes", type: "string", comment: "The payload as it came, in base64" },
    ]);
    this.workgroup = new aws.athena.Workgroup(
      `${name}-queries`,
      {
        description: `Queries over what the pipeline ${name} has stored`,
        forceDestroy: true,
        configuration: {
          enforceWorkgroupConfiguration: true,
          publishCloudwatchMetricsEnabled: true,
          resultConfiguration: {
            outputLocation: pulumi.interpolate`s3://${bucket.bucket}/${queries}/`,
            encryptionConfiguration: { encryptionOption: "SSE_S3" },
          },
        },
      },
      parent,
    );
    this.registerOutputs({
      database: this.database,
      telemetry: this.telemetry,
      quarantine: this.quarantine,
      workgroup: this.workgroup,
    });
  }
}

/** Named by us: a "-", as in Pulumi's automatic names, would have to be quoted in every query. */
function databaseName(name: string): string {
  return `${pulumi.getProject()}_${pulumi.getStack()}_${name}`
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, "_")
    .slice(0, 255);
}
