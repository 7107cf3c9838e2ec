/** A record of a stream. */
export interface StreamRecord {
  readonly sequenceNumber: string;
  /** When it came into the stream: seconds since 1970. */
  readonly arrived: number;
  /** As Lambda hands it to a function. */
  readonly event: object;
  /** Of the event, about. */
  readonly bytes: number;
}

export interface Shard {
  readonly shardId: string;
  readonly parentShardId: string | undefined;
}

/** Where in a shard to begin. */
export type Position =
  | { readonly type: "TRIM_HORIZON" | "LATEST" }
  | { readonly type: "AT_TIMESTAMP"; readonly timestamp: Date | undefined }
  | { readonly type: "AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER"; readonly sequenceNumber: string };

export interface Page {
  readonly records: readonly StreamRecord[];
  /** Undefined when the shard has ended. */
  readonly next: string | undefined;
}

/** A stream that functions read by event source mappings: of Kinesis, or of a DynamoDB table. */
export interface StreamSource {
  readonly streamArn: string;
  /** What the document of a failure calls the place of its records. */
  readonly batchInfo: "KinesisBatchInfo" | "DDBStreamBatchInfo";
  shards(): Promise<Shard[]>;
  /** An iterator for `read`. */
  begin(shardId: string, position: Position): Promise<string | undefined>;
  read(iterator: string, shardId: string): Promise<Page>;
  close(): void;
}

/** Who reads: Lambda hands it over with records of Kinesis. */
export interface ReadAs {
  readonly roleArn?: string;
}
