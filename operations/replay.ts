import { readArguments, runCommand, UsageError } from "../common/commandLine";
import { placeOf } from "./place";

const help = `Shows what lies in a failure queue and why, and sends it again to where it came from.

Usage: npm run replay -- [options] [<failure queue> | telemetry-quarantine]

Without a queue: lists the failure queues of the stack, and how many messages wait in each.

  --stack <name>  a stack in an AWS account, by Pulumi's outputs and your AWS credentials; default: the local cloud that
                  npm start runs
  --dry-run       only show; nothing is sent and nothing deleted
  --limit <n>     at most so many messages; default: all
  --help          print this

What a function failed on is given to its live version; what a rule could not deliver, to that rule; what was given up in a
stream is read from it once more; what telemetry has in quarantine is given to the function that stores it, as it came. A message is
deleted when it was sent; one that fails again stays, with a count. Ctrl-C stops after the message that is being sent.
Exit code: 0 when all was done, 1 when some of it was not.
`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (positionals.length > 1) throw new UsageError(`name one failure queue, not ${positionals.length}`);
  const limit = values.limit === undefined ? Number.POSITIVE_INFINITY : Number(values.limit);
  if (values.limit !== undefined && !(Number.isInteger(limit) && limit >= 1)) {
    throw new UsageError(`--limit must be a whole number from 1, not ${values.limit}`);
  }
  const place = placeOf(values.stack);
  // Only now: the SDK takes longer to load than a mistake to answer.
  const { command } = await import("./replay/command");
  return command(place, positionals[0], { dryRun: values["dry-run"] ?? false, limit }, (text) =>
    process.stdout.write(`${text}\n`),
  );
}

const parse = (args: readonly string[]) =>
  readArguments("replay", args, {
    stack: { type: "string" },
    "dry-run": { type: "boolean" },
    limit: { type: "string" },
    help: { type: "boolean", short: "h" },
  });

runCommand(main);
