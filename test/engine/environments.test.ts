import * as path from "node:path";
import { expect } from "chai";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { requireEngine } from "./engineSuite";
import { inventory } from "./inventory";
import { errors, PulumiProject } from "./pulumiProject";

const main = path.join(__dirname, "fixtures", "mailroom.ts");
const accounts = { dev: "100000000003", prod: "100000000004" } as const;

describe("dev and prod side by side with the real engine", () => {
  let cloud: LocalCloud;
  let project: PulumiProject;

  before(async function () {
    const toolchain = await requireEngine(this);
    cloud = await startLocalCloud({ accountId: accounts.dev });
    project = new PulumiProject({
      toolchain,
      cloud,
      main,
      project: "mailroom",
      stackFiles: { dev: stackFile("dev"), prod: stackFile("prod") },
    });
    for (const stack of ["dev", "prod"] as const) {
      await project.ok("stack", "init", stack);
      await project.ok("config", "set", "--secret", "pin", `pin of ${stack}`, "--stack", stack);
    }
  });
  after(async () => {
    project?.remove();
    await cloud?.stop();
  });

  const up = (stack: "dev" | "prod", credentialsOf: "dev" | "prod" = stack) =>
    project.run(["up", "--yes", "--skip-preview", "--json", "--stack", stack], {
      AWS_ACCESS_KEY_ID: accounts[credentialsOf],
    });
  const tables = async (stack: "dev" | "prod") => (await inventory(cloud, accounts[stack])).tables ?? [];

  it("live in two accounts, and destroying one leaves the other alone", async () => {
    expect((await up("dev")).code).to.equal(0);
    expect((await up("prod")).code).to.equal(0);
    const [dev, prod] = [await project.outputs("dev"), await project.outputs("prod")];
    expect([dev.account, prod.account]).to.deep.equal([accounts.dev, accounts.prod]);
    expect([await tables("dev"), await tables("prod")]).to.deep.equal([[dev.tableName], [prod.tableName]]);

    await project.ok("destroy", "--yes", "--skip-preview", "--stack", "dev");
    expect([await tables("dev"), await tables("prod")]).to.deep.equal([[], [prod.tableName]]);
  });

  it("refuse each other's credentials before anything is made", async () => {
    const before = [await tables("dev"), await tables("prod")];
    const result = await up("dev", "prod");
    expect(result.code).not.to.equal(0);
    expect(errors(result)).to.contain(accounts.dev).and.to.contain(accounts.prod);
    expect([await tables("dev"), await tables("prod")]).to.deep.equal(before);
  });
});

const stackFile = (stack: keyof typeof accounts) => `config: { "aws:allowedAccountIds": ["${accounts[stack]}"] }\n`;
