import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";

/** Where the built page lies. */
export const siteDirectory = path.join(__dirname, "dist");

const stamp = path.join(siteDirectory, ".built-from");

/**
 * Builds the page into `console/dist`, unless what is there was built from the same sources with the same packages. A build
 * takes about a second, to see that there is nothing to do a few milliseconds.
 * @returns whether it was built
 * @throws with what Vite said, if it could not be built
 */
export function buildConsole(): boolean {
  const sources = hashOfSources();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return false;
  // In a process of its own: Vite is an ES module, and keeps threads.
  const vite = path.join(path.dirname(require.resolve("vite/package.json")), "bin", "vite.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [vite, "build", __dirname, "--logLevel", "warn"], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`The console could not be built (vite, exit code ${status}):\n${stdout}${stderr}`);
  writeFileSync(stamp, sources);
  return true;
}

function hashOfSources(): string {
  const hash = createHash("sha256");
  const files = [
    ...["index.html", "vite.config.mts", "tsconfig.json", "../package-lock.json"],
    ...["src", "public"].flatMap((folder) =>
      readdirSync(path.join(__dirname, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(__dirname, path.join(entry.parentPath, entry.name))),
    ),
  ].sort();
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(__dirname, file)))
      .update("\0");
  return hash.digest("hex");
}

if (require.main === module) {
  process.stdout.write(buildConsole() ? `Built into ${siteDirectory}\n` : "Nothing has changed since the last build\n");
}
