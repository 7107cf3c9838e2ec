import * as path from "node:path";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import { GetAliasCommand, LambdaClient, ListVersionsByFunctionCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { type LiveFunctionsOutput, release } from "../../operations/deploy/release";
import { awsConfig } from "../../sandbox/aws";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { requireEngine } from "./engineSuite";
import { PulumiProject } from "./pulumiProject";

describe("functions that are released, with the real engine", () => {
  let cloud: LocalCloud;
  let project: PulumiProject;

  before(async function () {
    const toolchain = await requireEngine(this);
    cloud = await startLocalCloud({ accountId: "100000000001" });
    const main = path.join(__dirname, "fixtures", "greeter.ts");
    project = new PulumiProject({ toolchain, cloud, main, project: "greeter" });
    await project.ok("stack", "init", "dev");
    await project.up("dev", "--config", "greeting=hello");
  });
  after(async () => {
    project?.remove();
    await cloud?.stop();
  });

  async function versions(): Promise<{ live: string | undefined; published: (string | undefined)[] }> {
    const lambda = new LambdaClient(awsConfig(cloud));
    const { functionName: FunctionName } = (await project.outputs("dev")) as { functionName: string };
    const alias = await lambda.send(new GetAliasCommand({ FunctionName, Name: "live" }));
    const { Versions = [] } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    return { live: alias.FunctionVersion, published: Versions.map(({ Version }) => Version) };
  }

  it("begin with version 1", async () => {
    expect(await versions()).to.deep.equal({ live: "1", published: ["$LATEST", "1"] });
  });

  it("publish a version with a change, and leave the alias where it is", async () => {
    await project.up("dev", "--config", "greeting=welcome");
    expect(await versions()).to.deep.equal({ live: "1", published: ["$LATEST", "1", "2"] });
  });

  it("go live with a release, which the next update leaves alone", async () => {
    const config = awsConfig(cloud);
    const client = {
      codeDeploy: new CodeDeployClient(config),
      lambda: new LambdaClient(config),
      logs: new CloudWatchLogsClient(config),
    };
    const { stack } = (await project.outputs("dev")) as { stack: LiveFunctionsOutput };
    const [outcome] = await release(stack, { client, pollMs: 100, onStep: () => {} });
    expect(outcome, outcome?.reason).to.deep.include({ result: "live", version: "2" });
    await project.up("dev");
    expect(await versions()).to.deep.equal({ live: "2", published: ["$LATEST", "1", "2"] });
  });
});
