import { randomUUID } from "node:crypto";
import type {
  CreateDeploymentGroupInput,
  DeleteDeploymentGroupInput,
  GetDeploymentGroupInput,
  ListDeploymentGroupsInput,
  UpdateDeploymentGroupInput,
} from "@aws-sdk/client-codedeploy";
import { checkSettings, type GroupSettings } from "./group";
import { checkFree, checkName } from "./names";
import type { Operations } from "./operation";
import { tagMap } from "./tagOperations";

const kind = "DeploymentGroup";

export const groupOperations = {
  CreateDeploymentGroup(account, { applicationName, tags, ...settings }: CreateDeploymentGroupInput) {
    const application = account.application(applicationName);
    const name = checkName(kind, settings.deploymentGroupName);
    checkFree(kind, name, application.groups.has(name));
    if (settings.deploymentConfigName) account.config(settings.deploymentConfigName);
    checkSettings(settings);
    const deploymentGroupId = randomUUID();
    const group = { deploymentGroupId, applicationName: application.applicationName, tags: tagMap(tags) };
    application.groups.set(name, { ...group, settings: settings as GroupSettings });
    return { deploymentGroupId };
  },

  GetDeploymentGroup(account, input: GetDeploymentGroupInput) {
    const group = account.group(input.applicationName, input.deploymentGroupName);
    const { deploymentGroupId, applicationName, settings } = group;
    return { deploymentGroupInfo: { ...settings, applicationName, deploymentGroupId, computePlatform: "Lambda" } };
  },

  UpdateDeploymentGroup(account, input: UpdateDeploymentGroupInput) {
    const { applicationName, currentDeploymentGroupName, newDeploymentGroupName, ...changes } = input;
    const group = account.group(applicationName, currentDeploymentGroupName);
    const { groups } = account.application(applicationName);
    const { deploymentGroupName: old } = group.settings;
    const deploymentGroupName = checkName(kind, newDeploymentGroupName ?? old);
    checkFree(kind, deploymentGroupName, deploymentGroupName !== old && groups.has(deploymentGroupName));
    if (changes.deploymentConfigName) account.config(changes.deploymentConfigName);
    const settings = { ...group.settings, ...changes, deploymentGroupName };
    checkSettings(settings);
    group.settings = settings;
    groups.delete(old);
    groups.set(deploymentGroupName, group);
    return { hooksNotCleanedUp: [] };
  },

  ListDeploymentGroups(account, input: ListDeploymentGroupsInput) {
    const { applicationName, groups } = account.application(input.applicationName);
    return { applicationName, deploymentGroups: [...groups.keys()] };
  },

  /** AWS takes it for deleted when there was none, too. */
  DeleteDeploymentGroup(account, { applicationName, deploymentGroupName }: DeleteDeploymentGroupInput) {
    const name = checkName(kind, deploymentGroupName);
    account.applications.get(checkName("Application", applicationName))?.groups.delete(name);
    return { hooksNotCleanedUp: [] };
  },
} satisfies Operations;
