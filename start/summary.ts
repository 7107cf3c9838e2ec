import { paint } from "../common/paint";
import type { ApiOutputs, ReminderOutputs } from "../common/stackOutputs";
import { recordedTypes } from "../sandbox/deploy/recorded";
import type { Session } from "../sandbox/session";

/** What was deployed, what of it is only recorded, where it is, and how to try it by hand. */
export function summaryOf(session: Session, outputsPath: string): string {
  const { resources, seconds, cloud, interval, count } = session;
  const played = resources.filter((resource) => resource.played);
  const recorded = resources.filter((resource) => !resource.played);
  const free = session.devices.at(-1)?.thingName;
  return [
    "",
    paint("bold", `${played.length} resources deployed in ${seconds.deploy.toFixed(1)} s`) +
      `  (local cloud up in ${seconds.boot.toFixed(1)} s)`,
    ...byService(played.map(({ type }) => type)),
    ...(recorded.length > 0 ? ["", `${recorded.length} recorded, not played:`] : []),
    ...recorded.map(({ type, name }) => `  ${name}: ${recordedTypes[type] ?? "the local cloud has no such service"}`),
    "Releases of functions are played with their hooks and alarms, but for the share of traffic: a new version gets all of it.",
    "",
    `  AWS endpoint   ${cloud.endpoint}   region ${cloud.region}, account ${cloud.accountId}`,
    `  MQTT broker    ${cloud.mqtt.host}:${cloud.mqtt.port}   CA ${cloud.mqtt.caPath}`,
    `  console        ${cloud.cloudFrontUrl}`,
    `  API            ${(session.outputs.api as ApiOutputs).url}   contract: docs/openapi.json`,
    ...session.users.map(
      ({ email, password, group, things }) =>
        `  sign in as     ${email}   ${password}   ${group === "admin" ? "admin" : `owns ${things.join(" and ")}`}`,
    ),
    `  all of this    ${outputsPath}`,
    `  reminders      ${count} at most, every ${interval} s`,
    "",
    "Try it by hand, in another terminal:",
    `  npm run device -- --thing ${free}`,
    `    connects as ${free}; then type: report {"overheated": true}`,
    `  AWS_ACCESS_KEY_ID=${cloud.accountId} AWS_SECRET_ACCESS_KEY=test aws --endpoint-url ${cloud.endpoint} \\`,
    `    --region ${cloud.region} dynamodb scan --table-name ${(session.outputs.overheated as ReminderOutputs).tableName}`,
    "",
  ].join("\n");
}

/** `3 iot topicRule, 4 sqs queue ...`, a line per service. */
function byService(types: readonly string[]): string[] {
  const services = new Map<string, Map<string, number>>();
  for (const type of types) {
    const [service = "", kind = ""] = (type.split(":")[1] ?? type).split("/");
    const kinds = services.get(service) ?? new Map<string, number>();
    services.set(service, kinds.set(kind, (kinds.get(kind) ?? 0) + 1));
  }
  return [...services]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([service, kinds]) => {
      const counts = [...kinds].map(([kind, count]) => (count === 1 ? kind : `${kind} ×${count}`));
      return `  ${service.padEnd(11)} ${counts.join(", ")}`;
    });
}
