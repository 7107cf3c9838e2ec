import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { buildConsole } from "../../console/build";
import { type Suite, suites } from "./suites";

const help = `Runs the tests and ends with their true total.

Usage: npm test -- [options] [suite ...]

Suites: ${suites.map(({ name }) => name).join(", ")}; all of them without a name.

  --stack <name>  run the e2e suite against a stack in an AWS account instead of the local cloud
  --help          print this

A suite that cannot run on this machine says why, and its tests count as skipped. Exit code 0 only if no test failed.
`;

/** The SDK warns of Node 20's end at every start; README says it once. */
const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

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
  const results: { suite: Suite; totals: Totals; why?: string }[] = [];
  for (const suite of chosen) results.push({ suite, ...(await run(suite, stack)) });
  process.stdout.write("\n");
  for (const { suite, totals, why } of results) {
    process.stdout.write(`${suite.name.padEnd(11)} ${line(totals)}${why ? `  (${why})` : ""}\n`);
  }
  const total = sumOf(results.map(({ totals }) => totals));
  process.stdout.write(`\n${line(total)}\n`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/** Runs a suite in processes of its own: Pulumi's SDK and the local cloud keep state for as long as a process lives. */
async function run(suite: Suite, stack: string | undefined): Promise<{ totals: Totals; why?: string }> {
  const why = suite.missing();
  process.stdout.write(`\n=== ${suite.name}: ${suite.what}${why ? `: skipped, ${why}` : ""}\n`);
  const files = filesOf(suite);
  // A stack in an account is one for all, so there they go one after the other.
  const count = stack ? 1 : (suite.processes ?? 1);
  const shares = Array.from({ length: count }, (_, share) => files.filter((_, index) => index % count === share));
  const runs = await Promise.all(shares.map((share, index) => runMocha(suite, share, stack, why, index > 0)));
  const totals = sumOf(runs.map((each) => each.totals));
  if (why) return { totals: { passed: 0, failed: 0, skipped: totals.passed + totals.skipped }, why };
  // A run that died before its end has told nothing of what it lost: that is a failure, too.
  const died = runs.filter((each) => each.code !== 0 && each.totals.failed === 0);
  return died.length > 0
    ? { totals: { ...totals, failed: totals.failed + died.length }, why: `a run ended with exit code ${died[0]?.code}` }
    : { totals };
}

/** @param later whether its output waits until it has ended, so that it does not mix with another's */
async function runMocha(
  { timeout, exit }: Suite,
  files: readonly string[],
  stack: string | undefined,
  why: string | undefined,
  later: boolean,
): Promise<{ totals: Totals; code: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), "totals-"));
  const totalsFile = path.join(folder, "totals.json");
  try {
    const mocha = spawn(
      process.execPath,
      [
        require.resolve("mocha/bin/mocha.js"),
        ...["--reporter", path.join(__dirname, "reporter.ts")],
        ...(why ? ["--dry-run"] : []),
        ...(exit ? ["--exit"] : []),
        ...["--timeout", String(timeout)],
        ...files,
      ],
      {
        stdio: why ? "ignore" : ["ignore", later ? "pipe" : "inherit", later ? "pipe" : "inherit"],
        env: { ...process.env, ...quiet, TOTALS_FILE: totalsFile, THINGSTACK_E2E_STACK: stack ?? "" },
      },
    );
    const held: Buffer[] = [];
    for (const stream of [mocha.stdout, mocha.stderr]) stream?.on("data", (data: Buffer) => held.push(data));
    const code = await new Promise<number>((resolve, reject) => {
      mocha.once("error", reject);
      mocha.once("close", (status) => resolve(status ?? 1));
    });
    process.stdout.write(Buffer.concat(held));
    return { totals: readTotals(totalsFile), code };
  } finally {
    rmSync(folder, { recursive: true });
  }
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
    { passed: 0, failed: 0, skipped: 0 },
  );
}

function readTotals(file: string): Totals {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
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
