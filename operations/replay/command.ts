import { UsageError } from "../../common/commandLine";
import type { FailureQueueOutput, TelemetryOutputs } from "../../common/stackOutputs";
import { quarantined } from "../../functions/telemetry/telemetryRecords";
import { outputOf, type Place } from "../place";
import { FailureQueueClient } from "./failureQueue";
import type { Group } from "./groups";
import { interruption } from "./interruption";
import { TelemetryObjects } from "./quarantine";
import { type Outcome, type ReplayOptions, replay } from "./replay";
import { replayQuarantine } from "./replayQuarantine";
import { Sender } from "./sender";

type Print = (text: string) => void;

type Options = Pick<ReplayOptions, "dryRun" | "limit">;

/** What the quarantine of telemetry is called among the failure queues. */
const quarantineName = "telemetry-quarantine";

/**
 * Lists the failure queues of a stack and the quarantine of its telemetry, or replays one of them.
 * @param name as the stack's output has it, or as SQS has it; undefined lists
 * @returns the exit code
 * @throws UsageError for a queue that is no failure queue of the stack
 */
export async function command(place: Place, name: string | undefined, options: Options, print: Print): Promise<number> {
  const queues = outputOf<readonly FailureQueueOutput[]>(place, "failureQueues");
  const telemetry = place.outputs.telemetry as TelemetryOutputs | undefined;
  if (name === undefined) return list(place, queues, telemetry, print);
  if (name === quarantineName && telemetry) return replayTelemetry(place, telemetry, options, print);
  const queue = queues.find((one) => [one.name, one.url, one.url.split("/").at(-1)].includes(name));
  if (queue) return replayQueue(place, queue, options, print);
  const names = [...queues.map((one) => one.name), ...(telemetry ? [quarantineName] : [])];
  throw new UsageError(
    `${name} is no failure queue of the stack ${place.stack}. There are:\n${names.map((one) => `  ${one}`).join("\n")}`,
  );
}

async function list(
  place: Place,
  queues: readonly FailureQueueOutput[],
  telemetry: TelemetryOutputs | undefined,
  print: Print,
): Promise<number> {
  const width = Math.max(...[quarantineName, ...queues.map(({ name }) => name)].map(({ length }) => length));
  for (const { name, url } of queues) {
    const client = new FailureQueueClient(place.aws, url);
    print(`${name.padEnd(width)}  ${await client.depth()}`);
    client.close();
  }
  if (telemetry) {
    const quarantine = new TelemetryObjects(place.aws, telemetry.bucketName);
    const { length } = await quarantine.keys(`${quarantined}/`);
    print(`${quarantineName.padEnd(width)}  ${length}${length > 0 ? " objects of messages" : ""}`);
    quarantine.close();
  }
  return 0;
}

async function replayQueue(
  place: Place,
  { name, url, replayTo }: FailureQueueOutput,
  options: Options,
  print: Print,
): Promise<number> {
  const queue = new FailureQueueClient(place.aws, url);
  const sender = new Sender(place);
  const onGroups = groupsPrinter(name, print);
  const { signal, end } = interruption(
    "Stopping after the message that is being sent; the others go back. Again: at once, and they are hidden for up to an hour.",
  );
  try {
    return told(
      await replay(queue, sender, { ...options, replayTo, settleMs: 5000, signal, onGroups }),
      options,
      print,
    );
  } finally {
    end();
    await sender.close();
    queue.close();
  }
}

async function replayTelemetry(
  place: Place,
  { bucketName, storeFunctionName: functionName }: TelemetryOutputs,
  options: Options,
  print: Print,
): Promise<number> {
  const quarantine = new TelemetryObjects(place.aws, bucketName);
  const sender = new Sender(place);
  const call = (event: object) => sender.call(functionName, event);
  const onGroups = groupsPrinter(quarantineName, print);
  try {
    return told(await replayQuarantine(quarantine, call, { ...options, functionName, onGroups }), options, print);
  } finally {
    await sender.close();
    quarantine.close();
  }
}

const groupsPrinter = (name: string, print: Print) => (groups: readonly Group[]) =>
  print(groups.length === 0 ? `Nothing lies in ${name}.` : groups.map(groupText).join("\n"));

/** Prints what came of a replay. @returns the exit code */
function told(outcome: Outcome, { dryRun }: Options, print: Print): number {
  if (dryRun || outcome.groups.length === 0) return 0;
  print(outcomeText(outcome));
  return Object.keys({ ...outcome.failed, ...outcome.stuck }).length === 0 ? 0 : 1;
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
