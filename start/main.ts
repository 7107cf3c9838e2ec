import { UsageError } from "../common/commandLine";
import { paint } from "../common/paint";
import { help, readOptions } from "./options";

// The SDK warns of Node 20's end at every start; README says it once.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** What has to be undone at the end, the last first. */
const undo: (() => unknown)[] = [];

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  // Only now: to load Pulumi takes longer than to answer a mistake.
  const { run } = await import("./run");
  return run(options, (step) => undo.push(step));
}

async function end(code: number): Promise<never> {
  for (const step of undo.splice(0).reverse()) {
    await Promise.resolve(step()).catch((error) => process.stderr.write(`${(error as Error).message}\n`));
  }
  process.exit(code);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => end(130));

main().then(end, (error: Error) => {
  process.stderr.write(
    `\n${paint("red", error instanceof UsageError ? "Usage" : "Failed", process.stderr)}: ${error.message}\n`,
  );
  return end(error instanceof UsageError ? 2 : 1);
});
