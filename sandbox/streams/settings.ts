import type { DeliverySettings, KinesisRecord } from "./deliver";
import { compilePattern } from "./eventPattern";

/** A mapping as CreateEventSourceMapping and UpdateEventSourceMapping take it. */
export type MappingRequest = Readonly<Record<string, unknown>>;

/** The same, read and completed with AWS's defaults. */
export interface MappingSettings extends DeliverySettings {
  readonly streamArn: string;
  /** With its qualifier, if it has one. */
  readonly functionArn: string;
  readonly startingPosition: "TRIM_HORIZON" | "LATEST" | "AT_TIMESTAMP";
  readonly startingTimestamp: Date | undefined;
  readonly batchSize: number;
  /** Seconds. */
  readonly batchingWindow: number;
  readonly onFailure: string | undefined;
  passes(record: KinesisRecord): boolean;
}

/** What a mapping asks for that cannot be had; Lambda answers with InvalidParameterValueException. */
export class InvalidMappingError extends Error {}

/** @throws InvalidMappingError, PatternError */
export function readSettings(request: MappingRequest, functionArn: string): MappingSettings {
  const tumbling = number(request, "TumblingWindowInSeconds", 0, 900, 0);
  if (tumbling !== 0) throw new InvalidMappingError("TumblingWindowInSeconds is not implemented on the local cloud");
  const startingPosition = request.StartingPosition as MappingSettings["startingPosition"];
  if (!["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"].includes(startingPosition)) {
    throw new InvalidMappingError(
      `StartingPosition must be TRIM_HORIZON, LATEST or AT_TIMESTAMP, not ${startingPosition}`,
    );
  }
  const criteria = request.FilterCriteria as { Filters?: { Pattern?: string }[] } | undefined;
  const filters = (criteria?.Filters ?? []).map(({ Pattern = "" }) => compilePattern(Pattern));
  const destinations = request.DestinationConfig as { OnFailure?: { Destination?: string } } | undefined;
  return {
    streamArn: request.EventSourceArn as string,
    functionArn,
    startingPosition,
    startingTimestamp: request.StartingPositionTimestamp
      ? new Date(Number(request.StartingPositionTimestamp) * 1000)
      : undefined,
    batchSize: number(request, "BatchSize", 1, 10_000, 100),
    batchingWindow: number(request, "MaximumBatchingWindowInSeconds", 0, 300, 0),
    bisect: request.BisectBatchOnFunctionError === true,
    partialResponses: ((request.FunctionResponseTypes ?? []) as string[]).includes("ReportBatchItemFailures"),
    maximumRetryAttempts: number(request, "MaximumRetryAttempts", -1, 10_000, -1),
    maximumRecordAge: number(request, "MaximumRecordAgeInSeconds", -1, 604_800, -1),
    onFailure: destinations?.OnFailure?.Destination || undefined,
    passes: (record) => filters.length === 0 || filters.some((filter) => filter(filterable(record))),
  };
}

function number(request: MappingRequest, key: string, minimum: number, maximum: number, fallback: number): number {
  const value = request[key] ?? fallback;
  if (typeof value === "number" && value >= minimum && value <= maximum) return value;
  throw new InvalidMappingError(`${key} must be a number from ${minimum} to ${maximum}, not ${JSON.stringify(value)}`);
}

/** What filters see: the record's own fields, and its data where that is JSON. */
function filterable({ kinesis, ...event }: KinesisRecord): unknown {
  const { data, ...metadata } = kinesis;
  try {
    return { ...event, ...metadata, data: JSON.parse(Buffer.from(data, "base64").toString("utf8")) };
  } catch {
    return { ...event, ...metadata };
  }
}
