import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  DisableEnhancedMonitoringCommand,
  EnableEnhancedMonitoringCommand,
  IncreaseStreamRetentionPeriodCommand,
  KinesisClient,
  ListTagsForStreamCommand,
  type MetricsName,
  RemoveTagsFromStreamCommand,
  StartStreamEncryptionCommand,
  StopStreamEncryptionCommand,
  type StreamDescriptionSummary,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
} from "@aws-sdk/client-kinesis";
import type { kinesis } from "@pulumi/aws";
import { type Context, orGone } from "../context";
import type { Handlers, Inputs, Outputs, ResourceHandler } from "../handler";
import { tagMap, updateTags } from "../tags";
import { until } from "../until";

type Stream = Inputs<kinesis.StreamArgs>;

const stream: ResourceHandler<kinesis.StreamArgs, kinesis.StreamState> = {
  autoName: { property: "name" },
  tagged: true,
  replaceOn: ["name"],
  notAtCreate: ["enforceConsumerDeletion"],

  async create(inputs, ctx) {
    const StreamName = inputs.name!;
    const StreamMode = mode(inputs);
    await ctx.client(KinesisClient).send(
      new CreateStreamCommand({
        StreamName,
        StreamModeDetails: { StreamMode },
        ShardCount: StreamMode === "PROVISIONED" ? (inputs.shardCount ?? 1) : undefined,
        MaxRecordSizeInKiB: inputs.maxRecordSizeInKib,
      }),
    );
    const finish = async () => {
      await active(ctx, StreamName);
      // By a call of their own: MiniStack drops the tags of CreateStream.
      await updateTags({}, inputs.tagsAll, {
        set: (Tags) => ctx.client(KinesisClient).send(new AddTagsToStreamCommand({ StreamName, Tags })),
        remove: async () => undefined,
      });
      await change(ctx, StreamName, inputs, { retentionPeriod: 24, encryptionType: "NONE", shardLevelMetrics: [] });
    };
    return { id: ctx.arn("kinesis", `stream/${StreamName}`), finish };
  },

  async read(StreamARN, _state, ctx) {
    const found = await describe(ctx, nameOf(StreamARN));
    if (!found || found.StreamStatus === "DELETING") return undefined;
    const { Tags } = await ctx
      .client(KinesisClient)
      .send(new ListTagsForStreamCommand({ StreamName: found.StreamName }));
    const StreamMode = found.StreamModeDetails?.StreamMode ?? "PROVISIONED";
    return {
      arn: found.StreamARN,
      name: found.StreamName,
      shardCount: StreamMode === "PROVISIONED" ? found.OpenShardCount : 0,
      retentionPeriod: found.RetentionPeriodHours,
      encryptionType: found.EncryptionType ?? "NONE",
      kmsKeyId: found.KeyId,
      // Not `shardLevelMetrics`: MiniStack takes them, and then says there are none.
      streamModeDetails: { streamMode: StreamMode },
      tagsAll: tagMap(Tags),
    };
  },

  async update(StreamARN, news, olds, ctx) {
    const client = ctx.client(KinesisClient);
    const StreamName = nameOf(StreamARN);
    const StreamMode = mode(news);
    if (StreamMode !== (olds.streamModeDetails?.streamMode ?? "PROVISIONED")) {
      await client.send(new UpdateStreamModeCommand({ StreamARN, StreamModeDetails: { StreamMode } }));
      await active(ctx, StreamName);
    }
    if (StreamMode === "PROVISIONED" && (news.shardCount ?? 1) !== (olds.shardCount ?? 1)) {
      const TargetShardCount = news.shardCount ?? 1;
      await client.send(new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType: "UNIFORM_SCALING" }));
      await active(ctx, StreamName);
    }
    await change(ctx, StreamName, news, olds);
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (Tags) => client.send(new AddTagsToStreamCommand({ StreamName, Tags })),
      remove: (TagKeys) => client.send(new RemoveTagsFromStreamCommand({ StreamName, TagKeys })),
    });
  },

  async delete(StreamARN, state, ctx) {
    const StreamName = nameOf(StreamARN);
    const EnforceConsumerDeletion = state.enforceConsumerDeletion;
    await orGone(ctx.client(KinesisClient).send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion })));
    await until(
      `the deletion of stream ${StreamName}`,
      () => describe(ctx, StreamName),
      (found) => found === undefined,
    );
  },
};

const mode = (inputs: Stream) => (inputs.streamModeDetails?.streamMode ?? "PROVISIONED") as "PROVISIONED" | "ON_DEMAND";

/** `arn:aws:kinesis:<region>:<account>:stream/<name>` */
const nameOf = (arn: string) => arn.slice(arn.indexOf("/") + 1);

async function describe(ctx: Context, StreamName: string): Promise<StreamDescriptionSummary | undefined> {
  const found = await orGone(ctx.client(KinesisClient).send(new DescribeStreamSummaryCommand({ StreamName })));
  return found?.StreamDescriptionSummary;
}

async function active(ctx: Context, name: string): Promise<void> {
  await until(
    `stream ${name} being active`,
    () => describe(ctx, name),
    (found) => found?.StreamStatus === "ACTIVE",
  );
}

/** Retention, encryption and metrics, each by a call of its own. */
async function change(ctx: Context, StreamName: string, news: Stream, olds: Outputs<kinesis.StreamState>) {
  const client = ctx.client(KinesisClient);
  const [hours, before] = [news.retentionPeriod ?? 24, olds.retentionPeriod ?? 24];
  const RetentionPeriodHours = hours;
  if (hours > before) {
    await client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours }));
  } else if (hours < before) {
    await client.send(new DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours }));
  }
  const encrypted = news.encryptionType === "KMS";
  if (encrypted && (olds.encryptionType !== "KMS" || olds.kmsKeyId !== news.kmsKeyId)) {
    const key = { EncryptionType: "KMS" as const, KeyId: news.kmsKeyId };
    await client.send(new StartStreamEncryptionCommand({ StreamName, ...key }));
  } else if (!encrypted && olds.encryptionType === "KMS") {
    const key = { EncryptionType: "KMS" as const, KeyId: olds.kmsKeyId };
    await client.send(new StopStreamEncryptionCommand({ StreamName, ...key }));
  }
  await active(ctx, StreamName);
  const [wanted, had] = [news.shardLevelMetrics ?? [], olds.shardLevelMetrics ?? []];
  const added = wanted.filter((metric) => !had.includes(metric)) as MetricsName[];
  const gone = had.filter((metric) => !wanted.includes(metric)) as MetricsName[];
  if (gone.length > 0) {
    await client.send(new DisableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: gone }));
  }
  if (added.length > 0) {
    await client.send(new EnableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: added }));
  }
}

export const handlers: Handlers = { "aws:kinesis/stream:Stream": stream };
