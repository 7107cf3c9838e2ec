import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect } from "chai";

const root = resolve(__dirname, "../..");
const main = join(root, "policies/run/main.ts");
const tsNode = require.resolve("ts-node/register/transpile-only");
const aws = JSON.stringify(require.resolve("@pulumi/aws"));

const projectFile =
  "name: shop\nruntime: nodejs\nmain: index.js\nconfig:\n  shop:days: { type: integer, default: 7 }\n";
const stackFile =
  "config:\n  aws:region: eu-central-1\n  aws:defaultTags: { tags: { project: a, environment: b, owner: c } }\n";
const logs = (props: string) => `const aws = require(${aws}); new aws.cloudwatch.LogGroup("logs", ${props});`;

describe("policies: npm run policy", () => {
  const folders: string[] = [];
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  /** Runs the command in a project of these files. */
  async function policy(args: readonly string[], files: Record<string, string>) {
    const folder = mkdtempSync(join(tmpdir(), "policy-"));
    folders.push(folder);
    for (const [name, text] of Object.entries({ "Pulumi.yaml": projectFile, "Pulumi.dev.yaml": stackFile, ...files })) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const child = spawn(process.execPath, ["-r", tsNode, main, ...args], {
      cwd: folder,
      env: { ...process.env, TS_NODE_PROJECT: join(root, "tsconfig.json") },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    const code = await new Promise<number | null>((done) => child.once("close", done));
    return { code, stdout, stderr };
  }

  it("exits with 0 and a summary where nothing mandatory is violated", async () => {
    const { code, stdout, stderr } = await policy(["dev"], { "index.js": logs("{ retentionInDays: 7 }") });
    expect(stderr).to.equal("");
    expect(stdout).to.match(
      /^\d+ policies over 2 resources: 0 mandatory, 0 advisory, 0 mended \(program [\d.]+ s, policies [\d.]+ s\)\n$/,
    );
    expect(code).to.equal(0);
  });

  it("hands the program the defaults of the project and the stack's own values", async () => {
    const program = `const pulumi = require(${JSON.stringify(require.resolve("@pulumi/pulumi"))});
      const config = new pulumi.Config(); ${logs("{ retentionInDays: config.requireNumber('days') }")}`;
    const minimum = { "policies/config/thingstack-conventions.json": '{ "log-retention": { "minimumDays": 14 } }' };
    expect((await policy(["dev"], { ...minimum, "index.js": program })).stdout).to.contain("for 7 days; at least 14");
    const own = { "Pulumi.dev.yaml": `${stackFile}  shop:days: 30\n` };
    expect((await policy(["dev"], { ...minimum, ...own, "index.js": program })).code).to.equal(0);
  });

  it("exits with 1 and says what, why and how to fix it by resource where something mandatory is violated", async () => {
    const { code, stdout } = await policy(["dev"], { "index.js": logs("{}") });
    expect(stdout).to.match(
      /^logs {2}aws:cloudwatch\/logGroup:LogGroup\n {2}✗ mandatory {2}log-retention \(thingstack-conventions\)\n {4}Log groups keep .+\n {6}The log group logs keeps its logs for ever\.\n {6}Why: .+\n {6}Fix: .+\n {6}See https:/,
    );
    expect(stdout).to.contain("1 mandatory, 0 advisory");
    expect(stdout, "colours without a terminal").not.to.contain("\u001b");
    expect(code).to.equal(1);
  });

  it("prints one JSON object with --json", async () => {
    const { code, stdout } = await policy(["dev", "--json"], { "index.js": logs("{}") });
    const result = JSON.parse(stdout);
    expect(result).to.include({ stack: "dev", resources: 2 });
    expect(result.violations[0]).to.include({ policy: "log-retention", level: "mandatory", name: "logs" });
    expect(code).to.equal(1);
  });

  it("takes the configuration of another folder", async () => {
    const files = { "index.js": logs("{}"), "other/thingstack-conventions.json": '{ "log-retention": "advisory" }' };
    const { code, stdout } = await policy(["dev", "--config", "other"], files);
    expect(stdout).to.contain("0 mandatory, 1 advisory");
    expect(code).to.equal(0);
  });

  it("says how it is used with --help", async () => {
    const { code, stdout } = await policy(["--help"], {});
    expect(stdout)
      .to.match(/npm run policy -- <stack>/)
      .and.to.contain("thingstack-security");
    expect(code).to.equal(0);
  });

  const ok = { "index.js": logs("{}") };
  // What is refused before the program runs is tested without a process in test/unit/policies.
  const refused: [title: string, args: string[], files: Record<string, string>, message: RegExp][] = [
    ["no stack", [], ok, /^Name one stack\. See npm run policy -- --help\.\n$/],
    ["an option there is not", ["dev", "--jsno"], ok, /--jsno/],
    ["a stack there is not", ["production"], ok, /There is no .+Pulumi\.production\.yaml; there is dev\.\n$/],
    [
      "a policy there is not",
      ["dev"],
      { ...ok, "policies/config/thingstack-conventions.json": '{ "log-retentoin": "advisory" }' },
      /did you mean "log-retention"\?\n$/,
    ],
    ["a program that throws", ["dev"], { "index.js": "throw new Error('no')" }, /^The program failed: Error: no/],
    [
      "a program that leaves a promise rejected",
      ["dev"],
      { "index.js": "Promise.reject(new Error('too late'))" },
      /^The program failed: Error: too late/,
    ],
  ];
  for (const [title, args, files, message] of refused) {
    it(`exits with 2 for ${title}`, async () => {
      const { code, stdout, stderr } = await policy(args, files);
      expect(stderr).to.match(message);
      expect(stdout).to.equal("");
      expect(code).to.equal(2);
    });
  }
});
