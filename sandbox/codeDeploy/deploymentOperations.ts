import type {
  CreateDeploymentInput,
  GetDeploymentInput,
  GetDeploymentTargetInput,
  ListDeploymentsInput,
  ListDeploymentTargetsInput,
  PutLifecycleEventHookExecutionStatusInput,
  StopDeploymentInput,
} from "@aws-sdk/client-codedeploy";
import { allAtOnce } from "./configs";
import { describe, describeTarget, targetIdOf } from "./descriptions";
import { CodeDeployError } from "./errors";
import type { Operations } from "./operation";

export const deploymentOperations = {
  CreateDeployment(account, input: CreateDeploymentInput) {
    const group = account.group(input.applicationName, input.deploymentGroupName);
    const config = account.config(input.deploymentConfigName ?? group.settings.deploymentConfigName ?? allAtOnce);
    if (!input.revision) throw new CodeDeployError("RevisionRequiredException", "The revision is missing");
    const { revisionType } = input.revision;
    if (revisionType !== "AppSpecContent") {
      const message = `the local cloud takes a revision of the type AppSpecContent, not ${revisionType}`;
      throw new CodeDeployError("InvalidRevisionException", message);
    }
    const { deploymentId } = account.deployments.start(group, config, input);
    return { deploymentId };
  },

  GetDeployment(account, { deploymentId }: GetDeploymentInput) {
    return { deploymentInfo: describe(account.deployment(deploymentId)) };
  },

  /** The newest first. */
  ListDeployments(account, input: ListDeploymentsInput) {
    const { applicationName, deploymentGroupName, includeOnlyStatuses: statuses = [] } = input;
    const listed = account.deployments.all.filter(
      ({ group, deployment }) =>
        (applicationName === undefined || group.applicationName === applicationName) &&
        (deploymentGroupName === undefined || group.settings.deploymentGroupName === deploymentGroupName) &&
        (statuses.length === 0 || statuses.includes(deployment.status)),
    );
    return { deployments: listed.map(({ deployment }) => deployment.deploymentId).reverse() };
  },

  StopDeployment(account, { deploymentId, autoRollbackEnabled }: StopDeploymentInput) {
    const kept = account.deployment(deploymentId);
    if (!kept.deployment.isActive) {
      throw new CodeDeployError("DeploymentAlreadyCompletedException", `The deployment ${deploymentId} is over`);
    }
    kept.autoRollbackEnabled = autoRollbackEnabled;
    kept.deployment.stop("MANUAL_STOP", "The deployment was stopped by a user.");
    return { status: "Pending", statusMessage: "The deployment is being stopped." };
  },

  ListDeploymentTargets(account, { deploymentId }: ListDeploymentTargetsInput) {
    return { targetIds: [targetIdOf(account.deployment(deploymentId).deployment)] };
  },

  GetDeploymentTarget(account, { deploymentId, targetId }: GetDeploymentTargetInput) {
    const { deployment } = account.deployment(deploymentId);
    if (!targetId) throw new CodeDeployError("DeploymentTargetIdRequiredException", "The targetId is missing");
    if (targetId !== targetIdOf(deployment)) {
      throw new CodeDeployError("DeploymentTargetDoesNotExistException", `${targetId} is none of ${deploymentId}`);
    }
    return { deploymentTarget: describeTarget(deployment) };
  },

  PutLifecycleEventHookExecutionStatus(account, input: PutLifecycleEventHookExecutionStatusInput) {
    const { deployment } = account.deployment(input.deploymentId);
    const { lifecycleEventHookExecutionId = "", status } = input;
    if (status !== "Succeeded" && status !== "Failed") {
      const message = `a hook answers Succeeded or Failed, not ${status}`;
      throw new CodeDeployError("InvalidLifecycleEventHookExecutionStatusException", message);
    }
    deployment.answerHook(lifecycleEventHookExecutionId, status);
    return { lifecycleEventHookExecutionId };
  },
} satisfies Operations;
