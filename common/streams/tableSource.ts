import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  type DynamoDBStreamsClientConfig,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import type { Page, Position, Shard, StreamSource } from "./streamSource";

/** The stream of a DynamoDB table. */
export class TableSource implements StreamSource {
  readonly batchInfo = "DDBStreamBatchInfo";
  private readonly streams: DynamoDBStreamsClient;

  constructor(
    readonly streamArn: string,
    config: DynamoDBStreamsClientConfig,
  ) {
    this.streams = new DynamoDBStreamsClient(config);
  }

  async shards(): Promise<Shard[]> {
    const shards: Shard[] = [];
    let last: string | undefined;
    do {
      const { StreamDescription } = await this.streams.send(
        new DescribeStreamCommand({ StreamArn: this.streamArn, ExclusiveStartShardId: last }),
      );
      for (const { ShardId = "", ParentShardId } of StreamDescription?.Shards ?? []) {
        shards.push({ shardId: ShardId, parentShardId: ParentShardId });
      }
      last = StreamDescription?.LastEvaluatedShardId;
    } while (last !== undefined);
    return shards;
  }

  async begin(ShardId: string, position: Position): Promise<string | undefined> {
    if (position.type === "AT_TIMESTAMP") throw new Error("the stream of a table can't be read from a moment on");
    const { ShardIterator } = await this.streams.send(
      new GetShardIteratorCommand({
        StreamArn: this.streamArn,
        ShardId,
        ShardIteratorType: position.type,
        SequenceNumber: "sequenceNumber" in position ? position.sequenceNumber : undefined,
      }),
    );
    return ShardIterator;
  }

  async read(ShardIterator: string): Promise<Page> {
    const { Records = [], NextShardIterator } = await this.streams.send(new GetRecordsCommand({ ShardIterator }));
    const records = Records.map(({ dynamodb, userIdentity, ...record }) => {
      // Lambda has whole seconds.
      const arrived = Math.floor((dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1000);
      const event = {
        ...record,
        ...(userIdentity && { userIdentity: { principalId: userIdentity.PrincipalId, type: userIdentity.Type } }),
        dynamodb: { ...asJson(dynamodb), ApproximateCreationDateTime: arrived },
        eventSourceARN: this.streamArn,
      };
      const bytes = dynamodb?.SizeBytes ?? 0;
      return { sequenceNumber: dynamodb?.SequenceNumber ?? "", arrived, event, bytes };
    });
    return { records, next: NextShardIterator };
  }

  close(): void {
    this.streams.destroy();
  }
}

/** Binary values as base64, as events have them. */
function asJson(value: unknown): object {
  const text = JSON.stringify(value ?? {}, function (this: Record<string, unknown>, key, found) {
    const bytes = this[key];
    return bytes instanceof Uint8Array ? Buffer.from(bytes).toString("base64") : found;
  });
  return JSON.parse(text);
}
