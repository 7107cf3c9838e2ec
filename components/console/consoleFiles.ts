import { existsSync, readdirSync } from "node:fs";
import * as path from "node:path";

/** A file of the built console, as it goes into the bucket. */
export interface ConsoleFile {
  /** Its key in the bucket, and its path on the site without the first slash. */
  readonly key: string;
  readonly path: string;
  readonly contentType: string;
  readonly cacheControl: string;
}

/** What is named by its content never changes: browsers keep it for a year and do not ask again. */
const forever = "public, max-age=31536000, immutable";
/** Browsers keep it, and ask each time whether it is still the same. */
export const askEachTime = "no-cache";

const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/** The file that every page of the console begins with. */
export const indexFile = "index.html";

/** What is wrong with a folder as that of a built console; undefined when nothing is. */
export function siteProblem(directory: string): string | undefined {
  if (!existsSync(path.join(directory, indexFile))) {
    return `has no ${indexFile}: ${directory} is no built console. Build it first: npm run build:console`;
  }
  const unknown = filesIn(directory).find((file) => contentTypes[path.extname(file)] === undefined);
  return (
    unknown &&
    `has ${unknown}, of a kind whose content type is not known; components/console/consoleFiles.ts lists those`
  );
}

/** The files of a built console, index.html last: who reads it finds what it names. */
export function consoleFiles(directory: string): ConsoleFile[] {
  return filesIn(directory)
    .map((key) => ({
      key,
      path: path.join(directory, key),
      contentType: contentTypes[path.extname(key)] as string,
      // Vite names what it puts into this folder by its content.
      cacheControl: key.startsWith("assets/") ? forever : askEachTime,
    }))
    .sort((one, other) => Number(one.key === indexFile) - Number(other.key === indexFile));
}

/** Paths with slashes, on every system; what begins with a dot is the build's own. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .sort();
}
