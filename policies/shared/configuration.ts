import { Ajv } from "ajv";
import type { Policy } from "./policy";

/** A pack: what index.ts hands to Pulumi, and what everything else reads without starting a server. */
export interface Pack {
  readonly name: string;
  readonly description: string;
  readonly policies: Policy[];
}

/** The configuration of a pack as Pulumi has it: a level, or a level and parameters, by policy or for `all`. */
export type PackConfiguration = Record<string, unknown>;

export const levels = ["advisory", "mandatory", "disabled", "remediate"] as const;

/**
 * Everything that is wrong with a pack's configuration, a sentence each: names and parameters that do not exist, levels that
 * are none, values that their schema refuses. Pulumi itself lets an unknown name or parameter pass, and then a policy that
 * somebody believes in is not there.
 */
export function configurationErrors(pack: Pack, configuration: PackConfiguration): string[] {
  return Object.entries(configuration).flatMap(([name, entry]) => {
    const policy = pack.policies.find((candidate) => candidate.name === name);
    if (!policy && name !== "all") {
      const known = pack.policies.map((candidate) => candidate.name);
      return [`there is no policy ${JSON.stringify(name)} in ${pack.name}; ${suggestion(name, ["all", ...known])}`];
    }
    return entryErrors(name, entry, policy);
  });
}

function entryErrors(name: string, entry: unknown, policy: Policy | undefined): string[] {
  if (typeof entry === "string") return levelErrors(name, entry);
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    return [`${name}: must be a level (${levels.join(", ")}) or an object with enforcementLevel and parameters`];
  }
  const { enforcementLevel, ...given } = entry as Record<string, unknown>;
  const schemas: Record<string, object> = policy?.configSchema?.properties ?? {};
  const errors = enforcementLevel === undefined ? [] : levelErrors(name, enforcementLevel);
  for (const [key, value] of Object.entries(given)) {
    const schema = schemas[key];
    if (!schema) {
      errors.push(`${name}: there is no parameter ${JSON.stringify(key)}; ${suggestion(key, Object.keys(schemas))}`);
      continue;
    }
    const ajv = new Ajv({ allErrors: true, formats: { regex: isRegex } });
    if (!ajv.validate(schema, value)) errors.push(`${name}.${ajv.errorsText(ajv.errors, { dataVar: key })}`);
  }
  return errors;
}

function levelErrors(name: string, level: unknown): string[] {
  if (levels.includes(level as (typeof levels)[number])) return [];
  return [`${name}: ${JSON.stringify(level)} is no level; ${suggestion(String(level), levels)}`];
}

/** "did you mean" where a name is close, all names where none is. */
export function suggestion(wrong: string, known: readonly string[]): string {
  if (known.length === 0) return "it has none";
  const [nearest] = known
    .map((name) => ({ name, distance: distance(wrong, name) }))
    .sort((one, other) => one.distance - other.distance);
  if (nearest && nearest.distance <= Math.max(2, wrong.length / 3))
    return `did you mean ${JSON.stringify(nearest.name)}?`;
  return `there is ${known.join(", ")}`;
}

/** How many letters have to be put in, left out or changed to make one word of another. */
function distance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [row, letter] of [...one].entries()) {
    const current = [row + 1];
    for (const [column, wanted] of [...other].entries()) {
      const change = (previous[column] ?? 0) + (letter === wanted ? 0 : 1);
      current.push(Math.min(change, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
