import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  type KinesisClientConfig,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { Page, Position, ReadAs, Shard, StreamSource } from "./streamSource";

/** What a record adds to an event beside its data. */
const ENVELOPE_BYTES = 500;

/** A stream of Kinesis. */
export class KinesisSource implements StreamSource {
  readonly batchInfo = "KinesisBatchInfo";
  private readonly kinesis: KinesisClient;

  constructor(
    readonly streamArn: string,
    config: KinesisClientConfig,
    private readonly readAs: ReadAs = {},
  ) {
    // HTTP/1.1, as everything else; the Kinesis client would speak HTTP/2.
    this.kinesis = new KinesisClient({ requestHandler: new NodeHttpHandler(), ...config });
  }

  async shards(): Promise<Shard[]> {
    const { Shards = [] } = await this.kinesis.send(new ListShardsCommand({ StreamARN: this.streamArn }));
    return Shards.map(({ ShardId = "", ParentShardId }) => ({ shardId: ShardId, parentShardId: ParentShardId }));
  }

  async begin(ShardId: string, position: Position): Promise<string | undefined> {
    const { ShardIterator } = await this.kinesis.send(
      new GetShardIteratorCommand({
        StreamARN: this.streamArn,
        ShardId,
        ShardIteratorType: position.type,
        StartingSequenceNumber: "sequenceNumber" in position ? position.sequenceNumber : undefined,
        Timestamp: "timestamp" in position ? position.timestamp : undefined,
      }),
    );
    return ShardIterator;
  }

  async read(ShardIterator: string, shardId: string): Promise<Page> {
    const { Records = [], NextShardIterator } = await this.kinesis.send(
      new GetRecordsCommand({ StreamARN: this.streamArn, ShardIterator, Limit: 10_000 }),
    );
    const records = Records.map(({ SequenceNumber = "", PartitionKey = "", Data, ApproximateArrivalTimestamp }) => {
      const arrived = (ApproximateArrivalTimestamp?.getTime() ?? 0) / 1000;
      const data = Buffer.from(Data ?? []).toString("base64");
      return {
        sequenceNumber: SequenceNumber,
        arrived,
        bytes: data.length + PartitionKey.length + ENVELOPE_BYTES,
        event: {
          kinesis: {
            kinesisSchemaVersion: "1.0",
            partitionKey: PartitionKey,
            sequenceNumber: SequenceNumber,
            data,
            approximateArrivalTimestamp: arrived,
          },
          eventSource: "aws:kinesis",
          eventVersion: "1.0",
          eventID: `${shardId}:${SequenceNumber}`,
          eventName: "aws:kinesis:record",
          invokeIdentityArn: this.readAs.roleArn,
          awsRegion: this.streamArn.split(":")[3],
          eventSourceARN: this.streamArn,
        },
      };
    });
    return { records, next: NextShardIterator };
  }

  close(): void {
    this.kinesis.destroy();
  }
}
