import type { StreamRecord } from "../../common/streams";

/** How often and how long a batch is tried. */
export interface DeliverySettings {
  readonly bisect: boolean;
  /** Whether the function answers with `batchItemFailures`. */
  readonly partialResponses: boolean;
  /** -1: without end. */
  readonly maximumRetryAttempts: number;
  /** Seconds; -1: without end. */
  readonly maximumRecordAge: number;
}

/** What came of one call of the function. */
export interface CallResult {
  /** `Handled` or `Unhandled` when it failed. */
  readonly functionError?: string;
  /** What it answered, parsed. */
  readonly payload: unknown;
}

/** Records that are given up, and why. */
export interface GivenUp {
  readonly records: readonly StreamRecord[];
  readonly condition: "RetryAttemptsExhausted" | "RecordAgeExceeded";
  readonly calls: number;
  readonly functionError?: string;
}

/** Whatever throws ends the delivery; what was not told to `done` by then is to be delivered again. */
export interface DeliveryMeans {
  /** @returns `notReached` when the function did not get them: it is throttled, or Lambda does not answer */
  call(records: readonly StreamRecord[]): Promise<CallResult | "notReached">;
  /** Comes back when the destination has it. */
  giveUp(failure: GivenUp): Promise<void>;
  /** Takes note, in order, of the last record of those that are done or given up. */
  done(last: StreamRecord): void;
  /** Waits before a retry, counted from 1. */
  pause(retry: number): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * Hands a batch to a function until each of its records is done or given up, in order, as Lambda does: from the first
 * record that failed, in halves, within the limits of retries and age. Halving does not count as a retry, nor does a call
 * that did not reach the function.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-errors.html
 */
export async function deliver(
  batch: readonly StreamRecord[],
  settings: DeliverySettings,
  means: DeliveryMeans,
): Promise<void> {
  let records = batch;
  let retries = 0;
  let notReached = 0;
  let calls = 0;
  let functionError: string | undefined;
  const settle = (count: number) => {
    means.done(records[count - 1] as StreamRecord);
    records = records.slice(count);
  };
  while (records.length > 0) {
    const expired = countExpired(records, settings.maximumRecordAge, means.now());
    if (expired > 0) {
      await means.giveUp({ records: records.slice(0, expired), condition: "RecordAgeExceeded", calls, functionError });
      settle(expired);
      continue;
    }
    const result = await means.call(records);
    if (result === "notReached") {
      notReached += 1;
      await means.pause(notReached);
      continue;
    }
    notReached = 0;
    calls += 1;
    functionError = result.functionError;
    const done = countDone(records, result, settings);
    if (done > 0) {
      settle(done);
      retries = calls = 0;
    } else if (settings.bisect && records.length > 1) {
      const middle = Math.ceil(records.length / 2);
      await deliver(records.slice(0, middle), settings, means);
      records = records.slice(middle);
      retries = calls = 0;
    } else if (settings.maximumRetryAttempts >= 0 && retries >= settings.maximumRetryAttempts) {
      await means.giveUp({ records, condition: "RetryAttemptsExhausted", calls, functionError });
      settle(records.length);
    } else {
      retries += 1;
      await means.pause(retries);
    }
  }
}

/** Records arrive in order, so those that are too old are the first. */
function countExpired(records: readonly StreamRecord[], maximumAge: number, now: number): number {
  if (maximumAge < 0) return 0;
  const young = records.findIndex(({ arrived }) => now / 1000 - arrived <= maximumAge);
  return young < 0 ? records.length : young;
}

/** How many records from the first on are done with; an answer that names no record of the batch counts for none. */
function countDone(
  records: readonly StreamRecord[],
  { functionError, payload }: CallResult,
  { partialResponses }: DeliverySettings,
): number {
  if (functionError !== undefined) return 0;
  const failures = partialResponses
    ? (payload as { batchItemFailures?: unknown } | null)?.batchItemFailures
    : undefined;
  if (!Array.isArray(failures) || failures.length === 0) return records.length;
  const places = failures.map((failure) =>
    records.findIndex(({ sequenceNumber }) => sequenceNumber === failure?.itemIdentifier),
  );
  return places.includes(-1) ? 0 : Math.min(...places);
}
