import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** What `pulumi up` would give the program, and where the program is. */
export interface StackConfig {
  readonly project: string;
  /** The entry, an absolute path. */
  readonly main: string;
  /** Namespaced keys (`thingstack:devices`, `aws:region`); what is not text is JSON. */
  readonly config: Record<string, string>;
}

/** One entry of `config` in Pulumi.yaml. */
interface Declaration {
  readonly type?: string;
  readonly default?: unknown;
  readonly value?: unknown;
  readonly secret?: boolean;
}

/**
 * Reads the configuration of a stack as Pulumi does: the declarations and defaults of Pulumi.yaml, and over them the
 * values of Pulumi.<stack>.yaml.
 *
 * @throws listing everything that is wrong at once: missing files, values that are missing, of another type than
 * declared, or encrypted (there is no key to them here)
 */
export function readStackConfig(projectRoot: string, stack: string): StackConfig {
  const project = readYaml(join(projectRoot, "Pulumi.yaml"), "it declares the project");
  const stackFile = `Pulumi.${stack}.yaml`;
  const stackPath = join(
    projectRoot,
    typeof project.stackConfigDir === "string" ? project.stackConfigDir : "",
    stackFile,
  );
  const values = readYaml(stackPath, `it configures the stack ${stack}`);
  const name = String(project.name ?? "");
  const problems: string[] = [];
  const config: Record<string, string> = {};
  const full = (key: string) => (key.includes(":") ? key : `${name}:${key}`);

  const declarations = Object.entries((project.config ?? {}) as Record<string, unknown>).map(
    ([key, declared]) => [full(key), declarationOf(declared)] as const,
  );
  for (const [key, { value, default: byDefault }] of declarations) {
    const given = value ?? byDefault;
    if (given !== undefined) config[key] = text(given);
  }
  for (const [key, value] of Object.entries((values.config ?? {}) as Record<string, unknown>)) {
    if (holdsSecure(value)) {
      problems.push(
        `${stackFile}: ${key} is encrypted, and there is no key to it without the Pulumi CLI; give it a plain value ` +
          `that may be seen (pulumi config set -s ${stack} --plaintext ${key} ...)`,
      );
    } else if (value !== null) config[full(key)] = text(value);
  }
  for (const [key, { type }] of declarations) {
    if (config[key] === undefined)
      problems.push(`${stackFile}: ${key} is missing, and Pulumi.yaml has no default for it`);
    else if (type !== undefined && !hasType(config[key], type)) {
      problems.push(`${stackFile}: ${key} must be of type ${type}, as Pulumi.yaml declares it; it is ${config[key]}`);
    }
  }
  if (values.environment !== undefined) {
    problems.push(
      `${stackFile}: \`environment\` is of Pulumi Cloud, which the local cloud does not ask; give its values`,
    );
  }
  if (name === "") problems.push("Pulumi.yaml: the project has no `name`");
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return { project: name, main: join(projectRoot, String(project.main ?? "index.ts")), config };
}

function readYaml(path: string, why: string): Record<string, unknown> {
  if (!existsSync(path)) throw new Error(`there is no ${path}; ${why}`);
  try {
    return (parse(readFileSync(path, "utf8")) ?? {}) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`${path} is not YAML: ${(error as Error).message}`);
  }
}

/** `key: { type, default, ... }`, or in short `key: value`. */
function declarationOf(declared: unknown): Declaration {
  const isSchema = typeof declared === "object" && declared !== null && !Array.isArray(declared);
  return isSchema ? (declared as Declaration) : { default: declared };
}

const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** Encrypted values, `{ secure: ... }`, stand anywhere in a structure. */
function holdsSecure(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0] === "secure" && typeof entries[0]![1] === "string") return true;
  return entries.some(([, inner]) => holdsSecure(inner));
}

function hasType(value: string, type: string): boolean {
  if (type === "string") return true;
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return false;
  }
  if (type === "integer") return Number.isInteger(parsed);
  if (type === "array") return Array.isArray(parsed);
  if (type === "object") return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  return typeof parsed === type;
}
