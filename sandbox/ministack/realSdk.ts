import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { projectDirectory } from "../../common/project";
import { LocalCloudError } from "./errors";

/** `require("x")`, `import("x")`, `import ... from "x"`, `import "x"`, with any quotes. */
const LOADS = /(?:\brequire\s*\(\s*|\bimport\s*\(\s*|\bfrom\s*|\bimport\s*)(["'`])((?:@aws-sdk|@smithy)\/[^"'`\s]+)\1/g;

/**
 * Makes sure that every package of the AWS SDK that a function loads is the real one and loads on this Node.
 * Where one does not, MiniStack puts a stand-in of its own in its place without a word: it knows neither the client's
 * configuration nor its retries and errors, so what runs with it proves nothing.
 *
 * Call it before the function is created.
 * @param functionName for the error
 * @param code the text of the function, e.g. of its `__index.js`
 * @param nodePath the node_modules whose SDK the functions get. Default: the project's
 * @throws LocalCloudError naming the function, the packages, and the command that installs them
 */
export function assertRealSdk(
  functionName: string,
  code: string,
  nodePath: string = path.join(projectDirectory, "node_modules"),
): void {
  const load = createRequire(path.join(nodePath, "..", "function.js"));
  const modules = new Set(Array.from(code.matchAll(LOADS), (match) => match[2]!));
  const problems: string[] = [];
  const missing = new Set<string>();
  for (const module of modules) {
    const name = module.split("/", 2).join("/");
    if (!existsSync(path.join(nodePath, name, "package.json"))) {
      missing.add(name);
      continue;
    }
    try {
      load(module); // MiniStack's stand-in also comes when the real one is there, but fails to load
    } catch (error) {
      problems.push(`"${module}" does not load (${error instanceof Error ? error.message.split("\n")[0] : error})`);
    }
  }
  if (missing.size > 0) {
    const names = [...missing];
    problems.push(`${names.map((name) => `"${name}"`).join(", ")} not installed; run: npm install ${names.join(" ")}`);
  }
  if (problems.length > 0) {
    throw new LocalCloudError(
      `Function "${functionName}" would not run with the real AWS SDK, and MiniStack would put a stand-in in its place: ` +
        `${problems.join("; ")}.`,
    );
  }
}
