// Where Pulumi starts a policy pack: "main" of each pack's package.json, with the pack's folder as the working directory.
//
// Left to itself, Pulumi type-checks a pack whenever it starts it: 3.7 s of CPU for one of ours, before every preview. Types
// are checked by `npm run check`, so here files are only transpiled: 1.5 s, most of it Pulumi's SDK (docs/decisions/policies.md).
// Plain JavaScript, since it has to run before TypeScript can.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { create } = require("ts-node");

const service = create({ transpileOnly: true, cwd: join(__dirname, "..", "..") });
// In place of Pulumi's own hook, not on top of it: hooks call the one before, and that one type-checks.
require.extensions[".ts"] = (module, file) => {
  module._compile(service.compile(readFileSync(file, "utf8"), file), file);
};

require(join(process.cwd(), "index.ts"));
