import { resourcePolicy, type Subject } from "../shared/policy";
import type { Values } from "../shared/values";

interface Config {
  allowed: Record<string, string>;
}

/** Names that say "secret", and endings that say "where to find it" or "how it is used". */
const secretName =
  /(^|_)(SECRETS?|PASSWORDS?|PASSWD|PASSPHRASE|TOKENS?|CREDENTIALS?|APIKEY|(API|PRIVATE|ACCESS|SIGNING|ENCRYPTION)_KEY)(_|$)/;
const reference =
  /_(ARN|NAME|ID|PATH|PARAMETER|PARAM|URL|URI|TABLE|TTL|SECONDS|MINUTES|HEADER|ISSUER|ALGORITHM|TYPE|ALIAS)$/;

/** Values that are a secret whatever they are called. */
const secretValues: readonly RegExp[] = [
  /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\bgh[pousr]_[A-Za-z0-9]{36,}/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/,
  /\b[sr]k_live_[A-Za-z0-9]{16,}/,
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/,
  /:\/\/[^/\s:@]+:[^/\s:@]+@/,
];

/** Who may look at a function may not see its secrets. */
export const environmentSecrets = resourcePolicy<Config>({
  name: "environment-secrets",
  description: "Environment variables hold no secrets.",
  why:
    "everybody who may look at a function, a task or a build sees its variables in clear text, in the console, in state, in crash " +
    "reports; and a secret that is changed waits for the next deployment.",
  fix:
    "keep the secret in Secrets Manager or an SSM SecureString, hand over its ARN or name, and grant the one action that " +
    "reads it. (The value is not shown here.)",
  link: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
  severity: "critical",
  parameters: {
    allowed: {
      description: "Names of variables that look like secrets and are none, each with the reason",
      type: "object",
      additionalProperties: { type: "string", minLength: 10 },
      default: {},
    },
  },
  types: ["aws:lambda/function:Function", "aws:ecs/taskDefinition:TaskDefinition", "aws:codebuild/project:Project"],
  check: (subject, { allowed }, report) => {
    const held = variables(subject).filter(([name, value]) => allowed[name] === undefined && isSecret(name, value));
    for (const [name] of held) report(`The variable ${name} of ${subject.name} looks like a secret.`);
  },
});

function variables({ type, props }: Subject): [string, Values][] {
  if (type === "aws:lambda/function:Function") {
    const found = props.at("environment").at("variables");
    return found.keys().map((name) => [name, found.at(name)]);
  }
  if (type === "aws:ecs/taskDefinition:TaskDefinition") {
    const containers = props.json("containerDefinitions").list();
    return containers
      .flatMap((container) => container.list("environment"))
      .map((entry) => [entry.text("name") ?? "", entry.at("value")]);
  }
  return props
    .list("environment.environmentVariables")
    .filter((entry) => (entry.text("type") ?? "PLAINTEXT") === "PLAINTEXT")
    .map((entry) => [entry.text("name") ?? "", entry.at("value")]);
}

function isSecret(name: string, found: Values): boolean {
  // What preview does not know comes from another resource, mostly an ARN; it is looked at when it is known.
  if (!found.isKnown()) return false;
  const value = found.text() ?? "";
  if (secretValues.some((pattern) => pattern.test(value))) return true;
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
  if (!secretName.test(words) || reference.test(words)) return false;
  return value !== "" && !/^(arn:|\{\{resolve:|true$|false$|[\d.]+$)/.test(value);
}
