import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "./folders";

const HEARTBEAT_SECONDS = 2;
/** A holder that has not touched its lock for this long is gone, whatever process has its id now. */
const STALE_SECONDS = 15;

/**
 * Runs `work` while no other process that asks for the same lock runs its own.
 * A lock whose holder died is taken over: its process is gone, or it has not been touched for 15 seconds.
 * @param lockPath a file that exists while the lock is held
 * @param waiting called once if somebody else holds the lock
 */
export async function withLock<T>(lockPath: string, work: () => Promise<T>, waiting: () => void): Promise<T> {
  const owner = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  let told = false;
  while (!tryCreate(lockPath, owner)) {
    if (removeIfStale(lockPath)) {
      continue;
    }
    if (!told) {
      waiting();
      told = true;
    }
    await sleep(200);
  }
  const heartbeat = setInterval(() => touch(lockPath), HEARTBEAT_SECONDS * 1000);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if (read(lockPath) === owner) {
      rmSync(lockPath, { force: true });
    }
  }
}

function tryCreate(lockPath: string, owner: string): boolean {
  try {
    writeFileSync(lockPath, owner, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      return false;
    }
    throw error;
  }
}

function removeIfStale(lockPath: string): boolean {
  const seen = read(lockPath);
  if (seen === undefined || !isStale(lockPath, seen)) {
    return seen === undefined;
  }
  // Two that wait may both find it stale; the rename lets only one of them take it away.
  const aside = `${lockPath}.${randomUUID()}`;
  try {
    renameSync(lockPath, aside);
    if (read(aside) !== seen) {
      linkSync(aside, lockPath); // a third one has taken over in between: it gets its lock back
    }
  } catch {
    // another one was faster
  }
  rmSync(aside, { force: true });
  return true;
}

function isStale(lockPath: string, content: string): boolean {
  const untouchedSeconds = (Date.now() - (statSync(lockPath, { throwIfNoEntry: false })?.mtimeMs ?? 0)) / 1000;
  if (untouchedSeconds > STALE_SECONDS) {
    return true;
  }
  try {
    const owner = JSON.parse(content) as { pid: number; host: string };
    return owner.host === hostname() && !isAlive(owner.pid);
  } catch {
    return false; // just being written
  }
}

function read(lockPath: string): string | undefined {
  try {
    return readFileSync(lockPath, "utf8");
  } catch {
    return undefined;
  }
}

function touch(lockPath: string): void {
  try {
    const now = new Date();
    utimesSync(lockPath, now, now);
  } catch {
    // taken over while this process was suspended; what it protects is made safe by an atomic rename
  }
}
