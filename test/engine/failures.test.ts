import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { expect } from "chai";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { requireEngine } from "./engineSuite";
import { inventory } from "./inventory";
import { errors, PulumiProject } from "./pulumiProject";
import type { Toolchain } from "./toolchain/toolchain";

const main = path.join(__dirname, "fixtures", "mailroom.ts");

describe("what goes wrong with the real engine", () => {
  let cloud: LocalCloud;
  let toolchain: Toolchain;
  let project: PulumiProject;

  before(async function () {
    toolchain = await requireEngine(this);
    cloud = await startLocalCloud({ accountId: "100000000005" });
    project = new PulumiProject({ toolchain, cloud, main, project: "mailroom" });
    await project.ok("stack", "init", "dev");
    await project.ok("config", "set", "--secret", "pin", "4711", "--stack", "dev");
  });
  after(async () => {
    project?.remove();
    await cloud?.stop();
  });

  const tables = async () => (await inventory(cloud)).tables ?? [];

  it("the provider dies in mid-update: the state stays usable, and the next up makes the rest", async () => {
    const killer = killOnCreateTable(toolchain);
    cloud.addFill(killer.fill);
    try {
      const died = await project.run(["up", "--yes", "--skip-preview", "--json", "--stack", "dev"], {
        PATH: `${killer.folder}${path.delimiter}${project.environment.PATH}`,
      });
      expect(killer.kills()).to.equal(1);
      expect(died.code).not.to.equal(0);
      expect(errors(died)).to.contain("Table::parcels");
      expect(await tables()).to.deep.equal([]);
    } finally {
      killer.remove();
    }
    await project.ok("stack", "export", "--stack", "dev");
    await project.up("dev");
    expect(await tables()).to.deep.equal([(await project.outputs("dev")).tableName]);
    expect(await project.up("dev")).to.deep.equal({ same: 4 });
  });

  it("a stack that was never created: the command names it", async () => {
    const result = await project.run(["preview", "--stack", "nobody"]);
    expect(result.code).not.to.equal(0);
    expect(errors(result)).to.match(/no stack named 'nobody' found/);
  });

  it("a corrupted state: the command says so, and the backup beside it brings the stack back", async () => {
    await project.up("dev", "--config", "visibility=31");
    const file = project.stateFile("dev");
    const whole = fs.readFileSync(file, "utf8");
    fs.writeFileSync(file, whole.slice(0, whole.length / 2));
    const broken = await project.run(["preview", "--stack", "dev"]);
    expect(broken.code).not.to.equal(0);
    expect(errors(broken)).to.match(/dev|JSON|checkpoint/);

    fs.copyFileSync(`${file}.bak`, file);
    await project.ok("refresh", "--yes", "--stack", "dev");
    expect(await project.up("dev")).to.deep.equal({ same: 4 });
  });
});

/**
 * Kills the provider at the moment it asks for its first table: a fill in front of the local cloud sees the request, and
 * a wrapper around the provider left its process id for it. The request itself gets no further.
 */
function killOnCreateTable(toolchain: Toolchain) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "thingstack-killer-"));
  const pidFile = path.join(folder, "pid");
  const wrapper = `#!/bin/sh\necho $$ > '${pidFile}'\nexec '${path.join(toolchain.folder, "pulumi-resource-aws")}' "$@"\n`;
  fs.writeFileSync(path.join(folder, "pulumi-resource-aws"), wrapper, { mode: 0o755 });
  let kills = 0;
  return {
    folder,
    kills: () => kills,
    remove: () => fs.rmSync(folder, { recursive: true }),
    fill: {
      name: "the death of the provider",
      takes: ({ service, headers }: { service: string; headers: Readonly<Record<string, string>> }) =>
        kills === 0 && service === "dynamodb" && headers["x-amz-target"]?.endsWith(".CreateTable") === true,
      answer: async () => {
        kills++;
        process.kill(Number(fs.readFileSync(pidFile, "utf8")), "SIGKILL");
        return { status: 503, body: {} };
      },
      close: async () => undefined,
    },
  };
}
