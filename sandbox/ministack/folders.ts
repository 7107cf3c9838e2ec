import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";

/** The project: where package.json and node_modules are. */
export const projectDirectory = path.resolve(__dirname, "..", "..");

/** The git-ignored folder of the local cloud: virtual environment, logs, and one folder per run. */
export const sandboxDirectory = path.join(projectDirectory, ".sandbox");

const LOGS_KEPT = 20;

/** The folder of one run of the local cloud. It goes when the run ends; its log stays. */
export interface RunFolder {
  readonly id: string;
  readonly path: string;
  /** `.sandbox/logs/ministack-<id>.log` */
  readonly logPath: string;
  remove(): void;
}

/** Makes the folder of a new run and clears away what runs that died hard have left behind. */
export function createRunFolder(root: string = sandboxDirectory): RunFolder {
  mkdirSync(path.join(root, "logs"), { recursive: true });
  removeAbandonedRuns(root);
  removeOldLogs(root);
  const folder = mkdtempSync(path.join(root, `run-${randomBytes(2).toString("hex")}`));
  writeFileSync(path.join(folder, "pid"), String(process.pid));
  const id = path.basename(folder).slice("run-".length);
  return {
    id,
    path: folder,
    logPath: path.join(root, "logs", `ministack-${id}.log`),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
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
    const owner = ownerOf(folder);
    if (owner !== undefined && !isAlive(owner)) {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

function ownerOf(folder: string): number | undefined {
  try {
    return Number(readFileSync(path.join(folder, "pid"), "utf8")) || undefined;
  } catch {
    return undefined; // being made or being removed by its own run
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
