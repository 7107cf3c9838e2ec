import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** A command line tool that is built from its Go module, because only package registries may be reachable. */
export interface GoTool {
  /** The name of the binary, and of its folder in the cache. */
  readonly name: string;
  /** The module that is required, at exactly `version`. */
  readonly module: string;
  readonly version: string;
  /** The main package inside the module. */
  readonly package: string;
  /** Passed to the linker, e.g. to set the version the tool prints. */
  readonly ldflags?: string;
}

/** The tool can not be had on this machine; the message says why and what would help. */
export class ToolUnavailable extends Error {}

/** The per-user folder that binaries are kept in, so that the second run on a machine is warm. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
  return path.join(base, "thingstack");
}

/**
 * The path of the tool's binary; builds it if this machine has not built this version before.
 *
 * The build happens in a folder of its own and the binary is renamed into place, so two runs at once can not see half a
 * binary, and a build that was killed leaves nothing behind that the next one trips over.
 *
 * @throws ToolUnavailable without Go, or when the build fails.
 */
export async function goTool(tool: GoTool, progress: (line: string) => void): Promise<string> {
  const home = path.join(cacheFolder(), `${tool.name}-${tool.version}`);
  const binary = path.join(home, "bin", tool.name);
  if (fs.existsSync(binary)) return binary;

  if (spawnSync("go", ["version"]).error) {
    throw new ToolUnavailable(
      `${tool.name} ${tool.version} is not in ${home} and there is no Go to build it with. ` +
        `Install Go (https://go.dev/dl), or put the official ${tool.name} on PATH.`,
    );
  }
  fs.mkdirSync(path.dirname(binary), { recursive: true });
  const work = fs.mkdtempSync(path.join(home, "build-"));
  try {
    // A go.mod of its own: `go install <package>@<version>` asks for the list of versions, which not every module proxy
    // serves, while a requirement of one exact version needs no list.
    fs.writeFileSync(path.join(work, "go.mod"), `module build\n\ngo 1.24\n\nrequire ${tool.module} ${tool.version}\n`);
    progress(`building ${tool.name} ${tool.version} from its Go module, once per machine`);
    await build(tool, work, progress);
    fs.renameSync(path.join(work, tool.name), binary);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
  return binary;
}

/** A heartbeat comes at least this often, so that a CI log that stands still means something. */
const heartbeatMs = 20_000;

async function build(tool: GoTool, work: string, progress: (line: string) => void): Promise<void> {
  const args = ["build", "-mod=mod", "-buildvcs=false", "-o", tool.name];
  if (tool.ldflags) args.push("-ldflags", tool.ldflags);
  args.push(tool.package);
  const started = Date.now();
  const child = spawn("go", args, { cwd: work, stdio: ["ignore", "pipe", "pipe"] });
  try {
    // A build of minutes must not starve whatever else the machine does.
    if (child.pid) os.setPriority(child.pid, 10);
  } catch {
    // Not every sandbox lets a process lower its priority; the build is the same without.
  }
  const tail: string[] = [];
  const keep = (chunk: Buffer) => {
    tail.push(...chunk.toString().split("\n").filter(Boolean));
    tail.splice(0, tail.length - 20);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const heartbeat = setInterval(() => {
    progress(`still building ${tool.name}, ${seconds()} s${tail.length ? `: ${tail.at(-1)}` : ""}`);
  }, heartbeatMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (code !== 0) {
      throw new ToolUnavailable(
        `Building ${tool.name} ${tool.version} failed (go exit code ${code}). ` +
          `Check that GOPROXY reaches a module proxy and that the disk has 3 GB free. Last lines:\n${tail.join("\n")}`,
      );
    }
    progress(`built ${tool.name} ${tool.version} in ${seconds()} s`);
  } finally {
    clearInterval(heartbeat);
  }
}
