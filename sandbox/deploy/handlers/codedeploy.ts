import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentConfigCommand,
  type CreateDeploymentConfigCommandInput,
  CreateDeploymentGroupCommand,
  type CreateDeploymentGroupCommandInput,
  DeleteApplicationCommand,
  DeleteDeploymentConfigCommand,
  DeleteDeploymentGroupCommand,
  type DeploymentGroupInfo,
  GetApplicationCommand,
  GetDeploymentConfigCommand,
  GetDeploymentGroupCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateDeploymentGroupCommand,
} from "@aws-sdk/client-codedeploy";
import type { codedeploy } from "@pulumi/aws";
import { type Context, orGone } from "../context";
import type { Handlers, Inputs, ResourceHandler } from "../handler";
import { tagList, tagMap, updateTags } from "../tags";

type Group = Inputs<codedeploy.DeploymentGroupArgs>;

const application: ResourceHandler<codedeploy.ApplicationArgs, codedeploy.ApplicationState> = {
  autoName: { property: "name", maxLength: 100 },
  tagged: true,
  replaceOn: ["name", "computePlatform"],

  async create(inputs, ctx) {
    await ctx.client(CodeDeployClient).send(
      new CreateApplicationCommand({
        applicationName: inputs.name,
        computePlatform: inputs.computePlatform as "Lambda",
        tags: tagList(inputs.tagsAll),
      }),
    );
    return inputs.name!;
  },

  async read(applicationName, _state, ctx) {
    const found = await gone(ctx.client(CodeDeployClient).send(new GetApplicationCommand({ applicationName })));
    if (!found) return undefined;
    const arn = ctx.arn("codedeploy", `application:${applicationName}`);
    return {
      name: applicationName,
      arn,
      applicationId: found.application?.applicationId,
      computePlatform: found.application?.computePlatform,
      linkedToGithub: found.application?.linkedToGitHub,
      tagsAll: await tagsOf(ctx, arn),
    };
  },

  update: async (_id, news, olds, ctx) => retag(ctx, olds.arn, olds.tagsAll, news.tagsAll),

  async delete(applicationName, _state, ctx) {
    await gone(ctx.client(CodeDeployClient).send(new DeleteApplicationCommand({ applicationName })));
  },
};

/** Cannot be changed on AWS either: every change replaces it. */
const deploymentConfig: ResourceHandler<codedeploy.DeploymentConfigArgs, codedeploy.DeploymentConfigState> = {
  autoName: { property: "deploymentConfigName", maxLength: 100 },

  async create(inputs, ctx) {
    const { timeBasedCanary: canary, timeBasedLinear: linear, type } = inputs.trafficRoutingConfig ?? {};
    await ctx.client(CodeDeployClient).send(
      new CreateDeploymentConfigCommand({
        deploymentConfigName: inputs.deploymentConfigName,
        computePlatform: inputs.computePlatform as "Lambda",
        trafficRoutingConfig: {
          type: type as NonNullable<CreateDeploymentConfigCommandInput["trafficRoutingConfig"]>["type"],
          ...(canary && { timeBasedCanary: { canaryPercentage: canary.percentage, canaryInterval: canary.interval } }),
          ...(linear && { timeBasedLinear: { linearPercentage: linear.percentage, linearInterval: linear.interval } }),
        },
      }),
    );
    return inputs.deploymentConfigName!;
  },

  async read(deploymentConfigName, _state, ctx) {
    const client = ctx.client(CodeDeployClient);
    const found = await gone(client.send(new GetDeploymentConfigCommand({ deploymentConfigName })));
    const info = found?.deploymentConfigInfo;
    if (!info) return undefined;
    const { type, timeBasedCanary: canary, timeBasedLinear: linear } = info.trafficRoutingConfig ?? {};
    return {
      arn: ctx.arn("codedeploy", `deploymentconfig:${deploymentConfigName}`),
      deploymentConfigId: info.deploymentConfigId,
      deploymentConfigName,
      computePlatform: info.computePlatform,
      trafficRoutingConfig: {
        type,
        timeBasedCanary: canary && { percentage: canary.canaryPercentage, interval: canary.canaryInterval },
        timeBasedLinear: linear && { percentage: linear.linearPercentage, interval: linear.linearInterval },
      },
    };
  },

  async delete(deploymentConfigName, _state, ctx) {
    await gone(ctx.client(CodeDeployClient).send(new DeleteDeploymentConfigCommand({ deploymentConfigName })));
  },
};

const deploymentGroup: ResourceHandler<codedeploy.DeploymentGroupArgs, codedeploy.DeploymentGroupState> = {
  tagged: true,
  replaceOn: ["appName"],

  async create(inputs, ctx) {
    const { deploymentGroupId } = await ctx.client(CodeDeployClient).send(
      new CreateDeploymentGroupCommand({
        applicationName: inputs.appName,
        deploymentGroupName: inputs.deploymentGroupName,
        ...settings(inputs),
        tags: tagList(inputs.tagsAll),
      }),
    );
    return deploymentGroupId!;
  },

  async read(_id, state, ctx) {
    const { appName: applicationName, deploymentGroupName } = state;
    const found = await gone(
      ctx.client(CodeDeployClient).send(new GetDeploymentGroupCommand({ applicationName, deploymentGroupName })),
    );
    const info = found?.deploymentGroupInfo;
    if (!info) return undefined;
    const arn = ctx.arn("codedeploy", `deploymentgroup:${applicationName}/${deploymentGroupName}`);
    return { arn, ...described(info), tagsAll: await tagsOf(ctx, arn) };
  },

  async update(_id, news, olds, ctx) {
    await ctx.client(CodeDeployClient).send(
      new UpdateDeploymentGroupCommand({
        applicationName: news.appName,
        currentDeploymentGroupName: olds.deploymentGroupName,
        newDeploymentGroupName:
          news.deploymentGroupName === olds.deploymentGroupName ? undefined : news.deploymentGroupName,
        ...settings(news),
      }),
    );
    const arn = ctx.arn("codedeploy", `deploymentgroup:${news.appName}/${news.deploymentGroupName}`);
    await retag(ctx, arn, olds.tagsAll, news.tagsAll);
  },

  async delete(_id, { appName: applicationName, deploymentGroupName }, ctx) {
    const command = new DeleteDeploymentGroupCommand({ applicationName, deploymentGroupName });
    await gone(ctx.client(CodeDeployClient).send(command));
  },
};

function settings(inputs: Group) {
  const { alarmConfiguration: alarms, autoRollbackConfiguration: rollback, deploymentStyle: style } = inputs;
  return {
    serviceRoleArn: inputs.serviceRoleArn,
    deploymentConfigName: inputs.deploymentConfigName,
    alarmConfiguration: {
      enabled: alarms?.enabled ?? false,
      ignorePollAlarmFailure: alarms?.ignorePollAlarmFailure ?? false,
      alarms: alarms?.alarms?.map((name) => ({ name })) ?? [],
    },
    autoRollbackConfiguration: {
      enabled: rollback?.enabled ?? false,
      events: (rollback?.events ?? []) as "DEPLOYMENT_FAILURE"[],
    },
    deploymentStyle: style && {
      deploymentType: style.deploymentType as "BLUE_GREEN",
      deploymentOption: style.deploymentOption as "WITH_TRAFFIC_CONTROL",
    },
  } satisfies Partial<CreateDeploymentGroupCommandInput>;
}

function described(info: DeploymentGroupInfo) {
  const { alarmConfiguration: alarms, autoRollbackConfiguration: rollback, deploymentStyle: style } = info;
  return {
    appName: info.applicationName,
    deploymentGroupId: info.deploymentGroupId,
    deploymentGroupName: info.deploymentGroupName,
    deploymentConfigName: info.deploymentConfigName,
    computePlatform: info.computePlatform,
    serviceRoleArn: info.serviceRoleArn,
    alarmConfiguration: {
      enabled: alarms?.enabled,
      ignorePollAlarmFailure: alarms?.ignorePollAlarmFailure,
      alarms: alarms?.alarms?.map(({ name }) => name!) ?? [],
    },
    autoRollbackConfiguration: { enabled: rollback?.enabled, events: rollback?.events },
    deploymentStyle: style && { deploymentType: style.deploymentType, deploymentOption: style.deploymentOption },
  };
}

const gone = <T>(call: Promise<T>) =>
  orGone(
    call,
    "ApplicationDoesNotExistException",
    "DeploymentConfigDoesNotExistException",
    "DeploymentGroupDoesNotExistException",
  );

async function tagsOf(ctx: Context, ResourceArn: string): Promise<Record<string, string>> {
  const { Tags = [] } = await ctx.client(CodeDeployClient).send(new ListTagsForResourceCommand({ ResourceArn }));
  return tagMap(Tags);
}

async function retag(
  ctx: Context,
  ResourceArn: string | undefined,
  olds: Record<string, string> | undefined,
  news: Record<string, string> | undefined,
): Promise<void> {
  const client = ctx.client(CodeDeployClient);
  await updateTags(olds, news, {
    set: (tags) => client.send(new TagResourceCommand({ ResourceArn, Tags: tagList(tags) })),
    remove: (TagKeys) => client.send(new UntagResourceCommand({ ResourceArn, TagKeys })),
  });
}

export const handlers: Handlers = {
  "aws:codedeploy/application:Application": application,
  "aws:codedeploy/deploymentConfig:DeploymentConfig": deploymentConfig,
  "aws:codedeploy/deploymentGroup:DeploymentGroup": deploymentGroup,
};
