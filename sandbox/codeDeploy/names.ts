import { CodeDeployError } from "./errors";

/** What has a name in CodeDeploy, as its exceptions call it. */
export type Named = "Application" | "DeploymentConfig" | "DeploymentGroup";

/** @returns the name, when it may be one. @throws CodeDeployError `…NameRequiredException`, `Invalid…NameException` */
export function checkName(what: Named, name: unknown): string {
  if (name === undefined || name === "") {
    throw new CodeDeployError(`${what}NameRequiredException`, `The name of the ${what} is missing`);
  }
  if (typeof name === "string" && /^[\w.+=,@-]{1,100}$/.test(name)) return name;
  const rule = "it has up to 100 letters, digits and . _ + = , @ -";
  throw new CodeDeployError(`Invalid${what}NameException`, `${JSON.stringify(name)} is no name for a ${what}: ${rule}`);
}

/** @throws CodeDeployError `…AlreadyExistsException` */
export function checkFree(what: Named, name: string, isTaken: boolean): void {
  if (isTaken) throw new CodeDeployError(`${what}AlreadyExistsException`, `There is a ${what} named ${name} already`);
}

/** @throws CodeDeployError `…DoesNotExistException`, when it was not found */
export function found<T>(what: Named, name: string, one: T | undefined): T {
  if (one === undefined)
    throw new CodeDeployError(`${what}DoesNotExistException`, `No ${what} found for name: ${name}`);
  return one;
}
