import {
  CreateStateMachineCommand,
  type CreateStateMachineCommandInput,
  DeleteStateMachineCommand,
  DescribeStateMachineCommand,
  ListTagsForResourceCommand,
  SFNClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import type { sfn } from "@pulumi/aws";
import { orGone } from "../context";
import type { Handlers, Inputs, ResourceHandler } from "../handler";
import { updateTags } from "../tags";
import { until } from "../until";

const stateMachine: ResourceHandler<sfn.StateMachineArgs, sfn.StateMachineState> = {
  autoName: { property: "name" },
  tagged: true,
  replaceOn: ["name", "type"],

  async create(inputs, ctx) {
    const { stateMachineArn } = await ctx.client(SFNClient).send(
      new CreateStateMachineCommand({
        name: inputs.name,
        type: inputs.type as CreateStateMachineCommandInput["type"],
        publish: inputs.publish,
        tags: Object.entries(inputs.tagsAll ?? {}).map(([key, value]) => ({ key, value })),
        ...common(inputs),
      }),
    );
    return stateMachineArn!;
  },

  async read(stateMachineArn, _state, ctx) {
    const found = await orGone(ctx.client(SFNClient).send(new DescribeStateMachineCommand({ stateMachineArn })));
    if (!found || found.status === "DELETING") return undefined;
    const { tags = [] } = await ctx
      .client(SFNClient)
      .send(new ListTagsForResourceCommand({ resourceArn: stateMachineArn }));
    const logging = found.loggingConfiguration;
    return {
      arn: stateMachineArn,
      name: found.name,
      type: found.type,
      definition: found.definition,
      roleArn: found.roleArn,
      status: found.status,
      creationDate: found.creationDate?.toISOString(),
      revisionId: found.revisionId,
      loggingConfiguration: {
        level: logging?.level ?? "OFF",
        includeExecutionData: logging?.includeExecutionData ?? false,
        logDestination: logging?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn,
      },
      ...(found.tracingConfiguration && {
        tracingConfiguration: { enabled: found.tracingConfiguration.enabled ?? false },
      }),
      tagsAll: Object.fromEntries(tags.map(({ key, value }) => [key!, value!])),
    };
  },

  async update(stateMachineArn, news, olds, ctx) {
    const client = ctx.client(SFNClient);
    await client.send(new UpdateStateMachineCommand({ stateMachineArn, publish: news.publish, ...common(news) }));
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (tags) =>
        client.send(
          new TagResourceCommand({
            resourceArn: stateMachineArn,
            tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
          }),
        ),
      remove: (tagKeys) => client.send(new UntagResourceCommand({ resourceArn: stateMachineArn, tagKeys })),
    });
  },

  async delete(stateMachineArn, _state, ctx) {
    const client = ctx.client(SFNClient);
    await orGone(client.send(new DeleteStateMachineCommand({ stateMachineArn })));
    await until(
      `the deletion of ${stateMachineArn}`,
      () => orGone(client.send(new DescribeStateMachineCommand({ stateMachineArn }))),
      (found) => found === undefined,
    );
  },
};

function common(inputs: Inputs<sfn.StateMachineArgs>) {
  const { loggingConfiguration: logging, tracingConfiguration: tracing, encryptionConfiguration: key } = inputs;
  return {
    definition: inputs.definition,
    roleArn: inputs.roleArn,
    // Said in full, so that an update which takes them away turns them off.
    loggingConfiguration: {
      level: (logging?.level ?? "OFF") as "OFF" | "ALL" | "ERROR" | "FATAL",
      includeExecutionData: logging?.includeExecutionData ?? false,
      ...(logging?.logDestination && {
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logging.logDestination } }],
      }),
    },
    tracingConfiguration: { enabled: tracing?.enabled ?? false },
    ...(key && {
      encryptionConfiguration: {
        type: (key.type ?? "AWS_OWNED_KEY") as "AWS_OWNED_KEY",
        kmsKeyId: key.kmsKeyId,
        kmsDataKeyReusePeriodSeconds: key.kmsDataKeyReusePeriodSeconds,
      },
    }),
  };
}

export const handlers: Handlers = { "aws:sfn/stateMachine:StateMachine": stateMachine };
