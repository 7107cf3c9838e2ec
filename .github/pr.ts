/**
 * `npm run pr`: what GitHub runs on a pull request, on the laptop. The steps are read from the workflow itself, so the two
 * can not drift apart. Previews need the Pulumi CLI, logged in; without, they are skipped and the summary says so.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}
interface Job {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly strategy?: { readonly matrix: { readonly stack?: readonly string[] } };
}
interface Result {
  readonly what: string;
  readonly outcome: "ok" | "FAILED" | `skipped: ${string}`;
  readonly seconds: number;
}

const repository = path.resolve(__dirname, "..");
const workflow = path.join(__dirname, "workflows", "pull-request.yml");
const jobs = Object.values((parse(fs.readFileSync(workflow, "utf8")) as { jobs: Record<string, Job> }).jobs);

const results = jobs.flatMap((job) =>
  (job.strategy?.matrix.stack ?? [""]).flatMap((stack) => {
    const title = job.name.replace("${{ matrix.stack }}", stack);
    return job.steps.flatMap((step) => {
      if (step.run) return [take(title, step.run.replaceAll("${{ matrix.stack }}", stack))];
      if (step.with?.command === "preview") return [preview(title, stack, step.with)];
      return [];
    });
  }),
);

console.log("\nAs on a pull request:");
for (const { what, outcome, seconds } of results) console.log(`  ${outcome.padEnd(8)} ${what} (${seconds} s)`);
process.exitCode = results.some(({ outcome }) => outcome === "FAILED") ? 1 : 0;

function take(title: string, command: string): Result {
  console.log(`\n== ${title}: ${command}`);
  const started = Date.now();
  const { status } = spawnSync("bash", ["-c", command], { cwd: repository, stdio: "inherit" });
  const seconds = Math.round((Date.now() - started) / 1000);
  return { what: `${title}: ${command}`, outcome: status === 0 ? "ok" : "FAILED", seconds };
}

function preview(title: string, stack: string, inputs: Readonly<Record<string, string>>): Result {
  const whoami = spawnSync("pulumi", ["whoami", "--non-interactive"], { cwd: repository });
  if (whoami.error) return { what: title, outcome: "skipped: the Pulumi CLI is not on PATH", seconds: 0 };
  if (whoami.status !== 0) return { what: title, outcome: "skipped: pulumi is not logged in", seconds: 0 };
  const flags = (flag: string, lines = "") =>
    lines
      .split("\n")
      .filter(Boolean)
      .map((line) => `${flag} ${line}`);
  const packs = [
    ...flags("--policy-pack", inputs.policyPacks),
    ...flags("--policy-pack-config", inputs.policyPackConfigs),
  ];
  return take(title, ["pulumi preview --diff --stack", stack, ...packs].join(" "));
}
