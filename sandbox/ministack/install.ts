import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { LocalCloudError } from "./errors";
import { withLock } from "./lock";
import type { Python } from "./python";
import { MINISTACK_VERSION, requirementsFingerprint, requirementsPath } from "./version";

const STAMP = "thingstack.json";

/** The Python of the finished virtual environment in `<root>/venv`; undefined if there is none with these versions. */
export function installedPython(root: string): string | undefined {
  const venv = path.join(root, "venv");
  try {
    const stamp = JSON.parse(readFileSync(path.join(venv, STAMP), "utf8")) as { fingerprint?: string };
    // The link to the base Python breaks when that Python is uninstalled; existsSync follows it.
    const whole = stamp.fingerprint === requirementsFingerprint && existsSync(pythonOf(venv));
    return whole ? pythonOf(venv) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes the virtual environment `<root>/venv` that holds MiniStack with every package at its pinned version.
 *
 * It is built beside its place and moved there when it is complete, so one that was interrupted is never taken for a
 * whole one; a lock lets two first starts share one installation. Only its Python is used: the scripts beside that
 * name the place it was built in.
 * @returns the Python of the environment
 */
export async function installMiniStack(
  root: string,
  python: Python,
  progress: (text: string) => void,
): Promise<string> {
  mkdirSync(root, { recursive: true });
  const waiting = () => progress("Another start is installing MiniStack; waiting for it");
  return withLock(
    path.join(root, "venv.lock"),
    async () => installedPython(root) ?? (await build(root, python, progress)),
    waiting,
  );
}

async function build(root: string, python: Python, progress: (text: string) => void): Promise<string> {
  const venv = path.join(root, "venv");
  removeHalfMade(root);
  const fresh = path.join(root, `venv-${randomUUID()}`);
  try {
    progress(`Making a virtual environment with Python ${python.version}`);
    await run(python.executable, ["-m", "venv", fresh], () => {});
    progress(`Installing MiniStack ${MINISTACK_VERSION} into ${path.relative(process.cwd(), venv)}, once`);
    const pip = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"];
    await run(pythonOf(fresh), [...pip, "-r", requirementsPath], (line) => {
      const [, name, version, size] =
        /^\s*(?:Downloading|Using cached) ([^-]+)-([^-\s]+?)-\S+ \((.+)\)$/.exec(line) ?? [];
      if (name !== undefined) {
        progress(`  ${name} ${version} (${size})`);
      }
    });
    writeFileSync(
      path.join(fresh, STAMP),
      JSON.stringify({ fingerprint: requirementsFingerprint, ...python }, null, 2),
    );
    moveInPlace(fresh, venv);
    return pythonOf(venv);
  } finally {
    rmSync(fresh, { recursive: true, force: true, maxRetries: 5 });
  }
}

function moveInPlace(fresh: string, venv: string): void {
  if (existsSync(venv)) {
    const old = `${venv}-${randomUUID()}`;
    renameSync(venv, old);
    rmSync(old, { recursive: true, force: true, maxRetries: 5 });
  }
  renameSync(fresh, venv);
}

function removeHalfMade(root: string): void {
  for (const name of readdirSync(root).filter((entry) => entry.startsWith("venv-"))) {
    rmSync(path.join(root, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

function pythonOf(venv: string): string {
  return process.platform === "win32" ? path.join(venv, "Scripts", "python.exe") : path.join(venv, "bin", "python");
}

/** Runs a step of the installation; its last lines are part of the error when it fails. */
async function run(command: string, args: string[], onLine: (line: string) => void): Promise<void> {
  // PIP_USER and the like of the caller would install past the virtual environment.
  const { PYTHONHOME, PYTHONPATH, PIP_TARGET, PIP_PREFIX, ...env } = process.env;
  const child = spawn(command, args, { env: { ...env, PIP_USER: "0" }, stdio: ["ignore", "pipe", "pipe"] });
  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lastLines.push(line);
      lastLines.splice(0, lastLines.length - 15);
      onLine(line);
    });
  }
  const code = await new Promise<number | string | null>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (exitCode, signal) => resolve(exitCode ?? signal));
  });
  if (code !== 0) {
    throw new LocalCloudError(
      `Installing MiniStack ${MINISTACK_VERSION} failed: "${path.basename(command)} ${args.slice(0, 3).join(" ")}" ended with ${code}. ` +
        "It needs the Python package index once; check the network and pip's settings (a proxy, a mirror), then start again.\n" +
        lastLines.map((line) => `  ${line}`).join("\n"),
    );
  }
}
