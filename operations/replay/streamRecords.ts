import { type LambdaClient, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import { compilePattern, filterable, openStream, type StreamRecord } from "../../common/streams";
import type { StreamFailure } from "./failures";

/** Pages that are read for one failure at most: those of a stream may be empty on the way. */
const PAGES = 200;

/** Reads records that a function was given up on from their stream, as the events that the function gets. */
export class StreamRecords {
  constructor(
    private readonly config: { readonly region: string },
    private readonly lambda: LambdaClient,
  ) {}

  /** @throws Error that says so when the stream has forgotten them */
  async read(failure: StreamFailure): Promise<unknown[]> {
    const { firstSequenceNumber, lastSequenceNumber, streamArn, shardId } = failure;
    const source = openStream(streamArn, this.config);
    const found: StreamRecord[] = [];
    try {
      let next = await source.begin(shardId, { type: "AT_SEQUENCE_NUMBER", sequenceNumber: firstSequenceNumber });
      for (let page = 0; page < PAGES && next !== undefined; page++) {
        const read = await source.read(next, shardId);
        const upTo = read.records.filter(({ sequenceNumber }) => BigInt(sequenceNumber) <= BigInt(lastSequenceNumber));
        found.push(...upTo);
        if (upTo.length < read.records.length || upTo.at(-1)?.sequenceNumber === lastSequenceNumber) break;
        next = read.next;
      }
    } catch (error) {
      if (!forgotten.has((error as Error).name)) throw error;
    } finally {
      source.close();
    }
    if (found[0]?.sequenceNumber !== firstSequenceNumber) {
      throw new Error(`the stream keeps the records from ${firstSequenceNumber} on no longer`);
    }
    const passes = await this.filterOf(failure);
    return found.map(({ event }) => event).filter(passes);
  }

  /** Those that the function's mapping lets through: the stream has the others, too. */
  private async filterOf({ functionArn, streamArn }: StreamFailure): Promise<(record: object) => boolean> {
    const { EventSourceMappings = [] } = await this.lambda.send(
      new ListEventSourceMappingsCommand({ FunctionName: functionArn, EventSourceArn: streamArn }),
    );
    const filters = EventSourceMappings.flatMap(({ FilterCriteria }) => FilterCriteria?.Filters ?? []);
    const patterns = filters.map(({ Pattern = "{}" }) => compilePattern(Pattern));
    return (record) => patterns.length === 0 || patterns.some((passes) => passes(filterable(record)));
  }
}

/** How streams say that a sequence number is older than all that they keep, or that they are gone themselves. */
const forgotten = new Set(["TrimmedDataAccessException", "ResourceNotFoundException"]);
