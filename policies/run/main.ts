import { join } from "node:path";
import { parseArgs } from "node:util";
import { checkStack } from "./checkStack";
import { ConfigurationError, readConfigurations } from "./configured";
import { runEntryPoint } from "./entryPoint";
import { packs } from "./packs";
import { palette, report } from "./report";
import { ProjectError, readProject } from "./stackConfig";

const help = `Checks what a stack's program registers against the policy packs, without Pulumi's engine, an account or a provider.

  npm run policy -- <stack> [options]

  <stack>            the stack whose Pulumi.<stack>.yaml configures the program: dev, prod, local
  --config <folder>  the packs' configuration: <folder>/<pack>.json, as pulumi preview --policy-pack-config takes it
                     (default: policies/config); a wrong name, level or value is refused
  --json             the result as one JSON object on standard output
  --help             this text

Packs: ${packs.map(({ name }) => name).join(", ")}. docs/policies.md lists their policies.
Ids and ARNs are made up, so this sees values that a preview does not know yet. It does not see what only a provider
adds; pulumi preview --policy-pack policies/<pack> does. Programs in other languages than Node's need that too.

Exits with 0 where no mandatory policy is violated, 1 where one is, 2 where the check could not run.
`;

class UsageError extends Error {}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [stack, ...more] = positionals;
  if (!stack || more.length > 0) throw new UsageError("Name one stack.");
  const root = process.cwd();
  const project = readProject(root, stack);
  const result = await checkStack({
    program: () => runEntryPoint(project.main),
    project: project.name,
    stack,
    config: project.config,
    packs,
    packConfig: readConfigurations(values.config ?? join(root, "policies", "config"), packs),
  });
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ stack, ...result })}\n`
      : `${report(result, palette(process.stdout.isTTY === true && !process.env.NO_COLOR))}\n`,
  );
  return result.violations.some(({ level }) => level === "mandatory") ? 1 : 0;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { config: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    const ours = error instanceof ConfigurationError || error instanceof ProjectError;
    if (error instanceof UsageError) process.stderr.write(`${error.message} See npm run policy -- --help.\n`);
    else process.stderr.write(ours ? `${error.message}\n` : `The program failed: ${error.stack ?? error}\n`);
    process.exitCode = 2;
  },
);
