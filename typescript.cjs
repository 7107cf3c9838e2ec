// Lets Node load TypeScript (`node -r ./typescript.cjs`): by ts-node, without checking types, and what that made of a file is
// kept. Nearly every program here loads a hundred files or more, and to transpile them took longer than all they do then.
// docs/decisions/typescript.md says why ts-node, and what this saves.
"use strict";
const { createHash } = require("node:crypto");
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

// Stack traces name lines of TypeScript: each output carries its map.
process.setSourceMapsEnabled(true);
