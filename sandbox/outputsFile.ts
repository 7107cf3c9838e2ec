import { readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { isAlive, sandboxDirectory } from "./ministack/folders";
import type { Session } from "./session";

/** What any program needs to join the local cloud, as `.sandbox/outputs.json` has it. */
export interface OutputsFile {
  /** The process that runs the local cloud. */
  readonly pid: number;
  /** The endpoint of every AWS service. */
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  readonly mqtt: Session["cloud"]["mqtt"];
  /** Where a browser finds the console. */
  readonly consoleUrl: string;
  readonly outputs: Session["outputs"];
  readonly devices: Session["devices"];
  readonly users: Session["users"];
}

/** How to join the local cloud of a session. */
export function outputsFileOf({ cloud, outputs, devices, users }: Session): OutputsFile {
  const { endpoint, region, accountId, mqtt, cloudFrontUrl: consoleUrl } = cloud;
  return { pid: process.pid, endpoint, region, accountId, mqtt, consoleUrl, outputs, devices, users };
}

/**
 * Writes how to join the local cloud to `.sandbox/outputs.json`. While another local cloud runs, that file is the other's,
 * and this one's lies in its own run folder.
 * @returns the file's path, and how to remove it
 */
export function writeOutputs(session: Session, root: string = sandboxDirectory): { path: string; remove: () => void } {
  const shared = path.join(root, "outputs.json");
  const file = isTaken(shared) ? path.join(path.dirname(session.cloud.mqtt.caPath), "outputs.json") : shared;
  writeFileSync(file, `${JSON.stringify(outputsFileOf(session), null, 2)}\n`);
  return { path: file, remove: () => rmSync(file, { force: true }) };
}

function isTaken(file: string): boolean {
  try {
    const { pid } = JSON.parse(readFileSync(file, "utf8")) as OutputsFile;
    return pid !== process.pid && isAlive(pid);
  } catch {
    return false;
  }
}
