import type { Properties } from "./handler";

type Kind = "string" | "number" | "boolean";

/** Property of @pulumi/aws -> the string attribute of AWS, its kind, and what unsetting it means. */
export type AttributeTable = Readonly<Record<string, readonly [attribute: string, kind: Kind, unset: string]>>;

/** The string attributes of services that take them all as text (SQS, SNS), from the inputs that are set. */
export function toAttributes(table: AttributeTable, inputs: Properties): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [property, [attribute]] of Object.entries(table)) {
    const value = inputs[property];
    if (value !== undefined && value !== null) attributes[attribute] = asText(value);
  }
  return attributes;
}

/** The attributes to send when inputs changed; what is no longer set goes back to its default. */
export function changedAttributes(table: AttributeTable, olds: Properties, news: Properties): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [property, [attribute, , unset]] of Object.entries(table)) {
    const [before, after] = [olds[property], news[property]];
    if (after !== undefined && after !== null) attributes[attribute] = asText(after);
    else if (before !== undefined && before !== null) attributes[attribute] = unset;
  }
  return attributes;
}

/** The properties behind the attributes AWS returned. */
export function fromAttributes(
  table: AttributeTable,
  attributes: Readonly<Record<string, string | undefined>>,
): Properties {
  const properties: Properties = {};
  for (const [property, [attribute, kind]] of Object.entries(table)) {
    const text = attributes[attribute];
    if (text === undefined || text === "") continue;
    properties[property] = kind === "number" ? Number(text) : kind === "boolean" ? text === "true" : text;
  }
  return properties;
}

function asText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A policy or another JSON document as AWS takes it: programs give text or an object. */
export function jsonText(document: unknown): string {
  return typeof document === "string" ? document : JSON.stringify(document);
}
