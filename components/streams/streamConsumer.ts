import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Handler } from "../lambda/handler";
import { AlarmGroup } from "../observability/alarmGroup";
import type { OperationsArgs } from "../observability/operations";
import { watchConsumer } from "../observability/resourceAlarms";

export interface StreamConsumerArgs extends OperationsArgs {
  readonly stream: aws.kinesis.Stream;
  /** Gets the batches; has to answer with `batchItemFailures`. What fails for good goes to its failure queue. */
  readonly handler: Handler<never, unknown>;
  /** Records of a batch at most, 1 to 10,000; 6 MB limit it, too. */
  readonly batchSize: pulumi.Input<number>;
  /** Seconds that a batch is gathered at most, 0 to 300. */
  readonly batchingWindow: pulumi.Input<number>;
  /** Retries of a batch that fails as a whole, 0 to 10,000. */
  readonly maximumRetryAttempts: pulumi.Input<number>;
  /** Seconds after which a record is not tried any more, 60 to 604,800. */
  readonly maximumRecordAge: pulumi.Input<number>;
}

/**
 * Lets a function read a Kinesis stream so that no record stops it: a failed batch is tried again from its first failed
 * record, halved, and set aside after its retries or its age. An alarm rings when the function is behind.
 */
export class StreamConsumer extends pulumi.ComponentResource {
  readonly mapping: aws.lambda.EventSourceMapping;

  constructor(name: string, args: StreamConsumerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:telemetry:StreamConsumer", name, {}, opts);
    const { handler, stream } = args;
    const alarms = AlarmGroup.of(this, name, args);

    this.mapping = new aws.lambda.EventSourceMapping(
      `${name}-mapping`,
      {
        eventSourceArn: stream.arn,
        functionName: handler.arn,
        startingPosition: "TRIM_HORIZON",
        batchSize: args.batchSize,
        maximumBatchingWindowInSeconds: args.batchingWindow,
        functionResponseTypes: ["ReportBatchItemFailures"],
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: args.maximumRetryAttempts,
        maximumRecordAgeInSeconds: args.maximumRecordAge,
        destinationConfig: { onFailure: { destinationArn: handler.failures.queue.arn } },
      },
      { parent: this },
    );
    watchConsumer(alarms, name, { functionName: handler.name }, { parent: this });
    alarms.close(this);
    this.registerOutputs({ mapping: this.mapping });
  }
}
