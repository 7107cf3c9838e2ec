import { applicationOperations } from "./application";
import { configOperations } from "./configOperations";
import { deploymentOperations } from "./deploymentOperations";
import { groupOperations } from "./groupOperations";
import type { Operation, Operations } from "./operation";
import { tagOperations } from "./tagOperations";

const groups: readonly Operations[] = [
  applicationOperations,
  configOperations,
  groupOperations,
  deploymentOperations,
  tagOperations,
];

/** What the local cloud's CodeDeploy can do, by AWS's names. */
export const allOperations: ReadonlyMap<string, Operation> = new Map(groups.flatMap((group) => Object.entries(group)));
