import { compilePattern, filterable, isOfTable, type Position } from "../../common/streams";
import type { DeliverySettings } from "./deliver";

/** A mapping as CreateEventSourceMapping and UpdateEventSourceMapping take it. */
export type MappingRequest = Readonly<Record<string, unknown>>;

/** The same, read and completed with AWS's defaults. */
export interface MappingSettings extends DeliverySettings {
  readonly streamArn: string;
  /** With its qualifier, if it has one. */
  readonly functionArn: string;
  readonly start: Position;
  readonly batchSize: number;
  /** Seconds. */
  readonly batchingWindow: number;
  readonly onFailure: string | undefined;
  passes(event: object): boolean;
}

/** What a mapping asks for that cannot be had; Lambda answers with InvalidParameterValueException. */
export class InvalidMappingError extends Error {}

/** @throws InvalidMappingError, PatternError */
export function readSettings(request: MappingRequest, functionArn: string): MappingSettings {
  const tumbling = number(request, "TumblingWindowInSeconds", 0, 900, 0);
  if (tumbling !== 0) throw new InvalidMappingError("TumblingWindowInSeconds is not implemented on the local cloud");
  const criteria = request.FilterCriteria as { Filters?: { Pattern?: string }[] } | undefined;
  const filters = (criteria?.Filters ?? []).map(({ Pattern = "" }) => compilePattern(Pattern));
  const destinations = request.DestinationConfig as { OnFailure?: { Destination?: string } } | undefined;
  return {
    streamArn: request.EventSourceArn as string,
    functionArn,
    start: startOf(request),
    batchSize: number(request, "BatchSize", 1, 10_000, 100),
    batchingWindow: number(request, "MaximumBatchingWindowInSeconds", 0, 300, 0),
    bisect: request.BisectBatchOnFunctionError === true,
    partialResponses: ((request.FunctionResponseTypes ?? []) as string[]).includes("ReportBatchItemFailures"),
    maximumRetryAttempts: number(request, "MaximumRetryAttempts", -1, 10_000, -1),
    maximumRecordAge: number(request, "MaximumRecordAgeInSeconds", -1, 604_800, -1),
    onFailure: destinations?.OnFailure?.Destination || undefined,
    passes: (event) => filters.length === 0 || filters.some((filter) => filter(filterable(event))),
  };
}

function number(request: MappingRequest, key: string, minimum: number, maximum: number, fallback: number): number {
  const value = request[key] ?? fallback;
  if (typeof value === "number" && value >= minimum && value <= maximum) return value;
  throw new InvalidMappingError(`${key} must be a number from ${minimum} to ${maximum}, not ${JSON.stringify(value)}`);
}

function startOf({ StartingPosition, StartingPositionTimestamp, EventSourceArn }: MappingRequest): Position {
  const types = ["TRIM_HORIZON", "LATEST", ...(isOfTable(String(EventSourceArn)) ? [] : ["AT_TIMESTAMP"])];
  if (!types.includes(StartingPosition as string)) {
    throw new InvalidMappingError(`StartingPosition must be one of ${types.join(", ")}, not ${StartingPosition}`);
  }
  const timestamp = StartingPositionTimestamp ? new Date(Number(StartingPositionTimestamp) * 1000) : undefined;
  return { type: StartingPosition as "AT_TIMESTAMP", timestamp };
}
