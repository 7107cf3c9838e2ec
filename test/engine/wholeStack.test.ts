import * as fs from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { deploy } from "../../sandbox/deploy/inProcess";
import { readStackConfig } from "../../sandbox/deploy/stackConfig";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { managedServices } from "../../stacks/bootstrap/managedServices";
import { requireEngine } from "./engineSuite";
import { comparable, inventory } from "./inventory";
import { PulumiProject } from "./pulumiProject";

const repository = path.resolve(__dirname, "../..");
const read = (file: string) => fs.readFileSync(path.join(repository, file), "utf8");
const main = path.join(repository, "stacks", "index.ts");
const packs = ["conventions", "security", "reliability"].flatMap((name) => [
  "--policy-pack",
  path.join(repository, "policies", name),
]);

/**
 * The engine writes the whole state after each step: with this many resources, longer than it takes to make them. The
 * suites of a stack's life and of what goes wrong in it keep those checkpoints.
 */
const environment = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

describe("the whole stack with the real engine", () => {
  let cloud: LocalCloud;
  let project: PulumiProject;
  let empty: Awaited<ReturnType<typeof inventory>>;
  const { name, main: _main, ...projectFile } = parse(read("Pulumi.yaml"));
  const stackFile = parse(read("Pulumi.local.yaml")) as { config: Record<string, unknown> };
  const region = stackFile.config["aws:region"] as string;
  const [accountId] = stackFile.config["aws:allowedAccountIds"] as string[];

  before(async function () {
    const toolchain = await requireEngine(this);
    cloud = await startLocalCloud({ accountId, region });
    project = new PulumiProject({
      toolchain,
      cloud,
      main,
      project: name,
      projectFile,
      stackFiles: { local: read("Pulumi.local.yaml") },
      environment,
    });
    await project.ok("stack", "init", "local");
  });
  after(async () => {
    project?.remove();
    await cloud?.stop();
  });

  it("previews with every policy pack and breaks no mandatory policy", async () => {
    empty = await inventory(cloud);
    const { stdout } = await project.ok("preview", "--stack", "local", ...packs);
    expect(stdout).not.to.contain("[mandatory]");
    expect(stdout).to.match(/\+ \d+ to create/);
    expect(await inventory(cloud)).to.deep.equal(empty);
  });

  it("comes up with the outputs of the deployer that needs no engine", async () => {
    await project.up("local");
    const own = await project.outputs("local");
    const { config } = readStackConfig(repository, "local");
    const other = await startLocalCloud({ accountId, region });
    try {
      const { outputs } = await deploy({ program: main, project: name, stack: "local", config, cloud: other });
      const values = Object.entries(outputs).map(([key, { value }]) => [key, value]);
      expect(withoutKeys(comparable(own))).to.deep.equal(withoutKeys(comparable(Object.fromEntries(values))));
    } finally {
      await other.stop();
    }
  });

  it("is not changed by a second up, nor found drifted", async () => {
    await project.ok("preview", "--refresh", "--expect-no-changes", "--stack", "local");
  });

  it("needs no service that the deploy role may not manage", async () => {
    const { stdout } = await project.ok("stack", "export", "--stack", "local");
    const { resources } = JSON.parse(stdout).deployment as { resources: { type: string; custom: boolean }[] };
    const types = resources.filter(({ custom, type }) => custom && type.startsWith("aws:")).map(({ type }) => type);
    const managed = new Set(["iam", ...managedServices.map(({ service }) => service)]);
    expect([...new Set(types.map(serviceOf))].filter((service) => !managed.has(service))).to.deep.equal([]);
  });

  it("goes without a trace", async () => {
    await project.ok("destroy", "--yes", "--skip-preview", "--stack", "local");
    expect(await inventory(cloud)).to.deep.equal(empty);
  });

  it("refuses the credentials of another account, names both, and makes nothing", async () => {
    const other = "999999999999";
    const refused = await project.run(["up", "--yes", "--skip-preview", "--stack", "local"], {
      AWS_ACCESS_KEY_ID: other,
    });
    expect(refused.code).not.to.equal(0);
    expect(refused.stdout + refused.stderr)
      .to.contain(accountId)
      .and.to.contain(other);
    expect(await inventory(cloud)).to.deep.equal(empty);
    expect(await inventory(cloud, other)).to.deep.equal(empty);
  });

  it("says which key of a stack's file it does not know, before anything is made", async () => {
    const refused = await project.run(["preview", "--stack", "local", "--config", `${name}:reminderIntervall=5`]);
    expect(refused.code).not.to.equal(0);
    expect(refused.stdout + refused.stderr).to.contain("thingstack:reminderIntervall is not known");
  });
});

/** Keys and certificates are drawn anew, too. */
function withoutKeys(outputs: unknown): unknown {
  const drawn = /-----BEGIN [A-Z ]+-----[^"]*?-----END [A-Z ]+-----(\\n)?/g;
  return JSON.parse(JSON.stringify(outputs).replace(drawn, "<PEM>"));
}

/** IAM's name for the service of a resource type, where it differs from @pulumi/aws's. */
const iamNames: Readonly<Record<string, string>> = {
  cognito: "cognito-idp",
  sfn: "states",
  apigatewayv2: "apigateway",
};

function serviceOf(type: string): string {
  const service = /^aws:(\w+)\//.exec(type)?.[1] ?? type;
  if (type.startsWith("aws:cloudwatch/log")) return "logs";
  if (type.startsWith("aws:cloudwatch/event")) return "events";
  return iamNames[service] ?? service;
}
