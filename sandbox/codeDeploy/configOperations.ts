import { randomUUID } from "node:crypto";
import type {
  CreateDeploymentConfigInput,
  DeleteDeploymentConfigInput,
  GetDeploymentConfigInput,
} from "@aws-sdk/client-codedeploy";
import { checkLambda } from "./application";
import { checkRouting, presets, type TrafficRoutingConfig } from "./configs";
import { CodeDeployError } from "./errors";
import { now } from "./lifecycle";
import { checkFree, checkName } from "./names";
import type { Operations } from "./operation";

const kind = "DeploymentConfig";

export const configOperations = {
  CreateDeploymentConfig(account, input: CreateDeploymentConfigInput) {
    const deploymentConfigName = checkName(kind, input.deploymentConfigName);
    const { computePlatform = "Server" } = input;
    checkLambda(computePlatform);
    const taken = account.configs.has(deploymentConfigName) || presets.has(deploymentConfigName);
    checkFree(kind, deploymentConfigName, taken);
    if (deploymentConfigName.startsWith("CodeDeployDefault.")) {
      throw new CodeDeployError("InvalidDeploymentConfigNameException", "CodeDeployDefault. is for AWS's own");
    }
    const trafficRoutingConfig = checkRouting(input.trafficRoutingConfig as Partial<TrafficRoutingConfig> | undefined);
    const deploymentConfigId = randomUUID();
    const config = { deploymentConfigId, deploymentConfigName, createTime: now(), trafficRoutingConfig };
    account.configs.set(deploymentConfigName, { ...config, computePlatform: "Lambda" });
    return { deploymentConfigId };
  },

  GetDeploymentConfig(account, { deploymentConfigName }: GetDeploymentConfigInput) {
    return { deploymentConfigInfo: account.config(deploymentConfigName) };
  },

  ListDeploymentConfigs(account) {
    return { deploymentConfigsList: [...presets.keys(), ...account.configs.keys()] };
  },

  DeleteDeploymentConfig(account, { deploymentConfigName }: DeleteDeploymentConfigInput) {
    const name = checkName(kind, deploymentConfigName);
    if (presets.has(name)) throw new CodeDeployError("InvalidOperationException", `${name} is AWS's own, and stays`);
    if (account.groups.some(({ settings }) => settings.deploymentConfigName === name)) {
      throw new CodeDeployError("DeploymentConfigInUseException", `${name} is used by a deployment group`);
    }
    account.configs.delete(name);
    return {};
  },
} satisfies Operations;
