import { paint } from "../common/paint";
import type { DeployedResource } from "../sandbox/deploy/inProcess";
import type { LocalCloud } from "../sandbox/localCloud";
import { writeOutputs } from "../sandbox/outputsFile";
import type { RulesEngine } from "../sandbox/rules";
import { openSession, type Session } from "../sandbox/session";
import type { Options } from "./options";
import { narrateRules } from "./scenario/narrateRules";
import { type Outcome, Scenario } from "./scenario/scenario";
import { summaryOf } from "./summary";
import { Timeline } from "./timeline";

/**
 * Boots, deploys, plays the scenario; then stays until it is stopped, or ends with `--once`.
 * @param atEnd Takes what has to be undone at the end, however that comes.
 * @returns the exit code
 */
export async function run(options: Options, atEnd: (step: () => unknown) => void): Promise<number> {
  const print = options.json ? () => {} : (line: string) => void process.stdout.write(`${line}\n`);
  const engines: RulesEngine[] = [];
  const session = await boot(options, print, atEnd, (engine) => engines.push(engine));
  const outputs = writeOutputs(session);
  atEnd(() => outputs.remove());
  print(summaryOf(session, outputs.path));

  const outcome = await whileItLives(session.cloud, async () => {
    const timeline = new Timeline(print);
    for (const engine of engines) narrateRules(engine, timeline);
    const scenario = await Scenario.prepare(session, timeline);
    atEnd(() => scenario.close());
    return scenario.play();
  });
  print(verdictOf(outcome));
  if (options.once) {
    if (options.json) process.stdout.write(`${JSON.stringify(report(session, outcome))}\n`);
    return outcome.ok ? 0 : 1;
  }
  print("The devices stay connected. Ctrl-C ends everything.\n");
  return whileItLives(session.cloud, () => new Promise<never>(() => {}));
}

/** Does some work on the local cloud; when that dies, its reason counts, and not what the work then stumbles over. */
async function whileItLives<T>(cloud: LocalCloud, work: () => Promise<T>): Promise<T> {
  const died = cloud.exited.then(({ reason }): never => {
    throw new Error(`the local cloud ended in mid-run: ${reason}`);
  });
  try {
    return await Promise.race([work(), died]);
  } catch (error) {
    // A refused connection can be seen a moment before the process is known to be gone.
    await Promise.race([died, new Promise((resolve) => setTimeout(resolve, 500))]);
    throw error;
  }
}

async function boot(
  options: Options,
  print: (line: string) => void,
  atEnd: (step: () => unknown) => void,
  onRulesEngine: (engine: RulesEngine) => void,
): Promise<Session> {
  const progress = new Progress(options, print);
  const session = await openSession({
    speed: options.speed,
    port: options.port,
    mqttPort: options.mqttPort,
    progress: print,
    onRulesEngine,
    onResource: (resource) => progress.made(resource),
    onCloud: (cloud) => {
      atEnd(() => cloud.stop());
      progress.start();
    },
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
  }

  start(): void {
    this.print("Deploying the program");
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

function verdictOf({ ok, seconds, reminders, telemetry, release, problems }: Outcome): string {
  const rows = reminders.map(
    ({ thing, expected, sent, endedBy }) =>
      `  ${sent === expected ? "✓" : "✗"} ${thing.padEnd(12)} ${sent} of ${expected} reminders, loop ended by ${endedBy}`,
  );
  const { sent, stored, quarantined } = telemetry;
  rows.push(
    `  ${stored + quarantined === sent ? "✓" : "✗"} ${"telemetry".padEnd(12)} ${sent} messages sent: ${stored} stored, ${quarantined} in quarantine`,
  );
  const updated = Object.entries(release.updated).map(([thing, before]) => `${thing} (${before})`);
  rows.push(
    `  ${release.again === 0 ? "✓" : "✗"} ${`${release.app} ${release.version}`.padEnd(12)} ` +
      `${updated.join(", ") || "nobody"} updated, for what they ran is older; ` +
      `${release.untouched.join(", ") || "nobody"} had it; the same release again reached ${release.again} things`,
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
    telemetry: outcome.telemetry,
    release: outcome.release,
  };
}
