import { readArguments, runCommand, UsageError } from "../common/commandLine";
import type { ApiOutputs } from "../common/stackOutputs";
import { outputOf, placeOf } from "./place";

const help = `Ends the canary of the API's stage, one way or the other.

Usage: npm run canary -- status|promote|abort --stack <name>

  status   which deployments the stage and its canary are at, and the canary's share of the requests
  promote  all requests go to the canary's deployment
  abort    all requests go to the deployment before

Afterwards \`pulumi refresh\` takes over what was decided; after an abort, take back the change that was aborted first. The local
cloud plays no canary.
`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [command, ...others] = positionals;
  if (!["status", "promote", "abort"].includes(command ?? "") || others.length > 0) {
    throw new UsageError("name one of status, promote, abort");
  }
  // Only now: the SDK takes longer to load than a mistake to answer.
  const { StageCanary } = await import("./canary/stage");
  const place = placeOf(values.stack);
  const stage = new StageCanary(place.aws, outputOf<ApiOutputs>(place, "api"));
  process.stdout.write(`${await run(command as string, stage)}\n`);
  return 0;
}

async function run(command: string, stage: import("./canary/stage").StageCanary): Promise<string> {
  if (command === "promote") return `All requests go to deployment ${(await stage.promote()).canaryDeploymentId} now.`;
  if (command === "abort") return `All requests go to deployment ${(await stage.abort()).deploymentId} again.`;
  const canary = await stage.read();
  if (!canary) return "The stage has no canary: a changed document takes all requests at once.";
  const { deploymentId, canaryDeploymentId, percent } = canary;
  return percent === 0
    ? `All requests go to deployment ${deploymentId}; the canary is closed.`
    : `${percent} % of the requests go to deployment ${canaryDeploymentId}, the others to ${deploymentId}.`;
}

const parse = (args: readonly string[]) =>
  readArguments("canary", args, { stack: { type: "string" }, help: { type: "boolean", short: "h" } });

runCommand(main);
