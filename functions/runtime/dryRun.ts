import type { Context } from "aws-lambda";

type Callback<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/** The only key of the event that asks a function whether it is ready. */
export const dryRunKey = "thingstack:dryRun";

/** What a function answers to it. */
export interface Readiness {
  readonly ready: true;
  readonly version: string;
}

/**
 * Makes of a factory one whose callback answers dry runs by itself, and never sees them. When it answers, the code has
 * loaded and the factory has run: its clients are made, and the environment that it reads is there. What the callback does
 * with an event is not proven by that, and nothing is changed by it.
 */
export function answeringDryRuns<Event, Result>(
  factory: () => Callback<Event, Result>,
): () => Callback<Event, Result | Readiness> {
  return () => {
    const callback = factory();
    return async (event, context) => {
      const isDryRun =
        typeof event === "object" && event !== null && Object.keys(event).length === 1 && dryRunKey in event;
      return isDryRun ? { ready: true, version: context.functionVersion } : callback(event, context);
    };
  };
}
