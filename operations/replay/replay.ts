import type { FailureQueueClient, HeldMessage } from "./failureQueue";
import { type Failure, readFailure } from "./failures";
import { type Entry, type Group, groupsOf } from "./groups";
import type { Sender, Sent } from "./sender";

/** What came of a replay. */
export interface Outcome {
  readonly groups: readonly Group[];
  /** Were done, or handed over and did not come back. */
  readonly done: number;
  /** Failed again, and wait with a count: reason -> how many. */
  readonly failed: Readonly<Record<string, number>>;
  /** Could not be sent, and wait as they were: reason -> how many. */
  readonly stuck: Readonly<Record<string, number>>;
}

export interface ReplayOptions {
  readonly dryRun: boolean;
  readonly limit: number;
  /** What takes messages that are no documents of failure. */
  readonly replayTo: string | undefined;
  /** Milliseconds that one is waited for which was handed over and fails again. */
  readonly settleMs: number;
  /** Stops it after the message that is being sent; the others wait as they were. */
  readonly signal?: AbortSignal;
  /** Gets what there is before anything is sent. */
  readonly onGroups?: (groups: readonly Group[]) => void;
}

interface Item {
  readonly message: HeldMessage;
  readonly failure: Failure;
}

/**
 * Sends what lies in a failure queue again, each message to where it came from. A message goes only when it was sent; one that fails
 * again stays, with its count and the new reason.
 */
export async function replay(
  queue: Pick<FailureQueueClient, "hold" | "release" | "delete" | "replace">,
  sender: Pick<Sender, "send">,
  options: ReplayOptions,
): Promise<Outcome> {
  const { replayTo, signal } = options;
  const itemOf = (message: HeldMessage): Item => ({
    message,
    failure: readFailure(message.body, message.movedFrom ?? replayTo),
  });
  const held = new Set(await queue.hold(options.limit, signal));
  const failed: Record<string, number> = {};
  const stuck: Record<string, number> = {};
  const count = (reasons: Record<string, number>, reason: string) => {
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  };
  try {
    const items = [...held].map(itemOf);
    const groups = groupsOf(items.map(entryOf));
    options.onGroups?.(groups);
    if (options.dryRun) return { groups, done: 0, failed, stuck };

    let done = 0;
    const handedOver: Item[] = [];
    for (const item of items) {
      if (signal?.aborted) {
        count(stuck, "the replay was stopped");
        continue;
      }
      const { message, failure } = item;
      let sent: Sent;
      try {
        sent = await sender.send(failure, message.replays);
      } catch (error) {
        count(stuck, error instanceof Error ? error.message : String(error));
        continue;
      }
      if (sent.result === "failed") {
        await queue.replace(message, withReason(message.body, sent.response), message.replays + 1);
        count(failed, sent.reason);
      } else {
        await queue.delete(message);
        done += 1;
        if (sent.result === "sent") handedOver.push(item);
      }
      held.delete(message);
    }
    for (const returned of await comeBack(queue, handedOver, itemOf, options)) {
      done -= 1;
      count(failed, returned.failure.reason);
    }
    return { groups, done, failed, stuck };
  } finally {
    await Promise.all([...held].map((message) => queue.release(message)));
  }
}

/**
 * What was handed over and is back in the queue: gets the count of the message that it was. The others that are seen on the way are let go again.
 */
async function comeBack(
  queue: Pick<FailureQueueClient, "hold" | "release" | "replace">,
  handedOver: readonly Item[],
  itemOf: (message: HeldMessage) => Item,
  { settleMs, signal }: Pick<ReplayOptions, "settleMs" | "signal">,
): Promise<Item[]> {
  const missing = [...handedOver];
  const returned: Item[] = [];
  const others: HeldMessage[] = [];
  const end = Date.now() + settleMs;
  try {
    while (missing.length > 0 && Date.now() < end && !signal?.aborted) {
      for (const message of await queue.hold(10)) {
        const item = itemOf(message);
        const at = missing.findIndex((sent) => identityOf(sent.failure) === identityOf(item.failure));
        if (at < 0) {
          others.push(message);
          continue;
        }
        const [sent] = missing.splice(at, 1);
        await queue.replace(message, message.body, sent!.message.replays + 1);
        returned.push(item);
      }
    }
  } finally {
    await Promise.all(others.map((message) => queue.release(message)));
  }
  return returned;
}

/** What of a failure is the same when it fails again. */
function identityOf(failure: Failure): string {
  if (failure.kind === "rule") return `${failure.ruleName} ${failure.topic} ${failure.payload.toString("base64")}`;
  if (failure.kind === "batched") return `${failure.eventSourceArn} ${failure.bytes.toString("base64")}`;
  return failure.kind === "raw" ? `${failure.targetArn} ${failure.body}` : "";
}

/** The document with the reason of now, where it has one. */
function withReason(body: string, response: unknown): string {
  try {
    const document = JSON.parse(body);
    if (!document?.requestContext) return body;
    const { approximateInvokeCount = 0 } = document.requestContext;
    const requestContext = { ...document.requestContext, approximateInvokeCount: approximateInvokeCount + 1 };
    return JSON.stringify({ ...document, requestContext, responsePayload: response });
  } catch {
    return body;
  }
}

function entryOf({ message, failure }: Item): Entry {
  const { source, reason } = failure;
  return { source, reason, at: message.sentAt, replays: message.replays, example: message.body };
}
