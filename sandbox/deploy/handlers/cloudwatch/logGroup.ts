import {
  AssociateKmsKeyCommand,
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DisassociateKmsKeyCommand,
  ListTagsForResourceCommand,
  type LogGroupClass,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type { cloudwatch } from "@pulumi/aws";
import { type Context, orGone } from "../../context";
import type { ResourceHandler } from "../../handler";
import { updateTags } from "../../tags";

export const logGroup: ResourceHandler<cloudwatch.LogGroupArgs, cloudwatch.LogGroupState> = {
  autoName: { property: "name" },
  tagged: true,
  replaceOn: ["name", "logGroupClass"],

  async create(inputs, ctx) {
    const logGroupName = inputs.name!;
    await ctx.client(CloudWatchLogsClient).send(
      new CreateLogGroupCommand({
        logGroupName,
        kmsKeyId: inputs.kmsKeyId,
        logGroupClass: inputs.logGroupClass as LogGroupClass,
        ...(Object.keys(inputs.tagsAll ?? {}).length > 0 && { tags: inputs.tagsAll }),
      }),
    );
    return { id: logGroupName, finish: () => setRetention(ctx, logGroupName, inputs.retentionInDays ?? 0) };
  },

  async read(logGroupName, _state, ctx) {
    const client = ctx.client(CloudWatchLogsClient);
    const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
    const found = logGroups.find((group) => group.logGroupName === logGroupName);
    if (!found) return undefined;
    // Programs get the ARN of the group; AWS's own `arn` is that of the streams in it, with `:*`.
    const arn = (found.logGroupArn ?? found.arn)?.replace(/:\*$/, "");
    const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    return {
      arn,
      name: logGroupName,
      retentionInDays: found.retentionInDays ?? 0,
      kmsKeyId: found.kmsKeyId ?? "",
      logGroupClass: found.logGroupClass ?? "STANDARD",
      tagsAll: tags ?? {},
    };
  },

  async update(logGroupName, news, olds, ctx) {
    const client = ctx.client(CloudWatchLogsClient);
    await setRetention(ctx, logGroupName, news.retentionInDays ?? 0);
    if (news.kmsKeyId) await client.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId: news.kmsKeyId }));
    else if (olds.kmsKeyId) await client.send(new DisassociateKmsKeyCommand({ logGroupName }));
    const resourceArn = olds.arn;
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (tags) => client.send(new TagResourceCommand({ resourceArn, tags })),
      remove: (tagKeys) => client.send(new UntagResourceCommand({ resourceArn, tagKeys })),
    });
  },

  async delete(logGroupName, state, ctx) {
    if (state.skipDestroy) return;
    await orGone(ctx.client(CloudWatchLogsClient).send(new DeleteLogGroupCommand({ logGroupName })));
  },
};

/** @param retentionInDays 0 keeps the logs for ever */
async function setRetention(ctx: Context, logGroupName: string, retentionInDays: number): Promise<void> {
  const client = ctx.client(CloudWatchLogsClient);
  if (retentionInDays > 0) await client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
  else await client.send(new DeleteRetentionPolicyCommand({ logGroupName }));
}
