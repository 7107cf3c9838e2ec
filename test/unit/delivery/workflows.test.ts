import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { goTool, ToolUnavailable } from "../../engine/toolchain/goTool";

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly uses?: string;
  readonly steps?: readonly { readonly uses?: string; readonly run?: string }[];
}

const github = path.resolve(__dirname, "../../../.github");
const workflows = fs.readdirSync(path.join(github, "workflows"));
const actions = fs.readdirSync(path.join(github, "actions")).map((name) => path.join("actions", name, "action.yml"));
const read = (file: string) => fs.readFileSync(path.join(github, file), "utf8");

const actionlint = {
  name: "actionlint",
  module: "github.com/rhysd/actionlint",
  version: "v1.7.9",
  package: "github.com/rhysd/actionlint/cmd/actionlint",
};

describe("workflows of GitHub Actions", () => {
  it("pass actionlint", async function () {
    let binary: string;
    try {
      binary = await goTool(actionlint, (line) => console.error(`      ${line}`));
    } catch (error) {
      if (!(error instanceof ToolUnavailable)) throw error;
      console.error(`      skipped: ${error.message}`);
      return this.skip();
    }
    const { status, stdout } = spawnSync(binary, ["-no-color"], { cwd: path.dirname(github), encoding: "utf8" });
    expect(stdout).to.equal("");
    expect(status).to.equal(0);
  });

  for (const file of [...workflows.map((name) => path.join("workflows", name)), ...actions]) {
    it(`pin every action of ${file} by commit, with its version beside it`, () => {
      const used = read(file)
        .split("\n")
        .filter((line) => /^\s*(- )?uses: [^.]/.test(line));
      for (const line of used) expect(line).to.match(/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });

    it(`keep no key for ${file}`, () => {
      expect(read(file)).not.to.match(/secrets\.|aws-access-key-id|AWS_SECRET/i);
    });
  }

  for (const name of workflows) {
    const workflow = parse(read(path.join("workflows", name))) as Workflow;

    it(`give ${name} no right beyond reading the code, unless a job says so`, () => {
      expect(workflow.permissions).to.deep.equal({ contents: "read" });
      // Runs with the rights of the target branch on what somebody else wrote.
      expect(workflow.on).not.to.have.property("pull_request_target");
    });

    it(`let only those jobs of ${name} prove who they are that take a role`, () => {
      for (const [id, job] of Object.entries(workflow.jobs)) {
        const takesRole =
          job.uses?.endsWith("/up.yml") || job.steps?.some((step) => step.uses === "./.github/actions/assume-role");
        expect(job.permissions?.["id-token"], id).to.equal(takesRole ? "write" : undefined);
      }
    });

    it(`name only scripts in ${name} that there are`, () => {
      const { scripts } = JSON.parse(fs.readFileSync(path.join(github, "../package.json"), "utf8"));
      const steps = Object.values(workflow.jobs).flatMap((job) => job.steps ?? []);
      const named = steps.flatMap(({ run = "" }) => /^npm run ([\w:]+)|^npm (test)/.exec(run)?.slice(1) ?? []);
      for (const script of named.filter(Boolean)) expect(scripts).to.have.property(script);
    });
  }
});
