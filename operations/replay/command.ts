import { UsageError } from "../../common/commandLine";
import type { FailureQueueOutput } from "../../common/stackOutputs";
import { outputOf, type Place } from "../place";
import { FailureQueueClient } from "./failureQueue";
import { type Group, type Outcome, type ReplayOptions, replay } from "./replay";
import { Sender } from "./sender";

type Print = (text: string) => void;

/**
 * Lists the failure queues of a stack, or replays one of them.
 * @param name as the stack's output has it, or as SQS has it; undefined lists
 * @returns the exit code
 * @throws UsageError for a queue that is no failure queue of the stack
 */
export async function command(
  place: Place,
  name: string | undefined,
  options: Pick<ReplayOptions, "dryRun" | "limit">,
  print: Print,
): Promise<number> {
  const queues = outputOf<readonly FailureQueueOutput[]>(place, "failureQueues");
  if (name === undefined) return list(place, queues, print);
  const queue = queues.find((one) => [one.name, one.url, one.url.split("/").at(-1)].includes(name));
  if (queue) return replayQueue(place, queue, options, print);
  const names = queues.map((one) => `  ${one.name}`).join("\n");
  throw new UsageError(`${name} is no failure queue of the stack ${place.stack}. There are:\n${names}`);
}

async function list(place: Place, queues: readonly FailureQueueOutput[], print: Print): Promise<number> {
  const width = Math.max(...queues.map(({ name }) => name.length));
  for (const { name, url } of queues) {
    const client = new FailureQueueClient(place.aws, url);
    print(`${name.padEnd(width)}  ${await client.depth()}`);
    client.close();
  }
  return 0;
}

async function replayQueue(
  place: Place,
  { name, url, replayTo }: FailureQueueOutput,
  { dryRun, limit }: Pick<ReplayOptions, "dryRun" | "limit">,
  print: Print,
): Promise<number> {
  const queue = new FailureQueueClient(place.aws, url);
  const sender = new Sender(place);
  try {
    const outcome = await replay(queue, sender, {
      dryRun,
      limit,
      replayTo,
      settleMs: 5000,
      onGroups: (groups) => print(groups.length === 0 ? `Nothing lies in ${name}.` : groups.map(groupText).join("\n")),
    });
    if (dryRun || outcome.groups.length === 0) return 0;
    print(outcomeText(outcome));
    return Object.keys({ ...outcome.failed, ...outcome.stuck }).length === 0 ? 0 : 1;
  } finally {
    await sender.close();
    queue.close();
  }
}

function groupText({ source, reason, messages, from, to, replays, example }: Group): string {
  const time = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ");
  const when = from === to ? time(from) : `${time(from)} to ${time(to)}`;
  return [
    `${messages} × ${source}`,
    `    ${reason}`,
    `    ${when} UTC${replays > 0 ? `, replayed ${replays} times before` : ""}`,
    `    for example ${example.length > 200 ? `${example.slice(0, 200)}...` : example}`,
  ].join("\n");
}

function outcomeText({ done, failed, stuck }: Outcome): string {
  const lines = (word: string, reasons: Readonly<Record<string, number>>) =>
    Object.entries(reasons).map(([reason, times]) => `${times} ${word}: ${reason}`);
  return [
    `${done} sent again`,
    ...lines("failed again and wait with their count", failed),
    ...lines("could not be sent and wait as they were", stuck),
  ].join("\n");
}
