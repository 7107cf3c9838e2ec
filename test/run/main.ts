import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
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

function main(args: readonly string[]): number {
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

  const results = chosen.map((suite) => ({ suite, ...run(suite, stack) }));
  process.stdout.write("\n");
  for (const { suite, totals, why } of results) {
    process.stdout.write(`${suite.name.padEnd(11)} ${line(totals)}${why ? `  (${why})` : ""}\n`);
  }
  const total = results.reduce<Totals>(
    (sum, { totals }) => ({
      passed: sum.passed + totals.passed,
      failed: sum.failed + totals.failed,
      skipped: sum.skipped + totals.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
  process.stdout.write(`\n${line(total)}\n`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/** Runs a suite in a process of its own: Pulumi's SDK and the local cloud keep state for as long as a process lives. */
function run(suite: Suite, stack: string | undefined): { totals: Totals; why?: string } {
  const why = suite.missing();
  process.stdout.write(`\n=== ${suite.name}: ${suite.what}${why ? `: skipped, ${why}` : ""}\n`);
  const folder = mkdtempSync(path.join(tmpdir(), "totals-"));
  const totalsFile = path.join(folder, "totals.json");
  try {
    const { status } = spawnSync(
      process.execPath,
      [
        require.resolve("mocha/bin/mocha.js"),
        ...["--reporter", path.join(__dirname, "reporter.ts")],
        ...(why ? ["--dry-run"] : []),
        ...(suite.exit ? ["--exit"] : []),
        ...["--timeout", String(suite.timeout)],
        ...suite.files,
      ],
      {
        stdio: why ? "ignore" : "inherit",
        env: { ...process.env, ...quiet, TOTALS_FILE: totalsFile, THINGSTACK_E2E_STACK: stack ?? "" },
      },
    );
    const totals = readTotals(totalsFile);
    if (why) return { totals: { passed: 0, failed: 0, skipped: totals.passed + totals.skipped }, why };
    // A run that died before its end has told nothing of what it lost: that is a failure, too.
    return status !== 0 && totals.failed === 0
      ? { totals: { ...totals, failed: 1 }, why: `the run ended with exit code ${status}` }
      : { totals };
  } finally {
    rmSync(folder, { recursive: true });
  }
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

process.exitCode = main(process.argv.slice(2));
