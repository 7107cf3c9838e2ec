import { readArguments, runCommand, UsageError } from "../common/commandLine";
import type { TelemetryOutputs } from "../common/stackOutputs";
import { outputOf, placeOf } from "./place";

const help = `Asks what devices have sent, with SQL.

Usage: npm run query -- [options] "SELECT ..."

  --stack <name>  ask a stack in an AWS account, by Pulumi's outputs and your AWS credentials; default: the local cloud
                  that npm start runs
  --json          print the rows as JSON, one a line
  --help          print this

Tables: telemetry (topic, arrived, sequence, payload, dt, hour) and quarantine (topic, arrived, sequence, reason, bytes, dt, hour).
Name a dt (YYYY-MM-DD, UTC) in WHERE: Athena reads, and bills, only those days.

  npm run query -- "SELECT split_part(topic, '/', 3) AS thing, dt, hour, count(*) AS messages
                    FROM telemetry GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [sql, ...others] = positionals;
  if (!sql || others.length > 0) {
    throw new UsageError('give one statement, in quotes: npm run query -- "SELECT count(*) FROM telemetry"');
  }
  // Only now: the SDK takes longer to load than a mistake to answer.
  const { ask } = await import("./query/ask");
  const place = placeOf(values.stack);
  const { columns, rows } = await ask(place.aws, outputOf<TelemetryOutputs>(place, "telemetry"), sql);
  const { asTable } = await import("./query/table");
  process.stdout.write(
    values.json
      ? rows
          .map((row) => `${JSON.stringify(Object.fromEntries(columns.map((name, at) => [name, row[at]])))}\n`)
          .join("")
      : asTable(columns, rows),
  );
  return 0;
}

const parse = (args: readonly string[]) =>
  readArguments("query", args, {
    stack: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });

runCommand(main);
