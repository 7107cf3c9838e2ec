import { randomBytes, randomInt } from "node:crypto";
import type { Properties } from "./handler";

/**
 * How the AWS provider of Pulumi names a resource that the program leaves unnamed: `<logical name>-<7 hex digits>`,
 * with exceptions per type. See `Fields` and `SetAutonaming` in its provider/resources.go.
 */
export interface AutoName {
  /** The input that carries the name. */
  readonly property: string;
  /** Longest name, random part included. Default 255. */
  readonly maxLength?: number;
  /** Default `-`. */
  readonly separator?: string;
  /** How many random characters follow. Default 7; 0 leaves the logical name as it is. */
  readonly randomLength?: number;
  /** Characters the random part is drawn from. Default: hex digits. */
  readonly charset?: string;
  /** Applied to the logical name. */
  readonly transform?: (name: string) => string;
  /** Applied to the finished name, e.g. `.fifo`. */
  readonly finish?: (name: string, inputs: Properties) => string;
}

/** What most types have. */
export const standardName: AutoName = { property: "name" };

/** Whether the program leaves the name to Pulumi. */
export function isUnnamed(rule: AutoName | undefined, inputs: Properties): rule is AutoName {
  return rule !== undefined && (inputs[rule.property] === undefined || inputs[rule.property] === null);
}

/**
 * Returns the inputs with a name: the program's own, else the one the resource already has, else a new one.
 *
 * @throws when the logical name leaves no room for the random part, as Pulumi does.
 */
export function withName(
  rule: AutoName | undefined,
  logicalName: string,
  inputs: Properties,
  oldInputs: Properties = {},
): Properties {
  if (!isUnnamed(rule, inputs)) return inputs;
  const { property } = rule;
  // `namePrefix` is the other way the AWS provider names; it is made unique by the same rule.
  const prefix = inputs[`${property}Prefix`];
  const name =
    oldInputs[property] ??
    (typeof prefix === "string" ? prefix + randomSuffix(26, "0123456789") : generateName(rule, logicalName, inputs));
  return { ...inputs, [property]: name };
}

/** A new name for a resource of this logical name. */
export function generateName(rule: AutoName, logicalName: string, inputs: Properties): string {
  const { maxLength = 255, separator = "-", randomLength = 7, charset = "0123456789abcdef" } = rule;
  let name = rule.transform ? rule.transform(logicalName) : logicalName;
  if (randomLength > 0) {
    name += separator;
    if (name.length + randomLength > maxLength) {
      throw new Error(
        `name '${name}' plus ${randomLength} random chars is longer than maximum length ${maxLength}; ` +
          `shorten the logical name or set \`${rule.property}\` yourself`,
      );
    }
    name += randomSuffix(randomLength, charset);
  }
  return rule.finish ? rule.finish(name, inputs) : name;
}

function randomSuffix(length: number, charset: string): string {
  if (charset === "0123456789abcdef") return randomBytes(length).toString("hex").slice(0, length);
  return Array.from({ length }, () => charset[randomInt(charset.length)]).join("");
}
