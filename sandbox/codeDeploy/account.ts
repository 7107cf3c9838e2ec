import { allOperations } from "./allOperations";
import type { Application } from "./application";
import { type DeploymentConfig, presets } from "./configs";
import { Deployments, type DeploymentsOptions, type KeptDeployment } from "./deployments";
import { CodeDeployError } from "./errors";
import type { Group } from "./group";
import { checkName, found } from "./names";

/** CodeDeploy of one account and region: what there is, and what runs. */
export class CodeDeployAccount {
  readonly applications = new Map<string, Application>();
  /** The account's own; AWS's are {@link presets}. */
  readonly configs = new Map<string, DeploymentConfig>();
  readonly deployments: Deployments;

  constructor(options: DeploymentsOptions) {
    this.deployments = new Deployments(options);
  }

  /** Answers one call. @throws CodeDeployError */
  call(operation: string, input: object): object {
    const run = allOperations.get(operation);
    if (run) return run(this, input as never);
    throw new CodeDeployError("UnknownOperationException", `the local cloud has no CodeDeploy ${operation}`);
  }

  close(): Promise<void> {
    return this.deployments.close();
  }

  get groups(): Group[] {
    return [...this.applications.values()].flatMap(({ groups }) => [...groups.values()]);
  }

  application(applicationName: string | undefined): Application {
    const name = checkName("Application", applicationName);
    return found("Application", name, this.applications.get(name));
  }

  group(applicationName: string | undefined, deploymentGroupName: string | undefined): Group {
    const { groups } = this.application(applicationName);
    const name = checkName("DeploymentGroup", deploymentGroupName);
    return found("DeploymentGroup", name, groups.get(name));
  }

  config(deploymentConfigName: string | undefined): DeploymentConfig {
    const name = checkName("DeploymentConfig", deploymentConfigName);
    return found("DeploymentConfig", name, this.configs.get(name) ?? presets.get(name));
  }

  deployment(deploymentId: string | undefined): KeptDeployment {
    if (!deploymentId) throw new CodeDeployError("DeploymentIdRequiredException", "The deploymentId is missing");
    if (!/^d-[A-Z0-9]{9}$/.test(deploymentId)) {
      throw new CodeDeployError("InvalidDeploymentIdException", `${deploymentId} is no id such as d-ABCDEF123`);
    }
    const kept = this.deployments.get(deploymentId);
    if (kept) return kept;
    throw new CodeDeployError("DeploymentDoesNotExistException", `The deployment ${deploymentId} could not be found`);
  }
}
