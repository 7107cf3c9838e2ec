import { resolve } from "node:path";

/** A Pulumi program: registers resources, returns the stack's outputs. */
export type Program = () => Promise<Record<string, unknown> | undefined> | Record<string, unknown> | undefined;

/**
 * The program behind an entry file, as `pulumi up` understands it: the module's exports are the outputs, or a function
 * that returns them. The entry itself is loaded anew each time.
 */
export function loadProgram(program: Program | string): Program {
  if (typeof program !== "string") return program;
  return () => {
    const path = require.resolve(resolve(program));
    delete require.cache[path];
    const loaded = require(path);
    const entry = typeof loaded.default === "function" ? loaded.default : loaded;
    return typeof entry === "function" ? entry() : entry;
  };
}
