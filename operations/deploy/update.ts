import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { projectDirectory } from "../../common/project";
import { deploy } from "../../sandbox/deploy/inProcess";
import { readStackConfig } from "../../sandbox/deploy/stackConfig";
import { sandboxDirectory } from "../../sandbox/ministack/folders";
import type { OutputsFile } from "../../sandbox/outputsFile";
import { withoutSecrets } from "../../sandbox/session";
import { readState, writeState } from "../../sandbox/stateFile";

/** `pulumi up`, on this terminal. @throws when it ends with another exit code than 0 */
export async function pulumiUp(stack: string, yes: boolean): Promise<void> {
  const args = ["up", "--stack", stack, ...(yes ? ["--yes"] : [])];
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn("pulumi", args, { stdio: "inherit" });
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "ENOENT" ? new Error("the Pulumi CLI is not on PATH; get it from pulumi.com") : error),
    );
    child.once("exit", resolve);
  });
  if (code !== 0) throw new Error(`pulumi up ended with the exit code ${code}, so nothing is released`);
}

/** Brings the local cloud that runs up to date with the checkout: what `pulumi up` is for an account. */
export async function updateLocalCloud(file: OutputsFile): Promise<void> {
  const runFolder = path.dirname(file.mqtt.caPath);
  const { config: deployedWith, resources: previous } = readState(runFolder);
  const { project, config: own } = readStackConfig(projectDirectory, "local");
  // The speed that npm start was given is in the interval that it deployed with.
  const interval = deployedWith["thingstack:reminderInterval"];
  const config = { ...deployedWith, ...own, ...(interval && { "thingstack:reminderInterval": interval }) };
  const { outputs, state } = await deploy({
    program: path.join(projectDirectory, "stacks", "index.ts"),
    project,
    stack: "local",
    config,
    cloud: file,
    previous,
  });
  writeState(runFolder, { config, resources: state });
  const outputsFile = path.join(sandboxDirectory, "outputs.json");
  const known = JSON.parse(readFileSync(outputsFile, "utf8"));
  writeFileSync(outputsFile, `${JSON.stringify({ ...known, outputs: withoutSecrets(outputs) }, null, 2)}\n`);
}
