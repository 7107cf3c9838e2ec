import * as fs from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { requireEngine } from "./engineSuite";
import { type CommandResult, errors, PulumiProject } from "./pulumiProject";

const main = path.join(__dirname, "fixtures", "mailroom.ts");
const pin = "4711-geheim";

describe("secrets with the real engine", () => {
  let cloud: LocalCloud;
  let project: PulumiProject;

  before(async function () {
    const toolchain = await requireEngine(this);
    cloud = await startLocalCloud({ accountId: "100000000002" });
    project = new PulumiProject({ toolchain, cloud, main, project: "mailroom" });
    await project.ok("stack", "init", "dev");
  });
  after(async () => {
    project?.remove();
    await cloud?.stop();
  });

  it("are encrypted in configuration and state, and never printed", async () => {
    const said: CommandResult[] = [
      await project.ok("config", "set", "--secret", "pin", pin, "--stack", "dev"),
      await project.ok("config", "--stack", "dev"),
      await project.ok("preview", "--diff", "--stack", "dev"),
      await project.ok("up", "--yes", "--diff", "--stack", "dev"),
      await project.ok("up", "--yes", "--json", "--stack", "dev"),
      await project.ok("stack", "output", "--stack", "dev"),
      await project.ok("stack", "export", "--stack", "dev"),
    ];
    for (const { stdout, stderr } of said) expect(stdout + stderr).not.to.contain(pin);
    for (const file of filesUnder(path.dirname(project.folder))) {
      expect(fs.readFileSync(file, "utf8"), file).not.to.contain(pin);
    }
    // They are there all the same: encrypted, and readable for who has the passphrase.
    expect(fs.readFileSync(project.stateFile("dev"), "utf8")).to.contain('"ciphertext":');
    expect(await project.outputs("dev")).to.include({ pin });
  });

  const withoutPassphrase: [what: string, passphrase: string | undefined, message: RegExp][] = [
    ["no passphrase", undefined, /passphrase must be set with PULUMI_CONFIG_PASSPHRASE/],
    ["another passphrase", "wrong", /incorrect passphrase/],
  ];
  for (const [what, passphrase, message] of withoutPassphrase) {
    it(`cannot be had with ${what}: the command says so and changes nothing`, async () => {
      const before = fs.readFileSync(project.stateFile("dev"), "utf8");
      const result = await project.run(["up", "--yes", "--skip-preview", "--stack", "dev"], {
        PULUMI_CONFIG_PASSPHRASE: passphrase,
      });
      expect(result.code).not.to.equal(0);
      expect(errors(result)).to.match(message);
      expect(fs.readFileSync(project.stateFile("dev"), "utf8")).to.equal(before);
    });
  }
});

function filesUnder(folder: string): string[] {
  const entries = fs.readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
