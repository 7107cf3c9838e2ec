import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { GetDeploymentCommand, ListDeploymentsCommand } from "@aws-sdk/client-codedeploy";
import { expect } from "chai";
import { projectDirectory } from "../../common/project";
import { waitFor, within } from "../../common/waitFor";
import { LiveFunctionsLab } from "./liveFunctionsLab";

/**
 * Answers what the command asks of the Pulumi CLI: the outputs of the stack, and its region. So the command runs as it does
 * for an account, and links to its console; AWS_ENDPOINT_URL has the SDK talk to the local cloud instead.
 */
const pulumiCli = (region: string) => `#!/bin/sh
case "$*" in
  "stack output --json --stack prod") cat "$(dirname "$0")/outputs.json" ;;
  "config get aws:region --stack prod") echo ${region} ;;
  *) echo "pulumi $* was not expected" >&2; exit 1 ;;
esac
`;

/** The command, in a process of its own. */
class Command {
  output = "";
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  private readonly child: ChildProcess;

  constructor(lab: LiveFunctionsLab, folder: string) {
    writeFileSync(path.join(folder, "outputs.json"), JSON.stringify({ liveFunctions: lab.stack }));
    const { credentials, endpoint } = lab.config;
    const args = ["-r", "./typescript.cjs", "operations/deploy.ts", "--stack", "prod", "--skip-up"];
    this.child = spawn(process.execPath, args, {
      cwd: projectDirectory,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PATH: `${folder}${path.delimiter}${process.env.PATH}`,
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        // A profile of the person at this machine would come before these.
        AWS_PROFILE: undefined,
        AWS_SESSION_TOKEN: undefined,
      },
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.on("data", (data: Buffer) => {
        this.output += data;
      });
    }
    this.ended = once(this.child, "close").then(([code, signal]) => ({ code, signal }));
  }

  /** Waits until it has written something like this. */
  async says(what: RegExp): Promise<string> {
    const lastSeen = () => this.output;
    const found = await waitFor(`the command to say ${what}`, () => what.exec(this.output) ?? undefined, {
      lastSeen,
    });
    return found[1] ?? found[0];
  }

  async end(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return within(120, "npm run deploy", this.ended);
  }

  /** Ends it as a lost terminal or a power cut would: it can do nothing about it. */
  kill(): void {
    this.child.kill("SIGKILL");
  }
}

describe("npm run deploy, as a process,", () => {
  let lab: LiveFunctionsLab;
  let folder: string;
  let gate: Server;
  const commands: Command[] = [];
  let open: () => void;

  before(async () => {
    lab = await LiveFunctionsLab.open();
    folder = mkdtempSync(path.join(tmpdir(), "deploy-command-"));
    writeFileSync(path.join(folder, "pulumi"), pulumiCli(lab.cloud.region), { mode: 0o755 });
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    gate = createServer((_, response) => void opened.then(() => response.end()));
    gate.listen(0, "127.0.0.1");
    await once(gate, "listening");
    await lab.up({});
  });
  after(async () => {
    for (const command of commands) command.kill();
    gate?.closeAllConnections();
    gate?.close();
    if (folder) rmSync(folder, { recursive: true });
    await lab?.close();
  });

  function start(): Command {
    const command = new Command(lab, folder);
    commands.push(command);
    return command;
  }

  it("goes on where one ended that was killed while the alias was moving", async () => {
    await lab.up(
      {
        callbackFactory:
          () =>
          async ({ name }) =>
            `welcome ${name}`,
        // Holds the deployment until the second run has found it, however long that takes to start.
        afterTraffic: {
          callback: async () => {
            await fetch(process.env.GATE!);
          },
          environment: { GATE: `http://127.0.0.1:${(gate.address() as AddressInfo).port}` },
          timeout: 60,
        },
      },
      { type: "canary", percentage: 10, interval: 100 },
    );
    const killed = start();
    await killed.says(/\d+ % of the calls to version 2/);
    killed.kill();
    expect(await killed.end()).to.deep.equal({ code: null, signal: "SIGKILL" });
    expect(killed.output).not.to.include("Released");

    const second = start();
    const deploymentId = await second.says(/picked up: deployment (\S+) is under way/);
    open();
    const end = await second.end();
    expect(second.output).to.match(/Released 1 of 1 functions of prod\s+✓ greeter serves version 2/);
    expect(end).to.deep.equal({ code: 0, signal: null });
    expect([await lab.liveVersion(), await lab.greet()]).to.deep.equal(["2", '"welcome Ada"']);
    const { applicationName } = lab.stack;
    const { deployments } = await lab.codeDeploy.send(new ListDeploymentsCommand({ applicationName }));
    expect(deployments, "one deployment for both runs").to.deep.equal([deploymentId]);
    const { deploymentInfo } = await lab.codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
    expect(deploymentInfo?.status).to.equal("Succeeded");
  });

  it("exits with 1 when an alarm takes a version back in its bake time, and names the alarm with a link", async () => {
    const callbackFactory =
      () =>
      async ({ name }: { name: string }) => {
        throw new Error(`does not know ${name}`);
      };
    await lab.up({ callbackFactory }, { type: "canary", percentage: 10, interval: 400 });
    const command = start();
    let over = false;
    const ending = command.end().finally(() => {
      over = true;
    });
    while (!over) await lab.greet();
    const { code } = await ending;
    expect(command.output).to.match(/1 of 1 functions of prod did not go live/);
    expect(command.output).to.match(/✗ greeter: rolled back; version 2 has the calls/);
    const [, alarm = "", link] = /alarm (\S+) {2}(https:\S+)/.exec(command.output) ?? [];
    const { region } = lab.cloud;
    const console = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#alarmsV2:alarm/`;
    expect(link, command.output).to.equal(`${console}${encodeURIComponent(alarm)}`);
    const { MetricAlarms = [] } = await new CloudWatchClient(lab.config).send(
      new DescribeAlarmsCommand({ AlarmNames: [alarm] }),
    );
    expect(MetricAlarms, `the alarm ${alarm}`).to.have.length(1);
    expect(alarm).to.match(/^greeter-errors/);
    expect(code).to.equal(1);
    expect([await lab.liveVersion(), await lab.greet()]).to.deep.equal(["2", '"welcome Ada"']);
  });
});
