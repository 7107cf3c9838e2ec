import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { buildConsole } from "../../console/build";
import { type Suite, suites } from "./suites";

const help = `Runs the tests and ends with their true total.

Usage: npm test -- [options] [suite ...]

Suites; all of them without a name:

${suites.map(({ name, what }) => `  ${name.padEnd(15)} ${what}`).join("\n")}

  --stack <name>  run the e2e suite against a stack in an AWS account instead of the local cloud
  --help          print this

SEED=<number> gives the tests of properties other inputs than at every other run.
A suite that cannot run on this machine says why, and its tests count as skipped. Exit code 0 only if no test failed.
`;

/** The SDK warns of Node 20's end at every start; README says it once. */
const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

const none: Totals = { passed: 0, failed: 0, skipped: 0 };

/** No run takes that long on any machine that tests are worth running on; one that hangs ends then, and shows what it has. */
const longestMs = 20 * 60_000;

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(help);
    return 0;
  }
  const at = args.indexOf("--stack");
  const stack = at < 0 ? undefined : args[at + 1];
  if (at >= 0 && !stack) return usage("--stack needs the name of a stack, e.g. --stack dev");
  const names = args.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown) return usage(`there is no suite "${unknown}"; there are ${suites.map(({ name }) => name).join(", ")}`);
  const chosen = suites.filter(({ name }) => names.length === 0 || names.includes(name));

  // The program is tested with the console in it.
  buildConsole();
  const outcomes = await runAll(chosen.flatMap((suite) => runsOf(suite, stack)));
  // What failed is said again here: the end of a long log is what people see, and what a CI keeps.
  for (const { run, failures } of outcomes)
    for (const failure of failures ?? []) process.stdout.write(`\n!!! ${nameOf(run)}: ${failure}\n`);
  process.stdout.write("\n");
  for (const suite of chosen) {
    const own = outcomes.filter((outcome) => outcome.run.suite === suite);
    const why = own.find((outcome) => outcome.why)?.why;
    process.stdout.write(`${suite.name.padEnd(11)} ${line(sumOf(own))}${why ? `  (${why})` : ""}\n`);
  }
  const total = sumOf(outcomes);
  process.stdout.write(`\n${line(total)}\n`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/** Files of a suite that run in one process. */
interface Run {
  readonly suite: Suite;
  readonly files: readonly string[];
  readonly stack: string | undefined;
  /** Why it cannot run here. */
  readonly missing: string | undefined;
}

interface Outcome extends Totals {
  readonly run: Run;
  readonly why?: string;
  /** Titles and errors of the tests that failed. */
  readonly failures?: readonly string[];
}

/** Processes of their own: Pulumi's SDK and the local cloud keep state for as long as a process lives. */
function runsOf(suite: Suite, stack: string | undefined): Run[] {
  const files = filesOf(suite);
  const missing = suite.missing();
  // A stack in an account is one for all, so there they go one after the other.
  const count = stack || missing ? 1 : suite.processes === "one per file" ? files.length : (suite.processes ?? 1);
  const shares = Array.from({ length: count }, (_, share) => files.filter((_, index) => index % count === share));
  return shares.map((share) => ({ suite, files: share, stack, missing }));
}

/** Two at a time, as most of them wait more than they work; the long ones first, so that none is left over at the end. */
async function runAll(runs: readonly Run[]): Promise<Outcome[]> {
  const isLong = ({ suite, files }: Run) => files.some((file) => suite.long?.includes(path.basename(file)));
  const waiting = [...runs.filter(isLong), ...runs.filter((run) => !isLong(run))];
  const outcomes: Outcome[] = [];
  const worker = async () => {
    for (let run = waiting.shift(); run; run = waiting.shift()) outcomes.push(await runMocha(run));
  };
  await Promise.all([worker(), worker()]);
  return outcomes;
}

/** Runs one process to its end, and shows its output then, so that it does not mix with another's. */
async function runMocha(run: Run): Promise<Outcome> {
  const { suite, files, stack, missing } = run;
  const folder = mkdtempSync(path.join(tmpdir(), "totals-"));
  const totalsFile = path.join(folder, "totals.json");
  const name = nameOf(run);
  const started = Date.now();
  process.stdout.write(`\n... ${name} begins\n`);
  try {
    const mocha = spawn(
      process.execPath,
      [
        require.resolve("mocha/bin/mocha.js"),
        ...["--reporter", path.join(__dirname, "reporter.ts")],
        ...(missing ? ["--dry-run"] : []),
        ...(suite.exit ? ["--exit"] : []),
        ...files,
      ],
      {
        stdio: missing ? "ignore" : ["ignore", "pipe", "pipe"],
        env: { ...process.env, ...quiet, TOTALS_FILE: totalsFile, THINGSTACK_E2E_STACK: stack ?? "" },
      },
    );
    const output: Buffer[] = [];
    for (const stream of [mocha.stdout, mocha.stderr]) stream?.on("data", (data: Buffer) => output.push(data));
    const overdue = setTimeout(() => mocha.kill("SIGKILL"), longestMs);
    const end = await new Promise<string>((resolve, reject) => {
      mocha.once("error", reject);
      mocha.once("close", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    clearTimeout(overdue);
    const seconds = Math.round((Date.now() - started) / 1000);
    process.stdout.write(`\n=== ${name}${missing ? `: skipped, ${missing}` : ` (${seconds} s)`}\n`);
    process.stdout.write(Buffer.concat(output));
    const totals = readTotals(totalsFile);
    if (missing) return { run, ...none, skipped: (totals?.passed ?? 0) + (totals?.skipped ?? 0), why: missing };
    // A run that died before its end has told nothing of what it lost: that is a failure, too.
    const isWhole = totals && totals.passed + totals.failed + totals.skipped > 0;
    if (isWhole && (end === "exit code 0" || totals.failed > 0)) return { run, ...totals };
    return { run, ...none, ...totals, failed: 1, why: `${name} ended with ${end} and did not say how it went` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function nameOf({ suite, files }: Run): string {
  return `${suite.name}: ${files.length === 1 ? path.basename(files[0] as string) : `${files.length} files`}`;
}

function filesOf({ folder }: Suite): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => path.join(folder, file))
    .sort();
}

function sumOf(totals: readonly Totals[]): Totals {
  return totals.reduce(
    (sum, { passed, failed, skipped }) => ({
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      skipped: sum.skipped + skipped,
    }),
    none,
  );
}

function readTotals(file: string): (Totals & Pick<Outcome, "failures">) | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function line({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function usage(message: string): number {
  process.stderr.write(`${message}\n`);
  return 2;
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
