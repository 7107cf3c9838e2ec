import { type LambdaClient, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import { compilePattern, filterable, openStream, PatternError, type StreamRecord } from "../../common/streams";
import type { StreamFailure } from "./failures";

/** Pages that are read for one failure at most: those of a stream may be empty on the way. */
const PAGES = 200;

/** Reads records that a function was given up on from their stream, as the events that the function gets. */
export class StreamRecords {
  constructor(
    private readonly config: { readonly region: string },
    private readonly lambda: LambdaClient,
  ) {}

  /** @throws Error that says so when the stream has forgotten them, or when it can't be told which the mapping lets through */
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
    // Sent in part, the message would be deleted with all of them.
    if (found.at(-1)?.sequenceNumber !== lastSequenceNumber) {
      throw new Error(`the stream gives the records up to ${lastSequenceNumber} only in part; nothing was sent`);
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
    const patterns = filters.map(({ Pattern = "{}" }) => compile(Pattern, functionArn));
    return (record) => patterns.length === 0 || patterns.some((passes) => passes(filterable(record)));
  }
}

/** A function may count on its filter, so nothing goes past one that can't be judged. */
function compile(pattern: string, functionArn: string): (record: unknown) => boolean {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new Error(
      `replay can't tell which records the filter of the mapping to ${functionArn} lets through: ${error.message}. Nothing was ` +
        "sent, and the message waits as it was. Add the rule to common/streams/eventPattern.ts and replay again",
    );
  }
}

/** How streams say that a sequence number is older than all that they keep, or that they are gone themselves. */
const forgotten = new Set(["TrimmedDataAccessException", "ResourceNotFoundException"]);
