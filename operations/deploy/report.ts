import { paint } from "../../common/paint";
import type { Outcome } from "./release";

/**
 * What a release came to, for people: at once where there was nothing to do, by function where something went wrong.
 * @param region where consoles are linked to; undefined on the local cloud, which has none
 */
export function reportOf(stack: string, outcomes: readonly Outcome[], region: string | undefined): string {
  const of = (...results: Outcome["result"][]) => outcomes.filter(({ result }) => results.includes(result));
  const [live, refused] = [of("live"), of("rolled back", "failed")];
  if (outcomes.length === of("current").length) {
    return `Nothing to release: all ${outcomes.length} functions of ${stack} serve their newest version.`;
  }
  const current = outcomes.length - live.length - refused.length;
  const lines = [
    "",
    refused.length === 0
      ? paint(["bold", "green"], `Released ${live.length} of ${outcomes.length} functions of ${stack}`)
      : paint(["bold", "red"], `${refused.length} of ${outcomes.length} functions of ${stack} did not go live`),
    ...(current > 0 ? [`  ${current} had nothing new`] : []),
    ...live.map(({ name, version }) => `  ✓ ${name} serves version ${version}`),
    ...refused.flatMap((outcome) => refusal(outcome, region)),
  ];
  return lines.join("\n");
}

function refusal({ name, result, version, reason, alarms = [], deploymentId }: Outcome, region: string | undefined) {
  const console = `https://${region}.console.aws.amazon.com`;
  return [
    paint("red", `  ✗ ${name}: ${result}; version ${version} has the calls`),
    `    ${reason}`,
    ...alarms.map(
      (alarm) =>
        `    alarm ${alarm}${region ? `  ${console}/cloudwatch/home?region=${region}#alarmsV2:alarm/${encodeURIComponent(alarm)}` : ""}`,
    ),
    ...(deploymentId
      ? [
          `    deployment ${deploymentId}${region ? `  ${console}/codesuite/codedeploy/deployments/${deploymentId}?region=${region}` : ""}`,
        ]
      : []),
  ];
}
