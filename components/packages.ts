import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The packages that Pulumi's CallbackFunction would pack and a function does not need. It packs every one of the
 * `dependencies` of the program's package.json into every zip (23 MB with two AWS clients), while Lambda's Node runtime
 * brings `@aws-sdk/*` itself; so all are left out but those that the callback asks for.
 */
export function packagesToLeaveOut(packed: readonly string[], from: string = process.cwd()): string[] {
  const dependencies = Object.keys(nearestPackageJson(from)?.dependencies ?? {});
  return dependencies.filter((dependency) => !packed.includes(dependency));
}

function nearestPackageJson(folder: string): { dependencies?: Record<string, string> } | undefined {
  const file = join(folder, "package.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestPackageJson(parent);
}
