import { type ParseArgsConfig, parseArgs } from "node:util";

/** A mistake in how the command was called; the message is for the user. */
export class UsageError extends Error {}

/** A refusal of what was asked for, before anything was done: no failure, and told as such. */
export class RefusedError extends Error {}

/**
 * Reads the command line of `npm run <command>`, with arguments between its options.
 * @throws UsageError that says where help is
 */
export function readArguments<const T extends NonNullable<ParseArgsConfig["options"]>>(
  command: string,
  args: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}. npm run ${command} -- --help tells what there is.`);
  }
}

/** Runs a command to its exit code: its own, 2 for a mistake in the call, 1 for anything else that goes wrong. */
export function runCommand(main: (args: readonly string[]) => Promise<number>): void {
  // The SDK warns of Node 20's end at every start; README says it once.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  main(process.argv.slice(2)).then(
    // Once all is written: into a pipe that takes a while on some systems.
    (code) => process.stdout.write("", () => process.exit(code)),
    (error: Error) => {
      const word = error instanceof UsageError ? "Usage" : error instanceof RefusedError ? "Refused" : "Failed";
      process.stderr.write(`${word}: ${error.message}\n`);
      process.exit(error instanceof UsageError ? 2 : 1);
    },
  );
}
