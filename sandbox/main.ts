import type { DeployedResource } from "./deploy/inProcess";
import { help, type Options, readOptions, UsageError } from "./options";
import { writeOutputs } from "./outputsFile";
import { paint } from "./paint";
import { type Outcome, Scenario } from "./scenario/scenario";
import { openSession, type Session } from "./session";
import { summaryOf } from "./summary";
import { Timeline } from "./timeline";

// The SDK warns of Node 20's end at every start; README says it once.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** What has to be undone at the end, the last first. */
const undo: (() => unknown)[] = [];

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  const print = options.json ? () => {} : (line: string) => void process.stdout.write(`${line}\n`);
  const session = await boot(options, print);
  const outputs = writeOutputs(session);
  undo.push(() => outputs.remove());
  print(summaryOf(session, outputs.path));

  const timeline = new Timeline(print);
  const scenario = await Scenario.prepare(session, timeline);
  undo.push(() => scenario.close());
  const died = session.cloud.exited.then(({ reason }): never => {
    throw new Error(`the local cloud ended in mid-run: ${reason}`);
  });
  const outcome = await Promise.race([scenario.play(), died]);
  print(verdictOf(outcome));
  if (options.once) {
    if (options.json) process.stdout.write(`${JSON.stringify(report(session, outcome))}\n`);
    return outcome.ok ? 0 : 1;
  }
  print("The devices stay connected. Ctrl-C ends everything.\n");
  return died;
}

async function boot(options: Options, print: (line: string) => void): Promise<Session> {
  const progress = new Progress(options, print);
  const session = await openSession({
    speed: options.speed,
    port: options.port,
    mqttPort: options.mqttPort,
    progress: print,
    onResource: (resource) => progress.made(resource),
    onCloud: (cloud) => undo.push(() => cloud.stop()),
  });
  progress.end();
  return session;
}

/** How far the deployment is: one line that is rewritten on a terminal, each resource with `--verbose`. */
class Progress {
  private count = 0;
  private readonly rewritten: boolean;

  constructor(
    private readonly options: Options,
    private readonly print: (line: string) => void,
  ) {
    this.rewritten = process.stdout.isTTY && !options.json && !options.verbose;
    print("Deploying the program");
  }

  made({ type, name, seconds, played }: DeployedResource): void {
    this.count += 1;
    const line = `${played ? "+" : "·"} ${type}  ${name}`;
    if (this.options.verbose) this.print(`  ${line}  ${seconds.toFixed(2)} s`);
    if (this.rewritten) process.stdout.write(`\r\x1b[2K  ${this.count} ${line}`);
  }

  end(): void {
    if (this.rewritten) process.stdout.write("\r\x1b[2K");
  }
}

function verdictOf({ ok, seconds, reminders, problems }: Outcome): string {
  const rows = reminders.map(
    ({ thing, expected, sent, endedBy }) =>
      `  ${sent === expected ? "✓" : "✗"} ${thing.padEnd(12)} ${sent} of ${expected} reminders, loop ended by ${endedBy}`,
  );
  const title = ok
    ? paint(["bold", "green"], `All of it happened, in ${seconds.toFixed(1)} s`)
    : paint(["bold", "red"], "Not all of it happened");
  return ["", title, ...rows, ...problems.map((problem) => paint("red", `  ${problem}`)), ""].join("\n");
}

/** The object of `--json`. */
function report(session: Session, outcome: Outcome) {
  const played = session.resources.filter((resource) => resource.played).length;
  const round = (seconds: number) => Math.round(seconds * 100) / 100;
  const { boot, deploy } = session.seconds;
  return {
    ok: outcome.ok,
    seconds: { boot: round(boot), deploy: round(deploy), scenario: round(outcome.seconds) },
    resources: { played, recorded: session.resources.length - played },
    reminders: outcome.reminders,
  };
}

async function end(code: number): Promise<never> {
  for (const step of undo.splice(0).reverse()) {
    await Promise.resolve(step()).catch((error) => process.stderr.write(`${(error as Error).message}\n`));
  }
  process.exit(code);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => end(130));

main().then(end, (error: Error) => {
  process.stderr.write(
    `\n${paint("red", error instanceof UsageError ? "Usage" : "Failed", process.stderr)}: ${error.message}\n`,
  );
  return end(error instanceof UsageError ? 2 : 1);
});
