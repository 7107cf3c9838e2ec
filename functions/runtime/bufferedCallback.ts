import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Context, KinesisStreamEvent, SQSEvent } from "aws-lambda";
import { isDryRun } from "./dryRun";

type Callback = (event: never, context: Context) => Promise<unknown>;
type Response = { readonly batchItemFailures: { readonly itemIdentifier: string }[] };

/** A message that a callback failed on. */
interface Failure {
  readonly event: unknown;
  /** What it came from, for a replay: of the record, `aws:sqs` or `aws:kinesis`, and the ARN. */
  readonly source: { readonly eventSource: string; readonly eventSourceARN: string };
  readonly error: unknown;
  readonly calls: number;
}

/**
 * What the failure queue gets: the document that Lambda itself sends when an asynchronous call has failed for good, so that
 * whoever reads the queue need not know what stands between rule and function.
 */
export function failureDocument(
  { event, source, error, calls }: Failure,
  { awsRequestId, invokedFunctionArn }: Context,
): object {
  const { name = "Error", message = String(error), stack = "" } = error instanceof Error ? error : {};
  return {
    version: "1.0",
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: awsRequestId,
      functionArn: invokedFunctionArn,
      condition: "RetriesExhausted",
      approximateInvokeCount: calls,
    },
    requestPayload: event,
    eventSource: source.eventSource,
    eventSourceARN: source.eventSourceARN,
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload: { errorType: name, errorMessage: message, trace: stack.split("\n") },
  };
}

/** The message of a rule; what is not JSON is kept as base64, and told by its error. */
function read(bytes: Buffer): { event: unknown; error?: Error } {
  try {
    return { event: JSON.parse(bytes.toString("utf8")) };
  } catch (error) {
    return { event: { base64: bytes.toString("base64") }, error: new Error(`not JSON: ${(error as Error).message}`) };
  }
}

/**
 * Runs a callback for each message of an SQS batch. A message that it fails on comes back after the visibility timeout, and
 * goes to the failure queue when it was tried as often as an asynchronous call would be.
 *
 * Environment: FAILURE_QUEUE_URL, MAXIMUM_ATTEMPTS.
 */
export function queueCallback(callbackFactory: () => Callback) {
  const callback = callbackFactory();
  const sqs = new SQSClient({});

  return async ({ Records }: SQSEvent, context: Context): Promise<Response> => {
    const batchItemFailures: { itemIdentifier: string }[] = [];
    for (const { messageId, body, attributes, ...source } of Records) {
      const { event, error: unreadable } = read(Buffer.from(body));
      try {
        if (unreadable) throw unreadable;
        await callback(event as never, context);
      } catch (error) {
        console.error(error);
        if (isDryRun(context)) throw error;
        const calls = Number(attributes.ApproximateReceiveCount);
        const last = unreadable !== undefined || calls >= Number(process.env.MAXIMUM_ATTEMPTS);
        const told = last && (await tell(sqs, { event, source, error, calls }, context));
        if (!told) batchItemFailures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures };
  };
}

/**
 * Runs a callback for each record of a Kinesis batch, in order. A record that it fails on is tried again at once, and then
 * goes to the failure queue, so that it holds up those behind it no longer than that.
 *
 * Environment: FAILURE_QUEUE_URL, MAXIMUM_ATTEMPTS.
 */
export function streamCallback(callbackFactory: () => Callback) {
  const callback = callbackFactory();
  const sqs = new SQSClient({});

  async function attempt(event: unknown, context: Context): Promise<Omit<Failure, "event" | "source"> | undefined> {
    const attempts = Number(process.env.MAXIMUM_ATTEMPTS);
    for (let calls = 1; ; calls++) {
      try {
        await callback(event as never, context);
        return undefined;
      } catch (error) {
        console.error(error);
        if (isDryRun(context)) throw error;
        if (calls >= attempts) return { error, calls };
        await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** calls));
      }
    }
  }

  return async ({ Records }: KinesisStreamEvent, context: Context): Promise<Response> => {
    for (const { kinesis, ...source } of Records) {
      const { event, error } = read(Buffer.from(kinesis.data, "base64"));
      const failure = error ? { error, calls: 0 } : await attempt(event, context);
      if (failure && !(await tell(sqs, { event, source, ...failure }, context))) {
        return { batchItemFailures: [{ itemIdentifier: kinesis.sequenceNumber }] };
      }
    }
    return { batchItemFailures: [] };
  };
}

/** @returns whether the failure is in the queue */
async function tell(sqs: SQSClient, failure: Failure, context: Context): Promise<boolean> {
  try {
    const MessageBody = JSON.stringify(failureDocument(failure, context));
    await sqs.send(new SendMessageCommand({ QueueUrl: process.env.FAILURE_QUEUE_URL, MessageBody }));
    return true;
  } catch (error) {
    console.error(error);
    return false;
  }
}
