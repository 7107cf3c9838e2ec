import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type RuleState,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-eventbridge";
import type { cloudwatch } from "@pulumi/aws";
import { type Context, orGone } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";
import { tagList, tagMap, updateTags } from "../../tags";

export const eventRule: ResourceHandler<cloudwatch.EventRuleArgs, cloudwatch.EventRuleState> = {
  autoName: { property: "name", maxLength: 64 },
  tagged: true,
  replaceOn: ["name", "eventBusName"],

  async create(inputs, ctx) {
    await ctx
      .client(EventBridgeClient)
      .send(new PutRuleCommand({ ...ruleInput(inputs), Tags: tagList(inputs.tagsAll) }));
    return inputs.eventBusName ? `${inputs.eventBusName}/${inputs.name}` : inputs.name!;
  },

  async read(id, _state, ctx) {
    const found = await orGone(ctx.client(EventBridgeClient).send(new DescribeRuleCommand(ruleOf(id))));
    if (!found) return undefined;
    const { Tags } = await ctx
      .client(EventBridgeClient)
      .send(new ListTagsForResourceCommand({ ResourceARN: found.Arn }));
    return {
      arn: found.Arn,
      name: found.Name,
      eventBusName: found.EventBusName ?? "default",
      eventPattern: found.EventPattern,
      scheduleExpression: found.ScheduleExpression ?? "",
      description: found.Description ?? "",
      roleArn: found.RoleArn,
      state: found.State,
      isEnabled: found.State !== "DISABLED",
      tagsAll: tagMap(Tags),
    };
  },

  async update(_id, news, olds, ctx) {
    await ctx.client(EventBridgeClient).send(new PutRuleCommand(ruleInput(news)));
    const ResourceARN = olds.arn;
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (tags) => ctx.client(EventBridgeClient).send(new TagResourceCommand({ ResourceARN, Tags: tagList(tags) })),
      remove: (TagKeys) => ctx.client(EventBridgeClient).send(new UntagResourceCommand({ ResourceARN, TagKeys })),
    });
  },

  async delete(id, state, ctx) {
    const Force = state.forceDestroy;
    await orGone(ctx.client(EventBridgeClient).send(new DeleteRuleCommand({ ...ruleOf(id), Force })));
  },
};

const ruleInput = (inputs: Inputs<cloudwatch.EventRuleArgs>) => ({
  Name: inputs.name,
  EventBusName: inputs.eventBusName,
  EventPattern: inputs.eventPattern,
  ScheduleExpression: inputs.scheduleExpression,
  Description: inputs.description,
  RoleArn: inputs.roleArn,
  State: (inputs.state ?? (inputs.isEnabled === false ? "DISABLED" : "ENABLED")) as RuleState,
});

/** Name and bus of `<rule>` or `<bus>/<rule>`. */
function ruleOf(id: string): { Name: string; EventBusName?: string } {
  const at = id.lastIndexOf("/");
  return at < 0 ? { Name: id } : { Name: id.slice(at + 1), EventBusName: id.slice(0, at) };
}

export const eventTarget: ResourceHandler<cloudwatch.EventTargetArgs, cloudwatch.EventTargetState> = {
  autoName: { property: "targetId" },
  replaceOn: ["rule", "eventBusName", "targetId"],

  async create(inputs, ctx) {
    await putTarget(ctx, inputs);
    return [inputs.eventBusName, inputs.rule, inputs.targetId].filter(Boolean).join("-");
  },

  async read(_id, state, ctx) {
    const found = await orGone(
      ctx
        .client(EventBridgeClient)
        .send(new ListTargetsByRuleCommand({ Rule: state.rule, EventBusName: state.eventBusName })),
    );
    const target = found?.Targets?.find(({ Id }) => Id === state.targetId);
    if (!target) return undefined;
    return {
      arn: target.Arn,
      input: target.Input,
      inputPath: target.InputPath,
      roleArn: target.RoleArn,
      deadLetterConfig: target.DeadLetterConfig && { arn: target.DeadLetterConfig.Arn },
      inputTransformer: target.InputTransformer && {
        inputPaths: target.InputTransformer.InputPathsMap,
        inputTemplate: target.InputTransformer.InputTemplate!,
      },
      retryPolicy: target.RetryPolicy && {
        maximumEventAgeInSeconds: target.RetryPolicy.MaximumEventAgeInSeconds,
        maximumRetryAttempts: target.RetryPolicy.MaximumRetryAttempts,
      },
    };
  },

  update: (_id, news, _olds, ctx) => putTarget(ctx, news),

  async delete(_id, state, ctx) {
    await orGone(
      ctx.client(EventBridgeClient).send(
        new RemoveTargetsCommand({
          Rule: state.rule,
          EventBusName: state.eventBusName,
          Ids: [state.targetId!],
          Force: state.forceDestroy,
        }),
      ),
    );
  },
};

async function putTarget(ctx: Context, inputs: Inputs<cloudwatch.EventTargetArgs>): Promise<void> {
  const { FailedEntryCount, FailedEntries } = await ctx.client(EventBridgeClient).send(
    new PutTargetsCommand({
      Rule: inputs.rule,
      EventBusName: inputs.eventBusName,
      Targets: [
        {
          Id: inputs.targetId,
          Arn: inputs.arn,
          Input: inputs.input,
          InputPath: inputs.inputPath,
          RoleArn: inputs.roleArn,
          DeadLetterConfig: inputs.deadLetterConfig && { Arn: inputs.deadLetterConfig.arn },
          InputTransformer: inputs.inputTransformer && {
            InputPathsMap: inputs.inputTransformer.inputPaths,
            InputTemplate: inputs.inputTransformer.inputTemplate,
          },
          RetryPolicy: inputs.retryPolicy && {
            MaximumEventAgeInSeconds: inputs.retryPolicy.maximumEventAgeInSeconds,
            MaximumRetryAttempts: inputs.retryPolicy.maximumRetryAttempts,
          },
          KinesisParameters: inputs.kinesisTarget && { PartitionKeyPath: inputs.kinesisTarget.partitionKeyPath },
          SqsParameters: inputs.sqsTarget && { MessageGroupId: inputs.sqsTarget.messageGroupId },
        },
      ],
    }),
  );
  if (FailedEntryCount) throw new Error(FailedEntries?.[0]?.ErrorMessage ?? "EventBridge refused the target");
}
