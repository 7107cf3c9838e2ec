import { CodeDeployError } from "./errors";

/** What a deployment of one function is to do. */
export interface AppSpec {
  readonly functionName: string;
  readonly alias: string;
  readonly currentVersion: string;
  readonly targetVersion: string;
  readonly beforeAllowTraffic: string | undefined;
  readonly afterAllowTraffic: string | undefined;
}

/**
 * Reads a revision of the type AppSpecContent, whose content is JSON.
 * @throws CodeDeployError
 */
export function readAppSpec(content: unknown): AppSpec {
  try {
    const { Resources, Hooks = [] } = JSON.parse(String(content));
    const [resource] = Object.values(Resources[0]) as { Type: string; Properties: Record<string, string> }[];
    const { Name, Alias, CurrentVersion, TargetVersion } = resource!.Properties;
    if (resource!.Type !== "AWS::Lambda::Function" || !Name || !Alias || !CurrentVersion || !TargetVersion) {
      throw new Error("a function needs the Type AWS::Lambda::Function, Name, Alias, CurrentVersion and TargetVersion");
    }
    const hook = (name: string) => (Hooks as Record<string, string>[]).find((one) => name in one)?.[name];
    return {
      functionName: Name,
      alias: Alias,
      currentVersion: CurrentVersion,
      targetVersion: TargetVersion,
      beforeAllowTraffic: hook("BeforeAllowTraffic"),
      afterAllowTraffic: hook("AfterAllowTraffic"),
    };
  } catch (error) {
    throw new CodeDeployError("InvalidRevisionException", `The AppSpec is not one: ${(error as Error).message}`);
  }
}
