/** Runs a program's entry point as Pulumi does: what the module exports, called if it is a function. */
export function runEntryPoint(file: string): unknown {
  const exported = require(file);
  return typeof exported === "function" ? exported() : exported;
}
