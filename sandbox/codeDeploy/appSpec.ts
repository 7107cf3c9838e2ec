import { CodeDeployError } from "./errors";

/** What a deployment of one function is to do. */
export interface AppSpec {
  readonly functionName: string;
  readonly alias: string;
  readonly currentVersion: string;
  readonly targetVersion: string;
  readonly beforeAllowTraffic?: string;
  readonly afterAllowTraffic?: string;
}

/** The hooks that a deployment of a function may have. */
const hookNames: readonly string[] = ["BeforeAllowTraffic", "AfterAllowTraffic"];

/**
 * Reads a revision of the type AppSpecContent, whose content is JSON.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
 * @throws CodeDeployError InvalidRevisionException
 */
export function readAppSpec(content: unknown): AppSpec {
  const { version, Resources, Hooks = [] } = parse(content);
  if (Number(version) !== 0) refuse(`its version is 0.0, not ${JSON.stringify(version)}`);
  const resources = Array.isArray(Resources) ? Resources.flatMap((one) => Object.values(one ?? {})) : [];
  if (resources.length !== 1) refuse(`Resources is a list of one function, not of ${resources.length}`);
  const { Type, Properties = {} } = resources[0] as { Type?: unknown; Properties?: Record<string, unknown> };
  if (Type !== "AWS::Lambda::Function") refuse(`the Type is AWS::Lambda::Function, not ${JSON.stringify(Type)}`);
  const hooks = readHooks(Hooks);
  return {
    functionName: text(Properties, "Name"),
    alias: text(Properties, "Alias"),
    currentVersion: publishedVersion(Properties, "CurrentVersion"),
    targetVersion: publishedVersion(Properties, "TargetVersion"),
    beforeAllowTraffic: hooks.get("BeforeAllowTraffic"),
    afterAllowTraffic: hooks.get("AfterAllowTraffic"),
  };
}

function parse(content: unknown): Record<string, unknown> {
  try {
    const parsed = JSON.parse(String(content));
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    // Said below, for all that is no document.
  }
  return refuse("it is no JSON document (YAML is for AWS: the local cloud reads JSON)");
}

/** A hook that nobody knows would never run, and nobody would see. */
function readHooks(hooks: unknown): Map<string, string> {
  if (!Array.isArray(hooks)) return refuse("Hooks is a list");
  const entries = hooks.flatMap((one) => Object.entries(one ?? {}));
  for (const [name, functionName] of entries) {
    if (!hookNames.includes(name)) refuse(`the hooks of a function are ${hookNames.join(" and ")}, not ${name}`);
    if (typeof functionName !== "string" || functionName === "") refuse(`${name} needs the name of a function`);
  }
  return new Map(entries as [string, string][]);
}

function text(properties: Record<string, unknown>, name: string): string {
  const value = properties[name];
  return typeof value === "string" && value !== "" ? value : refuse(`the function needs ${name}, a text`);
}

function publishedVersion(properties: Record<string, unknown>, name: string): string {
  const value = text(properties, name);
  return /^[1-9]\d*$/.test(value) ? value : refuse(`${name} is a published version such as "3", not ${value}`);
}

function refuse(why: string): never {
  throw new CodeDeployError("InvalidRevisionException", `The AppSpec is not one: ${why}`);
}
