import { existsSync, readdirSync } from "node:fs";
import * as path from "node:path";
import { UsageError } from "../../common/commandLine";

/** @throws UsageError that names the stacks there are, when this is none of them */
export function assertStack(folder: string, stack: string): void {
  if (/^[\w.-]+$/.test(stack) && existsSync(path.join(folder, `Pulumi.${stack}.yaml`))) return;
  const known = readdirSync(folder).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
  throw new UsageError(
    `there is no stack "${stack}": no Pulumi.${stack}.yaml. There are ${known.join(", ")}. Nothing was changed.`,
  );
}
