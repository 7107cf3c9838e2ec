// Lets Node load TypeScript (`node -r ./typescript.cjs`): by ts-node, without checking types, and what that made of a file is
// kept. Nearly every program here loads a hundred files or more, and to transpile them took longer than all they do then.
// docs/decisions/typescript.md says why ts-node, and what this saves.
"use strict";
const { createHash } = require("node:crypto");
const { findSourceMap } = require("node:module");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const path = require("node:path");

const folder = path.join(__dirname, "node_modules", ".cache", "thingstack-typescript");
const versions = [
  require("ts-node/package.json").version,
  require("typescript/package.json").version,
  readFileSync(path.join(__dirname, "tsconfig.json"), "utf8"),
].join("\n");

let service;

function compile(code, file) {
  // Only now: the compiler takes half a second to load.
  service ??= require("ts-node").create({ transpileOnly: true, cwd: __dirname });
  return service.compile(code, file);
}

function compiled(code, file) {
  const kept = path.join(folder, `${createHash("sha256").update([versions, file, code].join("\0")).digest("hex")}.js`);
  try {
    return readFileSync(kept, "utf8");
  } catch {
    const output = compile(code, file);
    try {
      mkdirSync(folder, { recursive: true });
      // In one step: another process may look for it now.
      writeFileSync(`${kept}.${process.pid}`, output);
      renameSync(`${kept}.${process.pid}`, kept);
    } catch {
      // A folder that can't be written to costs time, and nothing else.
    }
    return output;
  }
}

require.extensions[".ts"] = (module, file) => {
  module._compile(compiled(readFileSync(file, "utf8"), file), file);
};

// Stack traces name lines of TypeScript: each output carries its map. Not so those that Pulumi takes of every promise it
// makes, for a report of leaks that nobody asked for: to map them took a fifth of a program's time.
process.setSourceMapsEnabled(true);
Error.prepareStackTrace = (error, sites) =>
  sites[0]?.getFunctionName() === "debuggablePromise" && !process.env.PULUMI_DEBUG_PROMISE_LEAKS
    ? ""
    : [String(error), ...sites.map((site) => `    at ${placed(site)}`)].join("\n");

function placed(site) {
  const file = site.getFileName();
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  const entry = file?.endsWith(".ts") ? findSourceMap(file)?.findEntry(line - 1, column - 1) : undefined;
  return entry?.originalLine === undefined
    ? String(site)
    : String(site).replace(`:${line}:${column}`, `:${entry.originalLine + 1}:${entry.originalColumn + 1}`);
}
