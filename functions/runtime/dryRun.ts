import type { Context } from "aws-lambda";
import { silent } from "./embeddedMetrics";
import { upToFirstChange } from "./upToFirstChange";

type Callback<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/** The only key of the event that asks a function for a dry run. */
export const dryRunKey = "thingstack:dryRun";

/** What a function answers to it. */
export interface Readiness {
  readonly ready: boolean;
  readonly version: string;
  /** How far the callback came with an event of its trigger; missing when it has none for dry runs. */
  readonly ran?: string;
  /** Why it is not ready. */
  readonly reason?: string;
}

/** The context of a call that is a dry run. */
function asDryRun(context: Context): Context {
  return { ...context, [dryRunKey]: true } as Context;
}

/** Whether a call is a dry run: for what hides a callback's failure, by trying again or setting it aside. */
export function isDryRun(context: Context): boolean {
  return dryRunKey in context;
}

export interface DryRunOptions<Event> {
  /** Makes the event that the callback runs with. @default none: the callback is not run */
  readonly event?: () => Event;
  /** Whether the callback refuses by throwing "Unauthorized", as an authorizer has to. */
  readonly refuses?: boolean;
}

/**
 * Makes of a factory one whose callback answers dry runs by itself, and never sees them.
 *
 * When it answers, the code has loaded and the factory has run: its clients are made, and the environment that it reads is
 * there. With an event, a callback of its own has handled it up to the first call that would change something, with real
 * reads, under the function's own rights: see {@link upToFirstChange}.
 *
 * It is not ready when the callback throws, or answers with a failure: a 5xx of an API, a batch with an item that it could
 * not do. That is an answer and no error of the function: errors are counted, and an alarm would hold up the next release.
 */
export function answeringDryRuns<Event, Result>(
  factory: () => Callback<Event, Result>,
  { event: eventOf, refuses = false }: DryRunOptions<Event> = {},
): () => Callback<Event, Result | Readiness> {
  return () => {
    const callback = factory();
    // Once, and for good: what a dry run leaves behind must not act later either.
    let guard: ReturnType<typeof upToFirstChange> | undefined;

    /** With a callback of its own, so that nothing of it stays with the one that handles calls. */
    async function run(event: Event, context: Context): Promise<Pick<Readiness, "ready" | "ran" | "reason">> {
      const ready = (ran: string) => ({ ready: true, ran });
      const endSilence = silence();
      try {
        guard ??= upToFirstChange();
        const reached = await guard(() => factory()(event, asDryRun(context)));
        if ("change" in reached) return ready(`up to ${reached.change}`);
        const reason = failureIn(reached.result);
        return reason ? { ready: false, reason } : ready("to its end");
      } catch (error) {
        const { name, message } = error as Error;
        if (refuses && message === "Unauthorized") return ready("to its refusal");
        if (isMadeUp(error)) return ready(`up to what is not there: ${message}`);
        console.error(error);
        return { ready: false, reason: `${name}: ${message}` };
      } finally {
        endSilence();
      }
    }

    return async (event, context) => {
      const isAsked =
        typeof event === "object" && event !== null && Object.keys(event).length === 1 && dryRunKey in event;
      if (!isAsked) return callback(event, context);
      const version = context.functionVersion;
      return eventOf === undefined ? { ready: true, version } : { version, ...(await run(eventOf(), context)) };
    };
  };
}

/** Whether an error says that there is no such thing, or object; a table or bucket that is not there is another matter. */
function isMadeUp(error: unknown): boolean {
  const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  const isThing = name === "ResourceNotFoundException" && $metadata?.httpStatusCode === 404;
  return isThing || name === "NoSuchKey" || name === "NoSuchVersion";
}

/** No trace and no metric of what did not happen. An environment handles one call at a time, so nobody else misses them. */
function silence(): () => void {
  const { _X_AMZN_TRACE_ID: trace } = process.env;
  delete process.env._X_AMZN_TRACE_ID;
  process.env[silent] = "true";
  return () => {
    delete process.env[silent];
    if (trace !== undefined) process.env._X_AMZN_TRACE_ID = trace;
  };
}

/** A failure that a callback answers with, instead of throwing it. */
function failureIn(result: unknown): string | undefined {
  const { statusCode, batchItemFailures } = (result ?? {}) as { statusCode?: number; batchItemFailures?: unknown[] };
  if (typeof statusCode === "number" && statusCode >= 500)
    return `it answers an event of its trigger with ${statusCode}`;
  return batchItemFailures?.length ? "it gives an event of its trigger back as failed" : undefined;
}
