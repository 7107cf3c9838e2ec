import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema";
import { packs } from "../run/packs";
import type { Pack } from "../shared/configuration";
import type { Policy } from "../shared/policy";

/** The page whose tables are written from the packs, between two comments: `npm run docs:policies`. */
export const page = join(__dirname, "..", "..", "docs", "policies.md");

const begin = "<!-- written by npm run docs:policies from here -->";
const end = "<!-- to here -->";

/** The page with its tables as the packs are now. */
export function withTables(text: string): string {
  const [before, rest] = text.split(begin);
  const [, after] = (rest ?? "").split(end);
  if (before === undefined || after === undefined) throw new Error(`${page} must hold "${begin}" and "${end}"`);
  return `${before}${begin}\n\n${packs.map(section).join("\n")}\n${end}${after}`;
}

function section({ name, description, policies }: Pack): string {
  return [
    `### ${name}`,
    "",
    `${description}. Started from [policies/${name.replace("thingstack-", "")}](../policies/${name.replace("thingstack-", "")}).`,
    "",
    "| policy | what | why | level | parameters |",
    "|---|---|---|---|---|",
    ...policies.map(row),
    "",
  ].join("\n");
}

function row(policy: Policy): string {
  const { name, description, why, url, enforcementLevel, severity } = policy;
  const mends = "remediateResource" in policy && policy.remediateResource ? ", can `remediate`" : "";
  const looks = "validateStack" in policy ? ", looks at the stack" : "";
  const level = `${enforcementLevel} (${severity}${looks}${mends})`;
  return `| [${name}](${url}) | ${cell(description)} | ${cell(sentence(why))} | ${level} | ${parameters(policy)} |`;
}

function parameters({ configSchema }: Policy): string {
  return Object.entries(configSchema?.properties ?? {})
    .map(([key, schema]) => `\`${key}\`: ${cell(schema.description ?? "")} (${defaultOf(schema)})`)
    .join("<br>");
}

/** A long list is told by its length; the policy's file has it. */
function defaultOf({ default: value }: PolicyConfigJSONSchema): string {
  const text = JSON.stringify(value);
  if (text.length <= 60) return `\`${cell(text)}\``;
  return `${Array.isArray(value) ? value.length : Object.keys(value as object).length} by default, see the policy's file`;
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const cell = (text: string): string => text.replaceAll("|", "\\|");

if (require.main === module) writeFileSync(page, withTables(readFileSync(page, "utf8")));
