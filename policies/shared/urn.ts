/** The stack in a URN `urn:pulumi:<stack>::<project>::<types>::<name>`. */
export const stackOf = (urn: string): string => part(urn, 0).replace(/^urn:pulumi:/, "");

/** The project in a URN. */
export const projectOf = (urn: string): string => part(urn, 1);

function part(urn: string, at: number): string {
  return urn.split("::")[at] ?? "";
}
