import { readArguments, runCommand, UsageError } from "../common/commandLine";
import type { Outcome } from "./deploy/release";

const help = `Deploys a stack and releases its functions: one action from the checkout to the calls of devices and people.

Usage: npm run deploy -- --stack <name> [options]

  --stack <name>  the stack; local is the local cloud that npm start runs
  --yes           do not ask before the stack is changed
  --skip-up       only release: pulumi up has run already, as in the workflow that calls it itself
  --json          print one JSON object at the end: the outcome of each function
  --help          print this

First pulumi up: it publishes a version of each function that changed, and leaves the alias \`live\` where it is. Then CodeDeploy moves the alias of each
function that is behind, all of them at the same time, by the stack's rollout: a hook tries the new version first, alarms watch it,
and what rings takes it back. Started again, it goes on where the last one ended; Ctrl-C ends only the watching.

Exits with 0 when every function serves its newest version, with 1 when one was rolled back or failed.
`;

async function main(args: readonly string[]): Promise<number> {
  const values = parse(args);
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const { stack } = values;
  if (!stack) throw new UsageError("say which stack: --stack <name>");
  const [{ assertStack }, { projectDirectory }] = await Promise.all([
    import("./deploy/stacks"),
    import("../common/project"),
  ]);
  assertStack(projectDirectory, stack);
  const print = values.json ? () => {} : (line: string) => void process.stdout.write(`${line}\n`);

  const { localPlace, outputOf, placeOf } = await import("./place");
  if (!values["skip-up"]) {
    const { pulumiUp, updateLocalCloud } = await import("./deploy/update");
    if (stack === "local") {
      const { local } = localPlace();
      print("Bringing the local cloud up to date");
      await updateLocalCloud(local!);
    } else await pulumiUp(stack, values.yes);
  }
  const place = placeOf(stack);
  const { release } = await import("./deploy/release");
  const { CodeDeployClient } = await import("@aws-sdk/client-codedeploy");
  const { CloudWatchLogsClient } = await import("@aws-sdk/client-cloudwatch-logs");
  const { LambdaClient } = await import("@aws-sdk/client-lambda");
  const width = 28;
  const begin = performance.now();
  const outcomes = await release(outputOf(place, "liveFunctions"), {
    client: {
      codeDeploy: new CodeDeployClient(place.aws),
      lambda: new LambdaClient(place.aws),
      logs: new CloudWatchLogsClient(place.aws),
    },
    pollMs: place.local ? 200 : 3_000,
    onStep: (name, step) =>
      print(`${((performance.now() - begin) / 1000).toFixed(1).padStart(7)} s  ${name.padEnd(width)} ${step}`),
  });
  const { reportOf } = await import("./deploy/report");
  if (values.json) process.stdout.write(`${JSON.stringify({ stack, functions: outcomes })}\n`);
  else print(reportOf(stack, outcomes, place.local ? undefined : String(place.aws.region)));
  return outcomes.every(isFine) ? 0 : 1;
}

const isFine = ({ result }: Outcome) => result === "current" || result === "live";

const parse = (args: readonly string[]) =>
  readArguments("deploy", args, {
    stack: { type: "string" },
    yes: { type: "boolean", default: false },
    "skip-up": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  }).values;

runCommand(main);
