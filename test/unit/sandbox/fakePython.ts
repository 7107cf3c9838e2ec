import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

/** A folder of its own for a test, removed after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "thingstack-test-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Puts a program into a folder of programs. It is a shell script: what is looked for on PATH has to be a real program.
 * @param script what it does; `/bin/sh` does not need PATH for its own commands
 */
export function fakeProgram(folder: string, name: string, script: string): void {
  writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(folder, name), 0o755);
}

/** What a Python says when it is asked for its version. */
export function pythonAnswer(version: string, complete: boolean, executable = "/fake/python"): string {
  const numbers = version.split(".").map(Number);
  return `echo '${JSON.stringify({ version: numbers, executable, complete })}'`;
}
