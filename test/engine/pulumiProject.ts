import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import type { AwsTarget } from "../../sandbox/aws";
import type { Toolchain } from "./toolchain/toolchain";

/** How one command of the CLI ended, with all it said. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` printed line by line; empty for other commands. */
  readonly events: readonly EngineEvent[];
}

/** The parts of the engine's events that tests look at; see `sdk/go/common/apitype/events.go` of Pulumi. */
export interface EngineEvent {
  readonly diagnosticEvent?: { readonly severity: string; readonly message: string; readonly urn?: string };
  readonly policyEvent?: {
    readonly policyName: string;
    readonly enforcementLevel: string;
    readonly message: string;
    readonly resourceUrn?: string;
  };
  readonly resourcePreEvent?: {
    readonly metadata: { readonly op: string; readonly urn: string; readonly type: string };
  };
  readonly summaryEvent?: { readonly resourceChanges: Readonly<Record<string, number>> };
}

export interface PulumiProjectArgs {
  readonly toolchain: Toolchain;
  readonly cloud: AwsTarget;
  /** Default: the account of the cloud. */
  readonly accountId?: string;
  /** The entry of the program, absolute. */
  readonly main: string;
  readonly project: string;
  /** What else Pulumi.yaml says, e.g. the runtime's options and the configuration schema. */
  readonly projectFile?: Readonly<Record<string, unknown>>;
  /** Content of `Pulumi.<stack>.yaml`, by stack. */
  readonly stackFiles?: Readonly<Record<string, string>>;
  /** Beside, or instead of, what every project of the tests gets. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** As in the project's own Pulumi.yaml: TypeScript compiled by ts-node and not type-checked by Pulumi. */
const runtime = {
  name: "nodejs",
  options: { typescript: false, nodeargs: "-r ts-node/register/transpile-only" },
};

/** Longer than any command takes on a loaded machine; the suite's own limits are per test. */
const commandTimeoutMs = 180_000;

/**
 * A Pulumi project in a temporary folder, with a state of its own in a file backend, passphrase secrets, and the provider
 * that plays `aws` on the local cloud. Nothing of the user's Pulumi home, state or AWS profile is touched.
 */
export class PulumiProject {
  readonly folder: string;
  /** Where the file backend keeps its state. */
  readonly state: string;
  /** The environment of the commands; a test may change its copy. */
  readonly environment: Readonly<Record<string, string | undefined>>;

  constructor(private readonly args: PulumiProjectArgs) {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "thingstack-engine-"));
    this.folder = path.join(home, "project");
    this.state = path.join(home, "state");
    for (const folder of [this.folder, this.state]) fs.mkdirSync(folder);
    const projectFile = { runtime, ...args.projectFile, name: args.project, main: args.main };
    fs.writeFileSync(path.join(this.folder, "Pulumi.yaml"), stringify(projectFile));
    for (const [stack, content] of Object.entries(args.stackFiles ?? {})) {
      fs.writeFileSync(path.join(this.folder, `Pulumi.${stack}.yaml`), content);
    }
    const { AWS_PROFILE: _profile, AWS_SESSION_TOKEN: _token, ...inherited } = process.env;
    this.environment = {
      ...inherited,
      PATH: `${args.toolchain.folder}${path.delimiter}${process.env.PATH}`,
      PULUMI_HOME: path.join(home, "pulumi-home"),
      PULUMI_BACKEND_URL: `file://${this.state}`,
      PULUMI_CONFIG_PASSPHRASE: "correct horse battery staple",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      AWS_ENDPOINT_URL: args.cloud.endpoint,
      AWS_REGION: args.cloud.region,
      AWS_ACCESS_KEY_ID: args.accountId ?? args.cloud.accountId,
      AWS_SECRET_ACCESS_KEY: "test",
      ...args.environment,
    };
  }

  /** Runs one command of the CLI to its end, whatever that is. */
  async run(
    args: readonly string[],
    environment: Readonly<Record<string, string | undefined>> = {},
  ): Promise<CommandResult> {
    const child = spawn("pulumi", ["--non-interactive", "--color=never", ...args], {
      cwd: this.folder,
      env: { ...this.environment, ...environment } as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that no plugin outlives a command that has to be stopped.
      detached: true,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    const overdue = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), commandTimeoutMs);
    try {
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
      });
      return { code, stdout, stderr, events: args.includes("--json") ? eventsOf(stdout) : [] };
    } finally {
      clearTimeout(overdue);
    }
  }

  /** Runs a command that must succeed; the error has all it said. */
  async ok(...args: string[]): Promise<CommandResult> {
    const result = await this.run(args);
    if (result.code !== 0) {
      const said = result.events.length > 0 ? errors(result) : `${result.stdout}\n${result.stderr}`;
      throw new Error(`pulumi ${args.join(" ")} failed:\n${said}`);
    }
    return result;
  }

  /** `pulumi up`, with what changed: operation -> number of resources. */
  async up(stack: string, ...options: string[]): Promise<Readonly<Record<string, number>>> {
    return changes(await this.ok("up", "--yes", "--skip-preview", "--json", "--stack", stack, ...options));
  }

  async preview(stack: string, ...options: string[]): Promise<Readonly<Record<string, number>>> {
    const { stdout } = await this.ok("preview", "--json", "--stack", stack, ...options);
    return JSON.parse(stdout).changeSummary;
  }

  async outputs(stack: string): Promise<Record<string, unknown>> {
    return JSON.parse((await this.ok("stack", "output", "--json", "--show-secrets", "--stack", stack)).stdout);
  }

  /** The file that the backend keeps the stack's state in. */
  stateFile(stack: string): string {
    return path.join(this.state, ".pulumi", "stacks", this.args.project, `${stack}.json`);
  }

  remove(): void {
    fs.rmSync(path.dirname(this.folder), { recursive: true, force: true });
  }
}

export function changes(result: CommandResult): Readonly<Record<string, number>> {
  return result.events.find((event) => event.summaryEvent)?.summaryEvent?.resourceChanges ?? {};
}

/** What went wrong, as the user reads it. */
export function errors(result: CommandResult): string {
  const reported = result.events.flatMap(({ diagnosticEvent }) =>
    diagnosticEvent?.severity === "error" ? [`${diagnosticEvent.urn ?? ""} ${diagnosticEvent.message}`] : [],
  );
  return [...reported, result.stderr].join("\n");
}

function eventsOf(stdout: string): EngineEvent[] {
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as EngineEvent];
      } catch {
        return [];
      }
    });
}
