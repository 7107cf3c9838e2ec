import type { Message } from "./message";
import type { RuleAction } from "./rule";
import type { Json } from "./sql/values";

/** One failed action, as the error action is told of it. */
export interface Failure {
  readonly failedAction: string;
  readonly failedResource: string;
  readonly errorMessage: string;
}

/** @param failedResource empty when not even that could be worked out from the message */
export function describeFailure(
  { kind, failedAction, attempt }: RuleAction,
  failedResource: string,
  message: Message,
  error: unknown,
): Failure {
  const errorMessage =
    `Failed to ${attempt}. The error received was ${describeError(error)}. ` +
    `Message arrived on: ${message.topic}, Action: ${kind}, Resource: ${failedResource}`;
  return { failedAction, failedResource, errorMessage };
}

/** With what the SDK knows of the answer, in the form that AWS's own messages have. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { httpStatusCode, requestId } =
    (error as { $metadata?: { httpStatusCode?: number; requestId?: string } }).$metadata ?? {};
  if (httpStatusCode === undefined) return error.message || error.name;
  return `${error.message} (Status Code: ${httpStatusCode}; Error Code: ${error.name}; Request ID: ${requestId})`;
}

/**
 * What an error action gets: one document for a rule and a message, however many actions failed.
 * https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html
 */
export function errorDocument(ruleName: string, message: Message, failures: readonly Failure[]): Json {
  return {
    ruleName,
    topic: message.topic,
    cloudwatchTraceId: message.traceId,
    // AWS's word for an unknown client here, in capitals unlike clientid()'s.
    clientId: "N/A",
    base64OriginalPayload: message.payload.toString("base64"),
    failures: failures.map((failure) => ({ ...failure })),
  };
}
