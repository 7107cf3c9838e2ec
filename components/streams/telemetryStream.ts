import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { AlarmGroup } from "../observability/alarmGroup";
import type { OperationsArgs } from "../observability/operations";
import { watchStream } from "../observability/resourceAlarms";

export interface TelemetryStreamArgs extends OperationsArgs {
  /** Shards of a provisioned stream; without it the stream is on-demand and scales by itself. */
  readonly shardCount?: pulumi.Input<number>;
  /**
   * Hours that records can be read again, 24 to 8,760.
   * @default 24
   */
  readonly retentionHours?: pulumi.Input<number>;
}

/** An encrypted Kinesis stream, with an alarm that rings when writers are throttled. */
export class TelemetryStream extends pulumi.ComponentResource {
  readonly stream: aws.kinesis.Stream;

  constructor(
    name: string,
    args: TelemetryStreamArgs & { readonly protect?: boolean },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("thingstack:telemetry:TelemetryStream", name, {}, opts);
    const { shardCount, retentionHours = 24, protect = false } = args;
    const alarms = AlarmGroup.of(this, name, args);

    this.stream = new aws.kinesis.Stream(
      `${name}-stream`,
      {
        shardCount,
        streamModeDetails: { streamMode: shardCount === undefined ? "ON_DEMAND" : "PROVISIONED" },
        retentionPeriod: retentionHours,
        encryptionType: "KMS",
        kmsKeyId: "alias/aws/kinesis",
      },
      { parent: this, protect },
    );
    watchStream(alarms, name, this.stream, { parent: this });
    alarms.close(this);
    this.registerOutputs({ stream: this.stream });
  }
}
