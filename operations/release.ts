import { UsageError } from "../sandbox/options";
import { help, readCall } from "./release/options";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

async function main(args: readonly string[]): Promise<number> {
  const call = readCall(args);
  if (!call) {
    process.stdout.write(help);
    return 0;
  }
  // Only now: the SDK takes longer to load than a mistake to answer.
  const { placeOf } = await import("./place");
  const { commands } = await import("./release/commands");
  return commands(placeOf(call.stack), call).run(call.command, call.rest);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: Error) => {
    const word =
      error instanceof UsageError ? "Usage" : error.constructor.name === "RefusedError" ? "Refused" : "Failed";
    process.stderr.write(`${word}: ${error.message}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
