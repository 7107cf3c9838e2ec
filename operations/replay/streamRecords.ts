import * as dynamo from "@aws-sdk/client-dynamodb-streams";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import * as kinesis from "@aws-sdk/client-kinesis";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { compilePattern } from "../../sandbox/streams/eventPattern";
import type { StreamFailure } from "./failures";

interface Page {
  /** As Lambda hands them to a function. */
  readonly records: readonly { readonly sequenceNumber: string; readonly event: unknown }[];
  readonly next: string | undefined;
}

/** Pages that are read for one failure at most: those of a stream may be empty on the way. */
const PAGES = 200;

/** Reads records that a function was given up on from their stream, as the events that the function gets. */
export class StreamRecords {
  private readonly kinesis: kinesis.KinesisClient;
  private readonly dynamo: DynamoDBStreamsClient;

  constructor(
    config: { readonly region: string },
    private readonly lambda: LambdaClient,
  ) {
    // HTTP/1.1, as everything else; the Kinesis client would speak HTTP/2.
    this.kinesis = new kinesis.KinesisClient({ ...config, requestHandler: new NodeHttpHandler() });
    this.dynamo = new DynamoDBStreamsClient(config);
  }

  /** @throws Error that says so when the stream has forgotten them */
  async read(failure: StreamFailure): Promise<unknown[]> {
    const { firstSequenceNumber, lastSequenceNumber, streamArn } = failure;
    const isKinesis = streamArn.split(":")[2] === "kinesis";
    const found: Page["records"][number][] = [];
    let next = await (isKinesis ? this.kinesisStart(failure) : this.dynamoStart(failure));
    for (let page = 0; page < PAGES && next !== undefined; page++) {
      const read: Page = await (isKinesis ? this.kinesisPage(next, failure) : this.dynamoPage(next, failure));
      const upTo = read.records.filter(({ sequenceNumber }) => BigInt(sequenceNumber) <= BigInt(lastSequenceNumber));
      found.push(...upTo);
      if (upTo.length < read.records.length || upTo.at(-1)?.sequenceNumber === lastSequenceNumber) break;
      next = read.next;
    }
    if (found[0]?.sequenceNumber !== firstSequenceNumber) {
      throw new Error(`the stream keeps the records from ${firstSequenceNumber} on no longer`);
    }
    const passes = await this.filterOf(failure);
    return found.map(({ event }) => event).filter(passes);
  }

  close(): void {
    this.kinesis.destroy();
    this.dynamo.destroy();
  }

  /** Those that the function's mapping lets through: the stream has the others, too. */
  private async filterOf({ functionArn, streamArn }: StreamFailure): Promise<(record: unknown) => boolean> {
    const { EventSourceMappings = [] } = await this.lambda.send(
      new ListEventSourceMappingsCommand({ FunctionName: functionArn, EventSourceArn: streamArn }),
    );
    const filters = EventSourceMappings.flatMap(({ FilterCriteria }) => FilterCriteria?.Filters ?? []);
    const patterns = filters.map(({ Pattern = "{}" }) => compilePattern(Pattern));
    return (record) => patterns.length === 0 || patterns.some((passes) => passes(record));
  }

  private async kinesisStart({ streamArn, shardId, firstSequenceNumber }: StreamFailure): Promise<string | undefined> {
    const { ShardIterator } = await this.kinesis.send(
      new kinesis.GetShardIteratorCommand({
        StreamName: streamArn.split("/").at(-1),
        ShardId: shardId,
        ShardIteratorType: "AT_SEQUENCE_NUMBER",
        StartingSequenceNumber: firstSequenceNumber,
      }),
    );
    return ShardIterator;
  }

  private async kinesisPage(ShardIterator: string, { streamArn, shardId }: StreamFailure): Promise<Page> {
    const { Records = [], NextShardIterator } = await this.kinesis.send(
      new kinesis.GetRecordsCommand({ ShardIterator }),
    );
    const records = Records.map(({ SequenceNumber = "", PartitionKey, Data, ApproximateArrivalTimestamp }) => ({
      sequenceNumber: SequenceNumber,
      event: {
        eventID: `${shardId}:${SequenceNumber}`,
        eventSource: "aws:kinesis",
        eventVersion: "1.0",
        eventName: "aws:kinesis:record",
        eventSourceARN: streamArn,
        awsRegion: streamArn.split(":")[3],
        kinesis: {
          kinesisSchemaVersion: "1.0",
          partitionKey: PartitionKey,
          sequenceNumber: SequenceNumber,
          data: Buffer.from(Data ?? []).toString("base64"),
          approximateArrivalTimestamp: (ApproximateArrivalTimestamp?.getTime() ?? 0) / 1000,
        },
      },
    }));
    return { records, next: NextShardIterator };
  }

  private async dynamoStart({ streamArn, shardId, firstSequenceNumber }: StreamFailure): Promise<string | undefined> {
    const { ShardIterator } = await this.dynamo.send(
      new dynamo.GetShardIteratorCommand({
        StreamArn: streamArn,
        ShardId: shardId,
        ShardIteratorType: "AT_SEQUENCE_NUMBER",
        SequenceNumber: firstSequenceNumber,
      }),
    );
    return ShardIterator;
  }

  private async dynamoPage(ShardIterator: string, { streamArn }: StreamFailure): Promise<Page> {
    const { Records = [], NextShardIterator } = await this.dynamo.send(new dynamo.GetRecordsCommand({ ShardIterator }));
    const records = Records.map(({ dynamodb, ...record }) => ({
      sequenceNumber: dynamodb?.SequenceNumber ?? "",
      event: {
        ...record,
        eventSourceARN: streamArn,
        dynamodb: {
          ...dynamodb,
          ApproximateCreationDateTime: (dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1000,
        },
      },
    }));
    return { records, next: NextShardIterator };
  }
}
