import { isThrottling } from "./connectionFaults";
import type { Backoff } from "./core/backoff";
import type { AfterFailure } from "./core/outboxOptions";
import { ConnectionError, JobRejected, NotDelivered, Refused, ShadowRejected } from "./errors";

/** Between tries while the connection stands. */
export const backoff: Backoff = { base: 1000, maximum: 60_000 };

/** What to do with a message or request that failed this way. */
export function afterFailure(error: unknown): AfterFailure {
  if (error instanceof ConnectionError) return error.fault === "notAllowed" ? "suspect" : "onReconnect";
  if (error instanceof Refused) return isThrottling(error.reasonCode ?? 0) ? "later" : "giveUp";
  if (error instanceof ShadowRejected) return error.code === 429 || error.code >= 500 ? "later" : "giveUp";
  if (error instanceof JobRejected) return isTemporary(error) ? "later" : "giveUp";
  return error instanceof NotDelivered && error.reason === "noAnswer" ? "later" : "giveUp";
}

function isTemporary({ code }: JobRejected): boolean {
  return code === "RequestThrottled" || code === "InternalError";
}
