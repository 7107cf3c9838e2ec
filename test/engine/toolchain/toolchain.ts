import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { type GoTool, goTool } from "./goTool";

/** A real Pulumi engine, ready to run programs of this checkout against the local cloud. */
export interface Toolchain {
  /** Put this folder in front of PATH. */
  readonly folder: string;
  /** `official`: the CLI that was on PATH. `built`: the engine from its Go module, with the stand-ins of this folder. */
  readonly engine: "official" | "built";
  readonly version: string;
}

const repository = path.resolve(__dirname, "../../..");

/** The newest engine that is served as a Go module and was tried with the SDK this project pins. */
const engineVersion = "v3.190.0";
const engine: GoTool = {
  name: "pulumi",
  module: "github.com/pulumi/pulumi/pkg/v3",
  version: engineVersion,
  package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  // Without it `pulumi version` prints nothing and the SDK refuses the engine.
  ldflags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${engineVersion}`,
};

/**
 * Finds or makes a Pulumi engine, and a folder with what it needs beside it:
 *
 * - where the official CLI and its Node host are on PATH, those, plus the provider that plays `aws` on the local cloud;
 * - elsewhere, the engine built from its Go module (minutes, once per machine) plus stand-ins for the Node language host
 *   and the policy analyzer. The stand-ins are test equipment, no replacement for the official ones.
 *
 * The folder lies in `node_modules/.cache` of this checkout, because its scripts name files of this checkout.
 *
 * @throws ToolUnavailable when there is neither an official CLI nor a way to build the engine.
 */
export async function makeToolchain(progress: (line: string) => void = () => undefined): Promise<Toolchain> {
  const folder = path.join(repository, "node_modules", ".cache", "thingstack", "engine");
  const official = officialCli(folder);
  const binary = official === undefined ? await goTool(engine, progress) : undefined;

  fs.mkdirSync(folder, { recursive: true });
  // The engine would otherwise take any provider named `aws` that it finds: this one can only reach the local cloud.
  put(folder, "keepCompiled.js", compiled(path.join(__dirname, "keepCompiled.ts")));
  script(folder, "pulumi-resource-aws", runTypeScript(folder, path.join(repository, "sandbox", "provider", "main.ts")));
  if (!binary) {
    // What an earlier run without the CLI left here would hide it.
    for (const standIn of ["pulumi", "pulumi-language-nodejs", "pulumi-analyzer-policy"]) {
      fs.rmSync(path.join(folder, standIn), { force: true });
    }
    return { folder, engine: "official", version: official! };
  }
  script(folder, "pulumi", `exec '${binary}' "$@"`);
  script(folder, "pulumi-language-nodejs", runTypeScript(folder, path.join(__dirname, "languageHost.ts")));
  script(
    folder,
    "pulumi-analyzer-policy",
    'exec node "$(node -p "require.resolve(\'@pulumi/pulumi/cmd/run-policy-pack\')")" "$@"',
  );
  return { folder, engine: "built", version: engineVersion };
}

/** The version of the official CLI on PATH, if it is there with its Node host; else undefined. */
function officialCli(ownFolder: string): string | undefined {
  const folders = (process.env.PATH ?? "")
    .split(path.delimiter)
    .filter((entry) => entry && path.resolve(entry) !== ownFolder);
  const find = (name: string) => folders.map((entry) => path.join(entry, name)).find((file) => fs.existsSync(file));
  const cli = find("pulumi");
  if (!cli) return undefined;
  const beside = path.join(path.dirname(fs.realpathSync(cli)), "pulumi-language-nodejs");
  if (!fs.existsSync(beside) && !find("pulumi-language-nodejs")) return undefined;
  const version = spawnSync(cli, ["version"], { encoding: "utf8" });
  return version.status === 0 ? version.stdout.trim() : undefined;
}

function runTypeScript(folder: string, file: string): string {
  return `exec node -r '${path.join(folder, "keepCompiled.js")}' '${file}' "$@"`;
}

function compiled(file: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS };
  return ts.transpileModule(fs.readFileSync(file, "utf8"), { compilerOptions, fileName: file }).outputText;
}

function script(folder: string, name: string, command: string): void {
  put(folder, name, `#!/bin/sh\n${command}\n`);
}

/** Renamed into place, so that a run that starts beside this one never executes half a file. */
function put(folder: string, name: string, content: string): void {
  const draft = path.join(folder, `.${name}.${process.pid}`);
  fs.writeFileSync(draft, content, { mode: 0o755 });
  fs.renameSync(draft, path.join(folder, name));
}
