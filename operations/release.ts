import { runCommand } from "../common/commandLine";
import { help, readCall } from "./release/options";

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

runCommand(main);
