import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { expect } from "chai";
import { readSettings } from "../../../stacks/bootstrap/settings";

describe("settings of the bootstrap", () => {
  const cases: [what: string, stackFile: string | undefined, message: RegExp][] = [
    ["a stack without a file", undefined, /There is no Pulumi\.dev\.yaml\. Stacks with a file: prod/],
    ["a file that is not YAML", "config: [", /Pulumi\.dev\.yaml is not YAML/],
    [
      "no region",
      "config: {'aws:allowedAccountIds': ['111111111111']}",
      /aws:region in Pulumi\.dev\.yaml must be a region/,
    ],
    [
      "an account without quotes",
      "config: {'aws:region': eu-central-1, 'aws:allowedAccountIds': [111111111111]}",
      /aws:allowedAccountIds .* 12 digits in quotes, but is \[111111111111\]/,
    ],
    [
      "two accounts",
      "config: {'aws:region': eu-central-1, 'aws:allowedAccountIds': ['111111111111', '222222222222']}",
      /exactly one account id/,
    ],
    ["everything at once", "config: {}", /aws:region.*\n.*aws:allowedAccountIds.*/],
  ];
  for (const [what, stackFile, message] of cases) {
    it(`are refused with ${what}`, () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), "thingstack-settings-"));
      try {
        fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "name: thingstack\n");
        fs.writeFileSync(path.join(folder, "Pulumi.prod.yaml"), "config: {}\n");
        if (stackFile !== undefined) fs.writeFileSync(path.join(folder, "Pulumi.dev.yaml"), stackFile);
        expect(() => readSettings(folder, "dev", "acme/fleet")).to.throw(message);
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    });
  }

  it("are printed for workflows without asking AWS", () => {
    const repository = path.resolve(__dirname, "../../..");
    const main = path.join(repository, "stacks/bootstrap/main.ts");
    const args = ["-r", "./typescript.cjs", main, "--outputs", "--repository", "acme/fleet"];
    const outputs = (stack: string) =>
      spawnSync(process.execPath, [...args, "--stack", stack], { cwd: repository, encoding: "utf8" });
    const dev = outputs("dev");
    expect(dev.stdout).to.match(/^backend=s3:\/\/thingstack-state-\d{12}-\S+$/m);
    expect(dev.stdout).to.match(/^deploy-role=arn:aws:iam::\d{12}:role\/thingstack-dev-deploy$/m);
    const nonsense = outputs("nonsense");
    expect(nonsense).to.deep.include({ status: 1, stdout: "" });
    expect(nonsense.stderr).to.contain("There is no Pulumi.nonsense.yaml. Stacks with a file: dev,");
  }).timeout(30_000);
});
