import { existsSync, readdirSync } from "node:fs";
import type { Device } from "../device";
import { UpdateAgent } from "../updateAgent";
import { UsageError } from "./options";

/**
 * The apps of a device: the folders that lie in its folder.
 * @throws UsageError when there is none
 */
export function appsIn(folder: string): readonly string[] {
  const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  const apps = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (apps.length === 0) {
    throw new UsageError(`--apps ${folder} has no app: make a folder for each, e.g. mkdir -p ${folder}/my-app`);
  }
  return apps;
}

/** Takes updates of apps, and prints how they go. */
export async function followUpdates(
  device: Device,
  folder: string,
  say: (text: string) => void,
  complain: (text: string) => void,
): Promise<UpdateAgent> {
  const apps = appsIn(folder);
  const agent = new UpdateAgent(device, { folder, apps: Object.fromEntries(apps.map((app) => [app, {}])) });
  agent.on("step", (step, { app, version }) => {
    if (step !== "noting") say(`update ${app} ${version}: ${step}`);
  });
  agent.on("finished", ({ jobId, app, version, status, reason }) => {
    say(`job ${jobId}${app ? ` (${app} ${version})` : ""}: ${status}${reason ? `, ${reason}` : ""}`);
  });
  agent.on("gone", ({ jobId }) => say(`job ${jobId} is over: cancelled, timed out or deleted`));
  agent.on("problem", ({ message }) => complain(message));
  await agent.start();
  for (const [app, version] of Object.entries(await agent.versions())) say(`app ${app}: ${version ?? "nothing yet"}`);
  return agent;
}
