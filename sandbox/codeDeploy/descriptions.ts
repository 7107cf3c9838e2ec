import type { Deployment } from "./deployment";
import type { KeptDeployment } from "./deployments";
import { now } from "./lifecycle";

/** A deployment as GetDeployment tells of it. */
export function describe(kept: KeptDeployment): object {
  const { deployment, group, settings, config, request, rollsBack } = kept;
  const { deploymentId, createTime, completeTime, status } = deployment;
  return {
    deploymentId,
    applicationName: group.applicationName,
    deploymentGroupName: group.settings.deploymentGroupName,
    deploymentConfigName: config.deploymentConfigName,
    computePlatform: "Lambda",
    status,
    creator: rollsBack ? "codeDeployRollback" : "user",
    createTime,
    startTime: createTime,
    completeTime,
    description: request.description,
    revision: request.revision,
    autoRollbackConfiguration: settings.autoRollbackConfiguration,
    deploymentStyle: settings.deploymentStyle,
    errorInformation: deployment.isActive ? undefined : deployment.errorInformation,
    rollbackInfo: rollbackInfo(kept),
  };
}

function rollbackInfo({ deployment, rolledBackBy, rollsBack }: KeptDeployment): object | undefined {
  const failed = rollsBack ?? deployment;
  const rollbackMessage = `Deployment ${failed.deploymentId} is rolled back: ${failed.errorInformation?.message}`;
  if (rollsBack) return { rollbackTriggeringDeploymentId: rollsBack.deploymentId, rollbackMessage };
  return rolledBackBy && { rollbackDeploymentId: rolledBackBy.deploymentId, rollbackMessage };
}

/** The one target of a deployment of a function. */
export const targetIdOf = ({ plan }: Deployment) => `${plan.appSpec.functionName}:${plan.appSpec.alias}`;

/** As GetDeploymentTarget tells of it. */
export function describeTarget(deployment: Deployment): object {
  const { functionName, alias, currentVersion, targetVersion } = deployment.plan.appSpec;
  return {
    deploymentTargetType: "LambdaTarget",
    lambdaTarget: {
      deploymentId: deployment.deploymentId,
      targetId: targetIdOf(deployment),
      status: deployment.status === "Stopped" ? "Failed" : deployment.status,
      lastUpdatedAt: now(),
      lifecycleEvents: deployment.events,
      lambdaFunctionInfo: {
        functionName,
        functionAlias: alias,
        currentVersion,
        targetVersion,
        targetVersionWeight: deployment.targetVersionWeight,
      },
    },
  };
}
