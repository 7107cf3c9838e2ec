import { readFileSync } from "node:fs";
import { readArguments, runCommand, UsageError } from "../common/commandLine";
import { type EventKind, eventKinds } from "./invoke/events";
import type { Outcome } from "./invoke/invokeFunction";
import type { ProgramFunction } from "./invoke/program";

const help = `Runs one function of the program, as it is in your checkout now, on one event, in a process of its own.

Usage: npm run invoke -- <function> --event <kind> [--set path=value ...] [options]
       npm run invoke                     lists the functions

  --event <kind>      generates the event of a trigger: ${eventKinds.join(", ")}
  --set <path=value>  changes the event before it is encoded; repeat it for more. The value is JSON, or else text.
                        iot       the message of the device; the function's rule then selects from it
                        kinesis   Records[0].kinesis.data takes an object
                        dynamodb  Records[0].dynamodb.NewImage.<attribute> takes plain values
                        s3        Records[0].s3.object.key and the like
                        api       path, httpMethod, pathParameters.thingName, body, requestContext.authorizer.groups
  --topic <topic>     the topic of an iot message; default: the rule's own, with thing-1 for each wildcard
  --event-file <file> takes the event from a file of JSON instead; - is standard input
  --print             prints the event and ends
  --stack <name>      takes settings from a stack in an AWS account; default: the local cloud that npm start runs
  --json              prints one JSON object: event, logs, result or error, milliseconds
  --help              print this

The code comes from the checkout, its settings from the deployed function, so what it does is real. On the local cloud it
has the rights of its role, and no more; in an account it has yours. Exits with 0, or 1 when the function failed.

  npm run invoke -- device-log --event iot --set message=hello
`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [name, ...others] = positionals;
  if (others.length > 0) throw new UsageError(`name one function, not ${positionals.join(" and ")}`);
  // Only now: the program takes longer to load than a mistake to answer.
  const { functionsOfProgram } = await import("./invoke/program");
  const functions = await functionsOfProgram(process.cwd(), values.stack ?? "local");
  if (!name) {
    process.stdout.write(listOf(functions));
    return 0;
  }
  const target = functions.find((each) => each.name === name);
  if (!target) throw new UsageError(`there is no function ${name}; there are\n${listOf(functions)}`);

  const { placeOf } = await import("./place");
  const place = values.print ? undefined : placeOf(values.stack);
  const event = await eventOf(target, values, {
    region: place?.aws.region ?? "us-east-1",
    accountId: place?.local?.accountId ?? "000000000000",
  });
  if (!place) {
    process.stdout.write(`${JSON.stringify(event, null, 2)}\n`);
    return 0;
  }
  const { deployedOf } = await import("./invoke/deployed");
  const { invokeFunction } = await import("./invoke/invokeFunction");
  const logs: string[] = [];
  const outcome = await invokeFunction(target, event, await deployedOf(place, target), (line) => {
    if (values.json) logs.push(line);
    else process.stdout.write(`  ${line}\n`);
  });
  process.stdout.write(values.json ? `${JSON.stringify({ event, logs, ...outcome })}\n` : reportOf(outcome));
  return outcome.error ? 1 : 0;
}

async function eventOf(
  target: ProgramFunction,
  values: ReturnType<typeof parse>["values"],
  where: { region: string; accountId: string },
): Promise<unknown> {
  const file = values["event-file"];
  if ((file === undefined) === (values.event === undefined)) {
    throw new UsageError(`say --event ${eventKinds.join("|")}, or --event-file <file>`);
  }
  const { setPath } = await import("./invoke/setPath");
  if (file !== undefined) {
    const event = readEvent(file);
    for (const assignment of values.set) setPath(event, assignment);
    return event;
  }
  if (!eventKinds.includes(values.event as EventKind)) {
    throw new UsageError(`--event is one of ${eventKinds.join(", ")}, not ${values.event}`);
  }
  const { generateEvent } = await import("./invoke/events");
  const { set, topic } = values;
  return generateEvent(values.event as EventKind, target, { set, topic, now: Date.now(), ...where });
}

function readEvent(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8"));
  } catch (error) {
    throw new UsageError(`--event-file ${file}: ${(error as Error).message}`);
  }
}

function listOf(functions: readonly ProgramFunction[]): string {
  const width = Math.max(...functions.map(({ name }) => name.length));
  return functions.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}\n`).join("");
}

function reportOf({ result, error, init, run, maximumMemory }: Outcome): string {
  const ms = (time: number | undefined) => (time === undefined ? "-" : `${time.toFixed(1)} ms`);
  const body = error
    ? `${error.errorType}: ${error.errorMessage}\n${error.trace.slice(1).join("\n")}`.trimEnd()
    : JSON.stringify(result ?? null, null, 2);
  return `${error ? "✗" : "✓"} ${body}\n  init ${ms(init)}, run ${ms(run)}, memory ${Math.round(maximumMemory / 2 ** 20)} MB\n`;
}

const parse = (args: readonly string[]) =>
  readArguments("invoke", args, {
    event: { type: "string" },
    set: { type: "string", multiple: true, default: [] },
    topic: { type: "string" },
    "event-file": { type: "string" },
    print: { type: "boolean" },
    stack: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });

runCommand(main);
