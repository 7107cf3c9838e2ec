/**
 * Preloaded by the plugins of the tests (`node -r`): loads TypeScript as ts-node does when it only transpiles, and keeps
 * what it compiled. The engine starts a plugin several times per command, and compiling is most of a start.
 */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

const folder = path.join(__dirname, "compiled");

require.extensions[".ts"] = (module: NodeModule, file: string) => {
  const source = fs.readFileSync(file, "utf8");
  const kept = path.join(folder, `${createHash("sha256").update(source).digest("hex")}.js`);
  let output: string;
  try {
    output = fs.readFileSync(kept, "utf8");
  } catch {
    output = compile(file, source);
    fs.mkdirSync(folder, { recursive: true });
    // Renamed into place: plugins start side by side.
    fs.writeFileSync(`${kept}.${process.pid}`, output);
    fs.renameSync(`${kept}.${process.pid}`, kept);
  }
  (module as NodeModule & { _compile(code: string, file: string): void })._compile(output, file);
};

function compile(fileName: string, source: string): string {
  // Loaded only when there is something to compile: it takes longer than all the rest.
  const ts = require("typescript") as typeof import("typescript");
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, esModuleInterop: true };
  return ts.transpileModule(source, { fileName, compilerOptions }).outputText;
}
