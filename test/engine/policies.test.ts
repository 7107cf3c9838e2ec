import * as fs from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { requireEngine } from "./engineSuite";
import { PulumiProject } from "./pulumiProject";

const pack = path.resolve(__dirname, "../../policies/security");

describe("policy packs with the real engine", () => {
  let cloud: LocalCloud;
  let project: PulumiProject;

  before(async function () {
    const toolchain = await requireEngine(this);
    cloud = await startLocalCloud({ accountId: "100000000007" });
    const main = path.join(__dirname, "fixtures", "visitor.ts");
    project = new PulumiProject({ toolchain, cloud, main, project: "visitor" });
    await project.ok("stack", "init", "dev");
  });
  after(async () => {
    project?.remove();
    await cloud?.stop();
  });

  async function preview(configuration: object) {
    const file = path.join(project.folder, "policies.json");
    fs.writeFileSync(file, JSON.stringify(configuration));
    const packs = ["--policy-pack", pack, "--policy-pack-config", file];
    const { code, stdout, stderr } = await project.run(["preview", "--stack", "dev", ...packs]);
    return { failed: code !== 0, said: stdout + stderr };
  }

  it("fail a preview that breaks a mandatory policy, and say what, why and how to fix it", async () => {
    const { failed, said } = await preview({});
    expect(failed, said).to.equal(true);
    expect(said).to.match(/\[mandatory\]\s+iam-wildcard-actions/);
    expect(said).to.contain("dynamodb:*").and.to.contain("name the actions that are called");
    expect(said).to.contain("https://docs.aws.amazon.com/IAM/");
    expect(said.match(/\[mandatory\]/g), said).to.have.lengthOf(1);
  });

  it("let a preview pass that breaks an advisory one, and still say so", async () => {
    const { failed, said } = await preview({ "iam-wildcard-actions": "advisory" });
    expect(failed, said).to.equal(false);
    expect(said).to.match(/\[advisory\]\s+iam-wildcard-actions/);
  });

  const wrong: [what: string, configuration: object, message: RegExp][] = [
    ["a policy there is not", { "iam-wildcard-action": "advisory" }, /iam-wildcard-action\b.*iam-wildcard-actions/s],
    ["a level there is not", { "iam-wildcard-actions": "mandatry" }, /mandatry/],
    ["a parameter there is not", { "iam-wildcard-actions": { family: [] } }, /family.*families/s],
  ];
  for (const [what, configuration, message] of wrong) {
    it(`refuse a configuration with ${what}`, async () => {
      const { failed, said } = await preview(configuration);
      expect(failed, said).to.equal(true);
      expect(said).to.match(message);
    });
  }
});
