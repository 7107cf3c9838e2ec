import { resourcePolicy } from "../shared/policy";

interface Config {
  pattern: string;
  maximumLength: number;
}

/** Logical names look alike. */
export const resourceNames = resourcePolicy<Config>({
  name: "resource-names",
  description: "Logical names of resources are in kebab-case.",
  why:
    "the logical name becomes the beginning of the physical one and part of the URN, so a spelling that differs is met in " +
    "every log and console, and changing it later replaces the resource.",
  fix: 'rename the resource, with `aliases: [{ name: "<old name>" }]` where it is already deployed.',
  link: "https://www.pulumi.com/docs/iac/concepts/resources/names/",
  level: "advisory",
  severity: "low",
  parameters: {
    pattern: {
      description: "What a logical name has to match",
      type: "string",
      format: "regex",
      default: "^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
    },
    maximumLength: {
      description: "Characters of a logical name at most; AWS limits physical names to 64 and Pulumi adds eight",
      type: "integer",
      minimum: 1,
      default: 56,
    },
  },
  types: (type) => !type.startsWith("pulumi:"),
  check: ({ name }, { pattern, maximumLength }, report) => {
    if (!new RegExp(pattern).test(name)) report(`The name ${JSON.stringify(name)} does not match ${pattern}.`);
    if (name.length > maximumLength)
      report(`The name ${JSON.stringify(name)} has ${name.length} characters; ${maximumLength} is the limit.`);
  },
});
