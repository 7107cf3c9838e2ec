import type { Context } from "mocha";
import { ToolUnavailable } from "./toolchain/goTool";
import { makeToolchain, type Toolchain } from "./toolchain/toolchain";

/** Long enough for the first build of the engine on a slow machine; later runs find it in the cache. */
const buildTimeoutMs = 20 * 60_000;

let toolchain: Promise<Toolchain> | undefined;

/**
 * The engine, for a `before` hook. Where there is none and none can be built, the suite says why and counts as skipped.
 * One build serves all suites of a run.
 */
export async function requireEngine(context: Context): Promise<Toolchain> {
  context.timeout(buildTimeoutMs);
  toolchain ??= makeToolchain((line) => console.error(`      engine: ${line}`));
  try {
    return await toolchain;
  } catch (error) {
    if (!(error instanceof ToolUnavailable)) throw error;
    console.error(`      skipped: ${error.message}`);
    return context.skip();
  }
}
