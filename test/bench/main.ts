import { fork } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import * as path from "node:path";
import { type BenchResult, markdownOf, textOf } from "./result";

const help = `Measures thingstack and writes docs/figures.md.

Usage: npm run bench -- [name ...]

Without names all of them run, and the figures are written; with names they are only printed. There are:
`;
const notBenches = new Set(["main.ts", "result.ts", "child.ts"]);

/** Each measurement runs in a process of its own, so that none is warmed or slowed by the one before it. */
function measure(file: string): Promise<BenchResult> {
  return new Promise((resolve, reject) => {
    const child = fork(path.join(__dirname, "child.ts"), [path.join(__dirname, file)], {
      execArgv: ["-r", "./typescript.cjs"],
      env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    });
    let result: BenchResult | undefined;
    child.on("message", (message) => {
      result = message as BenchResult;
    });
    child.on("close", (code) => (result ? resolve(result) : reject(new Error(`${file} ended with exit code ${code}`))));
  });
}

async function main(names: string[]): Promise<void> {
  const files = readdirSync(__dirname).filter((file) => file.endsWith(".ts") && !notBenches.has(file));
  if (names.includes("--help")) {
    process.stdout.write(`${help}${files.map((file) => `  ${file.slice(0, -3)}\n`).join("")}`);
    return;
  }
  const unknown = names.find((name) => !files.includes(`${name}.ts`));
  if (unknown) throw new Error(`there is no measurement "${unknown}"; npm run bench -- --help lists them`);
  const results: BenchResult[] = [];
  for (const file of names.length > 0 ? names.map((name) => `${name}.ts`) : files) {
    process.stdout.write(`\n... ${file.slice(0, -3)}`);
    try {
      const result = await measure(file);
      process.stdout.write(`\r${textOf(result)}`);
      results.push(result);
    } catch (error) {
      // The others took minutes, too, and are not to be lost.
      process.stderr.write(`\n${(error as Error).message}; its figures are left out\n`);
      process.exitCode = 1;
    }
  }
  if (names.length > 0) return;
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
  writeFileSync("docs/figures.md", markdownOf(results, machine, new Date()));
  process.stdout.write("\nWritten to docs/figures.md\n");
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
