import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A child process that runs MiniStack, and that never outlives this process. */
export interface SupervisedProcess {
  /** Settles with the first line the process writes, or undefined if it ends before. */
  readonly firstLine: Promise<string | undefined>;
  /** Settles when the process has ended, whoever ended it, e.g. `with signal SIGKILL`. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  /** Asks it to end, and after `graceSeconds` ends its whole process group. */
  stop(graceSeconds: number): Promise<void>;
}

/**
 * Starts `command` in a process group of its own, its output in a log file.
 *
 * The command must end, with all it started, when its standard input closes (see run.py): that is what happens to it
 * when this process dies in a way that lets it do nothing more.
 */
export function superviseProcess(
  command: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; cwd: string; logPath: string },
): SupervisedProcess {
  const log = openSync(options.logPath, "a");
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ["pipe", "pipe", log],
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  closeSync(log);
  child.stdin?.on("error", () => {}); // the pipe of a process that has ended

  let how: string | undefined;
  const ended = new Promise<string>((resolve) => {
    const settle = (reason: string) => {
      how = reason;
      killGroup(child); // the workers of one that was killed alone
      resolve(reason);
    };
    child.once("error", (error) => settle(`before it began: ${error.message}`));
    child.once("exit", (code, signal) => settle(signal === null ? `with exit code ${code}` : `with signal ${signal}`));
  });
  const firstLine = new Promise<string | undefined>((resolve) => {
    createInterface({ input: child.stdout! })
      .once("line", resolve)
      .once("close", () => resolve(undefined));
  });
  return {
    firstLine,
    ended,
    hasEnded: () => how !== undefined,
    stop: async (graceSeconds) => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => killGroup(child), graceSeconds * 1000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The last lines of a log, indented for an error message. */
export function tailOf(logPath: string, lines = 15): string {
  try {
    const all = readFileSync(logPath, "utf8").trimEnd().split("\n");
    return all
      .slice(-lines)
      .map((line) => `  ${line}`)
      .join("\n");
  } catch {
    return "  (no log was written)";
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) {
    return;
  }
  try {
    if (process.platform === "win32") {
      child.kill("SIGKILL");
    } else {
      process.kill(-child.pid, "SIGKILL");
    }
  } catch {
    // nobody of the group is left
  }
}
