/** What a message of a failure queue tells: where it came from, why it failed, and what to send again. */
export type Failure = { readonly reason: string; readonly source: string } & (
  | CallFailure
  | BatchedFailure
  | StreamFailure
  | RuleFailure
  | RawFailure
  | UnknownFailure
);

/** A function failed on an event for good. */
export interface CallFailure {
  readonly kind: "call";
  readonly functionArn: string;
  readonly payload: unknown;
}

/** A function failed on one message of a batch from a queue or a stream. */
export interface BatchedFailure {
  readonly kind: "batched";
  readonly functionArn: string;
  readonly eventSource: string;
  readonly eventSourceArn: string;
  readonly bytes: Buffer;
}

/** A function failed on records of a stream, which still has them. */
export interface StreamFailure {
  readonly kind: "stream";
  readonly functionArn: string;
  readonly streamArn: string;
  readonly shardId: string;
  readonly firstSequenceNumber: string;
  readonly lastSequenceNumber: string;
}

/** A rule could not give a message to one of its actions. */
export interface RuleFailure {
  readonly kind: "rule";
  readonly ruleName: string;
  readonly topic: string;
  readonly payload: Buffer;
}

/** No document of a failure, but what failed itself; the stack says, or SQS remembers, what took it. */
export interface RawFailure {
  readonly kind: "raw";
  readonly targetArn: string;
  readonly body: string;
}

export interface UnknownFailure {
  readonly kind: "unknown";
}

interface FailureDocument {
  readonly requestContext?: { readonly functionArn?: string; readonly condition?: string };
  readonly requestPayload?: unknown;
  readonly responsePayload?: { readonly errorType?: string; readonly errorMessage?: string } | string;
  readonly eventSource?: string;
  readonly eventSourceARN?: string;
  readonly KinesisBatchInfo?: BatchInfo;
  readonly DDBStreamBatchInfo?: BatchInfo;
  readonly ruleName?: string;
  readonly topic?: string;
  readonly base64OriginalPayload?: string;
  readonly failures?: readonly { readonly failedAction?: string; readonly errorMessage?: string }[];
  /** Of what a state machine sets aside: the error of its task. */
  readonly error?: { readonly Error?: string; readonly Cause?: string };
}

interface BatchInfo {
  readonly shardId: string;
  readonly startSequenceNumber: string;
  readonly endSequenceNumber: string;
  readonly streamArn: string;
}

/**
 * Reads a message of a failure queue.
 * @param rawTarget ARN of the function or queue that takes a message which is no document of a failure
 */
export function readFailure(body: string, rawTarget: string | undefined): Failure {
  const found = parse(body);
  const functionArn = found?.requestContext?.functionArn;
  if (found && functionArn !== undefined) return readCall(found, functionArn);
  if (found?.ruleName !== undefined && found.base64OriginalPayload !== undefined) return readRule(found);
  const reason = found?.error
    ? `${found.error.Error ?? "Error"}: ${causeOf(found.error.Cause)}`
    : "it was received too often, so nobody noted why";
  if (rawTarget === undefined) {
    return { kind: "unknown", reason: "it does not say where it came from", source: "unknown" };
  }
  return { kind: "raw", targetArn: rawTarget, body: withoutError(body, found), reason, source: nameOf(rawTarget) };
}

function readCall(found: FailureDocument, functionArn: string): Failure {
  const { requestContext, responsePayload, requestPayload, eventSource, eventSourceARN } = found;
  const source = `function ${nameOf(functionArn)}`;
  const info = found.KinesisBatchInfo ?? found.DDBStreamBatchInfo;
  if (info) {
    return {
      kind: "stream",
      functionArn,
      streamArn: info.streamArn,
      shardId: info.shardId,
      firstSequenceNumber: info.startSequenceNumber,
      lastSequenceNumber: info.endSequenceNumber,
      reason: requestContext?.condition ?? "given up",
      source: `${source}, from a stream`,
    };
  }
  const reason = reasonOf(responsePayload) ?? requestContext?.condition ?? "given up";
  if (eventSource !== undefined && eventSourceARN !== undefined) {
    const bytes = bytesOf(requestPayload);
    const via = `, through ${nameOf(eventSourceARN)}`;
    return {
      kind: "batched",
      functionArn,
      eventSource,
      eventSourceArn: eventSourceARN,
      bytes,
      reason,
      source: source + via,
    };
  }
  return { kind: "call", functionArn, payload: requestPayload, reason, source };
}

function readRule({ ruleName = "", topic = "", base64OriginalPayload = "", failures = [] }: FailureDocument): Failure {
  // AWS adds the topic and ids to its words, so that no two are the same: they would be no groups.
  const reasons = failures.map(({ failedAction, errorMessage = "" }) => {
    const words = errorMessage.split(" Message arrived on:")[0]?.replace(/;? Request ID: [\w-]+/g, "");
    return `${failedAction}: ${words}`;
  });
  return {
    kind: "rule",
    ruleName,
    // What came by Basic Ingest has the rule in front already.
    topic: topic.replace(`$aws/rules/${ruleName}/`, ""),
    payload: Buffer.from(base64OriginalPayload, "base64"),
    reason: reasons.join("; ") || "an action failed",
    source: `rule ${ruleName}`,
  };
}

/** What was no JSON is kept as its bytes, see functions/runtime/bufferedCallback.ts. */
function bytesOf(payload: unknown): Buffer {
  const { base64, ...rest } = (payload ?? {}) as { base64?: unknown };
  const isBytes = typeof base64 === "string" && Object.keys(rest).length === 0;
  return isBytes ? Buffer.from(base64, "base64") : Buffer.from(JSON.stringify(payload));
}

export function reasonOf(response: unknown): string | undefined {
  if (typeof response === "string") return response;
  const { errorType, errorMessage } = (response ?? {}) as { errorType?: string; errorMessage?: string };
  return errorMessage === undefined ? undefined : `${errorType ?? "Error"}: ${errorMessage}`;
}

function causeOf(cause = ""): string {
  const { errorMessage } = parse(cause) as { errorMessage?: string };
  return errorMessage ?? cause;
}

/** As it was before a state machine noted the error in it. */
function withoutError(body: string, found: FailureDocument | undefined): string {
  if (!found?.error) return body;
  const { error: _, ...state } = found;
  return JSON.stringify(state);
}

function parse(text: string): FailureDocument {
  try {
    const parsed = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

/** The name in an ARN, without a version or alias. */
export function nameOf(arn: string): string {
  const parts = arn.split(":");
  return (parts[2] === "lambda" ? parts[6] : (parts.slice(5).join(":").split("/").at(1) ?? parts[5])) ?? arn;
}
