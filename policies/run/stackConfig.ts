import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";

/** A file of the project cannot be used; the message says which, why, and what to do. */
export class ProjectError extends Error {}

export interface Project {
  readonly name: string;
  /** The program's entry point, absolute. */
  readonly main: string;
  /** The stack's configuration by full key; objects as JSON, as Pulumi hands them to a program. */
  readonly config: Readonly<Record<string, string>>;
}

/** What stands for a secret: it is encrypted in the file, and a policy has no business with it. */
const secret = "secret";

/**
 * Reads Pulumi.yaml and Pulumi.<stack>.yaml as Pulumi's CLI does: the project's defaults, then the stack's own values.
 *
 * @throws ProjectError
 */
export function readProject(root: string, stack: string): Project {
  const project = readYaml(join(root, "Pulumi.yaml"), "run this in the folder of a Pulumi project");
  const file = join(root, `Pulumi.${stack}.yaml`);
  const stacks = readdirSync(root).flatMap((name) => /^Pulumi\.([^.]+)\.yaml$/.exec(name)?.[1] ?? []);
  const own = readYaml(
    file,
    stacks.length > 0 ? `there is ${stacks.join(", ")}` : "there is no stack yet: pulumi stack init",
  );
  const name = project.name;
  if (typeof name !== "string") throw new ProjectError(`${join(root, "Pulumi.yaml")} has no name`);
  return {
    name,
    main: join(root, typeof project.main === "string" ? project.main : "."),
    config: { ...defaults(name, entries(project.config)), ...values(name, entries(own.config)) },
  };
}

/** The defaults of the project's configuration schema: `key: { default }`, or the value itself. */
function defaults(project: string, config: Record<string, unknown>): Record<string, string> {
  const known = Object.entries(config).flatMap(([key, schema]): [string, unknown][] => {
    if (typeof schema !== "object" || schema === null) return [[key, schema]];
    const value = "default" in schema ? schema.default : "value" in schema ? schema.value : undefined;
    return value === undefined ? [] : [[key, value]];
  });
  return values(project, Object.fromEntries(known));
}

function values(project: string, config: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.includes(":") ? key : `${project}:${key}`, text(value)]),
  );
}

function text(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return "secure" in value ? secret : JSON.stringify(value);
}

function entries(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function readYaml(file: string, otherwise: string): Record<string, unknown> {
  if (!existsSync(file)) throw new ProjectError(`There is no ${file}; ${otherwise}.`);
  try {
    return entries(load(readFileSync(file, "utf8")));
  } catch (error) {
    throw new ProjectError(`${file} is not YAML: ${(error as Error).message}`);
  }
}
