import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** Where Lambda finds the callback in what {@link callbackCode} makes. */
export const callbackHandler = "__index.handler";

/**
 * The zip of an inline callback, by Pulumi's own serialiser: `__index.js`, and the packages that it asks for.
 *
 * `aws.lambda.CallbackFunction` does the same, and reads the whole tree of node_modules for each function to find out that
 * no package is wanted: a third of a second, thirty times.
 *
 * @param owner for errors
 * @param factory returns the callback; runs once per execution environment
 * @param packages of npm, that the zip brings along
 * @throws RunError, in the deployment, for a callback that captures a secret: it would lie in the zip in clear text
 */
export async function callbackCode(
  owner: string,
  factory: () => unknown,
  packages: readonly string[],
): Promise<pulumi.asset.AssetArchive> {
  const { text, containsSecrets } = await pulumi.runtime.serializeFunction(factory, {
    serialize: () => true,
    exportName: "handler",
    isFactoryFunction: true,
    // Pulumi's own refusal names neither the function nor the way out.
    allowSecrets: true,
  });
  if (containsSecrets) {
    throw new pulumi.RunError(
      `${owner}: its callback captures a secret, which would lie in the function's zip in clear text. Read it at run time ` +
        "instead (Secrets Manager, SSM Parameter Store) and grant the function that read.",
    );
  }
  const files: pulumi.asset.AssetMap = { "__index.js": new pulumi.asset.StringAsset(text) };
  if (packages.length === 0) return new pulumi.asset.AssetArchive(files);
  const paths = await pulumi.runtime.computeCodePaths({ extraExcludePackages: packagesToLeaveOut(packages) });
  return new pulumi.asset.AssetArchive({ ...files, ...Object.fromEntries(paths) });
}

/**
 * Pulumi packs every one of the `dependencies` of the program's package.json (23 MB with two AWS clients), while Lambda's
 * Node runtime brings `@aws-sdk/*` itself; so all are left out but those that the callback asks for.
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
