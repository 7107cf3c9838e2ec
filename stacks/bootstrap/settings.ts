import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";

/** What the bootstrap of one stack's account goes by. Everything else is named by convention from these. */
export interface Settings {
  readonly project: string;
  readonly stack: string;
  readonly account: string;
  readonly region: string;
  /** `owner/name` on GitHub: only its workflows may take the roles. */
  readonly repository: string;
}

/** Something the user has to put right before anything can be made; the message says what and how. */
export class SettingsError extends Error {}

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` of the folder.
 *
 * @param repository `owner/name`; by default that of the CI run, else of the git remote `origin`.
 * @throws SettingsError naming every key that is missing or wrong.
 */
export function readSettings(folder: string, stack: string, repository?: string): Settings {
  const project = read(path.join(folder, "Pulumi.yaml"), "Run the bootstrap in the folder of Pulumi.yaml.").name;
  const file = `Pulumi.${stack}.yaml`;
  const stackFile = read(path.join(folder, file), `Stacks with a file: ${stackNames(folder).join(", ") || "none"}.`);
  const config = (stackFile.config ?? {}) as Record<string, unknown>;
  const wrong: string[] = [];

  const region = config["aws:region"];
  if (typeof region !== "string" || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    wrong.push(`aws:region in ${file} must be a region such as eu-central-1, but is ${JSON.stringify(region)}`);
  }
  const accounts = accountIds(config["aws:allowedAccountIds"]);
  if (accounts?.length !== 1) {
    wrong.push(
      `aws:allowedAccountIds in ${file} must hold exactly one account id of 12 digits in quotes, ` +
        `but is ${JSON.stringify(config["aws:allowedAccountIds"])}`,
    );
  }
  const slug = repository ?? process.env.GITHUB_REPOSITORY ?? originOnGitHub(folder);
  if (!slug || !/^[\w.-]+\/[\w.-]+$/.test(slug)) {
    wrong.push(
      slug
        ? `the repository must be owner/name as on GitHub, but is ${JSON.stringify(slug)}`
        : "the git remote origin is not on GitHub; say which repository deploys with --repository owner/name",
    );
  }
  if (wrong.length > 0)
    throw new SettingsError(`Cannot bootstrap the account of ${stack}:\n  - ${wrong.join("\n  - ")}`);
  return { project: String(project), stack, account: accounts![0]!, region: region as string, repository: slug! };
}

function read(file: string, hint: string): Record<string, unknown> {
  if (!fs.existsSync(file)) throw new SettingsError(`There is no ${path.basename(file)}. ${hint}`);
  try {
    return (parse(fs.readFileSync(file, "utf8")) ?? {}) as Record<string, unknown>;
  } catch (error) {
    throw new SettingsError(`${path.basename(file)} is not YAML: ${(error as Error).message}`);
  }
}

function stackNames(folder: string): string[] {
  return fs.readdirSync(folder).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
}

/** Pulumi takes the list as YAML or as JSON text; an id without quotes is a number and may have lost leading zeros. */
function accountIds(value: unknown): string[] | undefined {
  let list = value;
  if (typeof value === "string") {
    try {
      list = JSON.parse(value);
    } catch {
      return undefined;
    }
  }
  return Array.isArray(list) && list.every((id) => typeof id === "string" && /^\d{12}$/.test(id)) ? list : undefined;
}

function originOnGitHub(folder: string): string | undefined {
  const { stdout } = spawnSync("git", ["remote", "get-url", "origin"], { cwd: folder, encoding: "utf8" });
  return /github\.com[:/]([\w.-]+\/[\w.-]+?)(\.git)?\s*$/.exec(stdout ?? "")?.[1];
}
