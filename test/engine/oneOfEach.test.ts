import * as path from "node:path";
import { expect } from "chai";
import { makeContext } from "../../sandbox/deploy/context";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { inventory } from "../unit/deploy/inventory";
import { requireEngine } from "./engineSuite";
import { PulumiProject } from "./pulumiProject";

const main = path.join(__dirname, "fixtures", "oneOfEach.ts");
const stackFile = 'config: { "aws:defaultTags": { tags: { project: thingstack, environment: dev } } }\n';

describe("one resource of each type with the real engine", () => {
  let cloud: LocalCloud;
  let project: PulumiProject;
  let empty: Awaited<ReturnType<typeof inventory>>;

  before(async function () {
    const toolchain = await requireEngine(this);
    cloud = await startLocalCloud({ accountId: "100000000006" });
    project = new PulumiProject({ toolchain, cloud, main, project: "each", stackFiles: { dev: stackFile } });
    await project.ok("stack", "init", "dev");
    empty = await inventory(makeContext(cloud));
  });
  after(async () => {
    project?.remove();
    await cloud?.stop();
  });

  it("is made, is the same when nothing changed, and has not drifted", async () => {
    const made = await project.up("dev");
    expect(Object.keys(made)).to.deep.equal(["create"]);
    expect(made.create).to.be.greaterThan(50);
    expect(await project.up("dev")).to.deep.equal({ same: made.create });
    await project.ok("preview", "--refresh", "--expect-no-changes", "--stack", "dev");
  });

  it("is destroyed without a trace", async () => {
    await project.ok("destroy", "--yes", "--skip-preview", "--stack", "dev");
    const left = await inventory(makeContext(cloud));
    // The certificate and policy that our rules engine joined the broker with are its own.
    const { certificates: _c, iotPolicies: _p, ...ours } = left;
    const { certificates: _d, iotPolicies: _q, ...before } = empty;
    expect(ours).to.deep.equal(before);
    expect([left.certificates?.length, left.iotPolicies?.length]).to.deep.equal([1, 1]);
  });
});
