import * as path from "node:path";
import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { awsConfig } from "../../sandbox/aws";
import { deploy } from "../../sandbox/deploy/inProcess";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { requireEngine } from "./engineSuite";
import { comparable, inventory } from "./inventory";
import { changes, errors, PulumiProject } from "./pulumiProject";

const main = path.join(__dirname, "fixtures", "mailroom.ts");
const pin = "4711-geheim";

describe("life of a stack with the real engine", () => {
  let cloud: LocalCloud;
  let project: PulumiProject;

  before(async function () {
    const toolchain = await requireEngine(this);
    cloud = await startLocalCloud({ accountId: "100000000001" });
    project = new PulumiProject({ toolchain, cloud, main, project: "mailroom" });
    await project.ok("stack", "init", "dev");
    await project.ok("config", "set", "--secret", "pin", pin, "--stack", "dev");
  });
  after(async () => {
    project?.remove();
    await cloud?.stop();
  });

  const sqs = () => new SQSClient(awsConfig(cloud));
  async function visibility(): Promise<string | undefined> {
    const QueueUrl = (await inventory(cloud)).queues?.[0];
    const request = { QueueUrl, AttributeNames: ["VisibilityTimeout" as const] };
    return (await sqs().send(new GetQueueAttributesCommand(request))).Attributes?.VisibilityTimeout;
  }

  it("previews what it would make, and makes nothing", async () => {
    expect(await project.preview("dev")).to.deep.equal({ create: 4 });
    expect(await inventory(cloud)).to.deep.equal({});
  });

  it("makes it, with the outputs of the deployer that needs no engine", async () => {
    expect(await project.up("dev")).to.deep.equal({ create: 4 });
    const outputs = await project.outputs("dev");
    const made = await inventory(cloud);
    expect(made).to.deep.equal({ queues: [outputs.queueUrl], tables: [outputs.tableName], topics: [outputs.topicArn] });

    const secretConfig = { "mailroom:pin": pin };
    const other = await startLocalCloud({ accountId: "100000000001" });
    try {
      const inProcess = await deploy({ program: main, project: "mailroom", stack: "dev", secretConfig, cloud: other });
      const values = Object.entries(inProcess.outputs).map(([name, output]) => [name, output.value]);
      expect(comparable(outputs)).to.deep.equal(comparable(Object.fromEntries(values)));
    } finally {
      await other.stop();
    }
  });

  it("changes nothing when nothing changed", async () => {
    expect(await project.up("dev")).to.deep.equal({ same: 4 });
  });

  it("updates in place", async () => {
    expect(await project.up("dev", "--config", "visibility=45")).to.deep.equal({ same: 3, update: 1 });
    expect(await visibility()).to.equal("45");
  });

  it("replaces what can not be changed: the new one first, then the old one goes", async () => {
    const before = (await inventory(cloud)).tables;
    const result = await project.ok(
      "up",
      "--yes",
      "--skip-preview",
      "--json",
      "--stack",
      "dev",
      "-c",
      "hashKey=parcel",
    );
    expect(changes(result)).to.deep.equal({ same: 3, replace: 1 });
    const steps = result.events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
    const ofTable = steps.filter(({ type }) => type === "aws:dynamodb/table:Table").map(({ op }) => op);
    expect(ofTable.filter((op) => op !== "replace")).to.deep.equal(["create-replacement", "delete-replaced"]);
    const after = (await inventory(cloud)).tables;
    expect(after).to.have.lengthOf(1);
    expect(after).not.to.deep.equal(before);
  });

  it("renames with an alias and replaces nothing", async () => {
    const before = await inventory(cloud);
    expect(await project.up("dev", "--config", "queue=envelopes")).to.deep.equal({ same: 4 });
    expect(await inventory(cloud)).to.deep.equal(before);
    const { stdout } = await project.ok("stack", "export", "--stack", "dev");
    expect(stdout).to.contain("aws:sqs/queue:Queue::envelopes").and.not.to.contain("aws:sqs/queue:Queue::letters");
  });

  it("finds what was changed behind its back, and puts it right", async () => {
    const QueueUrl = (await inventory(cloud)).queues?.[0];
    await sqs().send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "99" } }));

    const drift = await project.run(["preview", "--refresh", "--expect-no-changes", "--diff", "--stack", "dev"]);
    expect(drift.code).not.to.equal(0);
    expect(drift.stdout).to.match(/visibilityTimeoutSeconds: 99 => 45/);

    const refreshed = await project.ok("refresh", "--yes", "--json", "--stack", "dev");
    expect(changes(refreshed)).to.deep.include({ update: 1 });
    expect(await project.up("dev")).to.deep.equal({ same: 3, update: 1 });
    expect(await visibility()).to.equal("45");
    await project.ok("preview", "--refresh", "--expect-no-changes", "--stack", "dev");
  });

  it("refuses to delete what is protected, and says how to go on", async () => {
    await project.up("dev", "--config", "protect=true");
    const { tables } = await inventory(cloud);
    const refused = await project.run(["destroy", "--yes", "--skip-preview", "--json", "--stack", "dev"]);
    expect(refused.code).not.to.equal(0);
    expect(errors(refused)).to.match(/parcels.*protect/s);
    expect((await inventory(cloud)).tables).to.deep.equal(tables);
    await project.up("dev", "--config", "protect=false");
  });

  it("takes everything away", async () => {
    await project.ok("destroy", "--yes", "--skip-preview", "--stack", "dev");
    expect(await inventory(cloud)).to.deep.equal({});
  });
});
