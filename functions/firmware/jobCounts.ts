import type { JobProcessDetails } from "@aws-sdk/client-iot";
import type { ReleaseCounts } from "./releases";

/** Executions of a job by their status, as AWS IoT counts them. */
export const countsIn = (details: JobProcessDetails = {}): ReleaseCounts => ({
  queued: details.numberOfQueuedThings ?? 0,
  inProgress: details.numberOfInProgressThings ?? 0,
  succeeded: details.numberOfSucceededThings ?? 0,
  failed: details.numberOfFailedThings ?? 0,
  rejected: details.numberOfRejectedThings ?? 0,
  timedOut: details.numberOfTimedOutThings ?? 0,
  canceled: details.numberOfCanceledThings ?? 0,
  removed: details.numberOfRemovedThings ?? 0,
});
