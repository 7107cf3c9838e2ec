import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { projectDirectory } from "../../common/project";

/** The git-ignored folder of the local cloud: virtual environment, logs, and one folder per run. */
export const sandboxDirectory = path.join(projectDirectory, ".sandbox");

const LOGS_KEPT = 20;
/** In a run's folder: whose it is. */
const OWNER = "owner.json";

/** The folders of one run of the local cloud. They go when the run ends; its log stays. */
export interface RunFolder {
  readonly id: string;
  /** `.sandbox`, which the runs share. */
  readonly root: string;
  /** `.sandbox/run-<id>` */
  readonly path: string;
  /**
   * Where functions are unpacked: outside the project, or Node would look into the project's node_modules for whatever
   * they require, and a package that Lambda does not have would be found on the laptop only.
   */
  readonly temporary: string;
  /** `.sandbox/logs/ministack-<id>.log` */
  readonly logPath: string;
  remove(): void;
}

/** Makes the folders of a new run and clears away what runs that died hard have left behind. */
export function createRunFolder(root: string = sandboxDirectory): RunFolder {
  mkdirSync(path.join(root, "logs"), { recursive: true });
  removeAbandonedRuns(root);
  removeOldLogs(root);
  const folder = mkdtempSync(path.join(root, "run-"));
  const id = path.basename(folder).slice("run-".length);
  const temporary = mkdtempSync(path.join(tmpdir(), `thingstack-${id}-`));
  writeFileSync(path.join(folder, OWNER), JSON.stringify({ pid: process.pid, temporary }));
  return {
    id,
    root,
    path: folder,
    temporary,
    logPath: path.join(root, "logs", `ministack-${id}.log`),
    remove: () => removeFolders(temporary, folder),
  };
}

/** Whether a process with this id runs; a process of another user counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function removeAbandonedRuns(root: string): void {
  for (const name of readdirSync(root).filter((entry) => entry.startsWith("run-"))) {
    const folder = path.join(root, name);
    try {
      const owner = JSON.parse(readFileSync(path.join(folder, OWNER), "utf8")) as { pid: number; temporary: string };
      if (!isAlive(owner.pid)) {
        removeFolders(owner.temporary, folder);
      }
    } catch {
      // being made or being removed by its own run
    }
  }
}

function removeFolders(...folders: string[]): void {
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function removeOldLogs(root: string): void {
  const logs = path.join(root, "logs");
  const newestFirst = readdirSync(logs)
    .map((name) => ({ name, time: statSync(path.join(logs, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.time - a.time);
  for (const { name } of newestFirst.slice(LOGS_KEPT)) {
    rmSync(path.join(logs, name), { force: true });
  }
}
