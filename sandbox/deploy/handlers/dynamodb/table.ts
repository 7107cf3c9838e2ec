import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  type TableDescription,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  type UpdateTableCommandInput,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import type { dynamodb } from "@pulumi/aws";
import { type Context, orGone } from "../../context";
import type { ResourceHandler } from "../../handler";
import { tagList, tagMap, updateTags } from "../../tags";
import { until } from "../../until";
import {
  attributeDefinitions,
  billing,
  described,
  differ,
  encryption,
  globalIndex,
  indexChanges,
  keySchema,
  projection,
  stream,
  type Table,
} from "./specification";

export const table: ResourceHandler<dynamodb.TableArgs, dynamodb.TableState> = {
  autoName: { property: "name" },
  tagged: true,
  replaceOn: ["name", "hashKey", "rangeKey", "localSecondaryIndexes"],

  async create(inputs, ctx) {
    await ctx.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName: inputs.name,
        AttributeDefinitions: attributeDefinitions(inputs),
        KeySchema: keySchema(inputs.hashKey, inputs.rangeKey),
        ...billing(inputs),
        GlobalSecondaryIndexes: inputs.globalSecondaryIndexes?.map((index) => globalIndex(index, inputs)),
        LocalSecondaryIndexes: inputs.localSecondaryIndexes?.map((index) => ({
          IndexName: index.name,
          KeySchema: keySchema(inputs.hashKey, index.rangeKey),
          Projection: projection(index),
        })),
        StreamSpecification: stream(inputs),
        SSESpecification: encryption(inputs),
        TableClass: inputs.tableClass as CreateTableCommandInput["TableClass"],
        DeletionProtectionEnabled: inputs.deletionProtectionEnabled,
        Tags: tagList(inputs.tagsAll),
      }),
    );
    const finish = async () => {
      await active(ctx, inputs.name!);
      if (inputs.ttl?.enabled ?? inputs.ttl?.attributeName) await setTtl(ctx, inputs.name!, inputs.ttl!);
      if (inputs.pointInTimeRecovery?.enabled) await setRecovery(ctx, inputs.name!, inputs.pointInTimeRecovery);
    };
    return { id: inputs.name!, finish };
  },

  async read(TableName, _state, ctx) {
    const client = ctx.client(DynamoDBClient);
    const found = await orGone(client.send(new DescribeTableCommand({ TableName })));
    const Table = found?.Table;
    if (!Table) return undefined;
    const [{ TimeToLiveDescription: ttl }, { ContinuousBackupsDescription: backups }, { Tags }] = await Promise.all([
      client.send(new DescribeTimeToLiveCommand({ TableName })),
      client.send(new DescribeContinuousBackupsCommand({ TableName })),
      client.send(new ListTagsOfResourceCommand({ ResourceArn: Table.TableArn })),
    ]);
    const recovery = backups?.PointInTimeRecoveryDescription;
    const ttlEnabled = ttl?.TimeToLiveStatus === "ENABLED" || ttl?.TimeToLiveStatus === "ENABLING";
    return {
      ...described(Table),
      ttl: { enabled: ttlEnabled, attributeName: ttlEnabled ? ttl?.AttributeName : undefined },
      pointInTimeRecovery: {
        enabled: recovery?.PointInTimeRecoveryStatus === "ENABLED",
        recoveryPeriodInDays: recovery?.RecoveryPeriodInDays,
      },
      tagsAll: tagMap(Tags),
    };
  },

  async update(TableName, news, olds, ctx) {
    const client = ctx.client(DynamoDBClient);
    const change = async (what: Partial<UpdateTableCommandInput>) => {
      await client.send(new UpdateTableCommand({ TableName, ...what }));
      await active(ctx, TableName);
    };
    const billed = billing(news);
    if (
      differ(
        [olds.billingMode, olds.readCapacity, olds.writeCapacity],
        [news.billingMode, news.readCapacity, news.writeCapacity],
      )
    ) {
      await change(billed);
    }
    if (
      differ([olds.streamEnabled ?? false, olds.streamViewType], [news.streamEnabled ?? false, news.streamViewType])
    ) {
      // A stream's view cannot be changed: the old stream ends, a new one begins.
      if (olds.streamEnabled) await change({ StreamSpecification: { StreamEnabled: false } });
      if (news.streamEnabled) await change({ StreamSpecification: stream(news) });
    }
    if (differ(olds.serverSideEncryption, news.serverSideEncryption)) {
      await change({ SSESpecification: encryption(news) ?? { Enabled: false } });
    }
    if (differ(olds.deletionProtectionEnabled ?? false, news.deletionProtectionEnabled ?? false)) {
      await change({ DeletionProtectionEnabled: news.deletionProtectionEnabled ?? false });
    }
    if (differ(olds.tableClass ?? "STANDARD", news.tableClass ?? "STANDARD")) {
      await change({ TableClass: (news.tableClass ?? "STANDARD") as UpdateTableCommandInput["TableClass"] });
    }
    for (const step of indexChanges(news, olds.globalSecondaryIndexes ?? [])) await change(step);
    const ttl = {
      before: olds.ttl?.attributeName,
      after: news.ttl?.enabled === false ? undefined : news.ttl?.attributeName,
    };
    if (ttl.before !== ttl.after) {
      if (ttl.before) await setTtl(ctx, TableName, { attributeName: ttl.before, enabled: false });
      if (ttl.after) await setTtl(ctx, TableName, { attributeName: ttl.after, enabled: true });
    }
    if (differ(olds.pointInTimeRecovery?.enabled ?? false, news.pointInTimeRecovery?.enabled ?? false)) {
      await setRecovery(ctx, TableName, news.pointInTimeRecovery ?? { enabled: false });
    }
    const ResourceArn = olds.arn;
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (tags) => client.send(new TagResourceCommand({ ResourceArn, Tags: tagList(tags) })),
      remove: (TagKeys) => client.send(new UntagResourceCommand({ ResourceArn, TagKeys })),
    });
  },

  async delete(TableName, _state, ctx) {
    await orGone(ctx.client(DynamoDBClient).send(new DeleteTableCommand({ TableName })));
    await until(
      `the deletion of table ${TableName}`,
      () => describe(ctx, TableName),
      (found) => found === undefined,
    );
  },
};

async function describe(ctx: Context, TableName: string): Promise<TableDescription | undefined> {
  return (await orGone(ctx.client(DynamoDBClient).send(new DescribeTableCommand({ TableName }))))?.Table;
}

async function active(ctx: Context, name: string): Promise<void> {
  await until(
    `table ${name} being active`,
    () => describe(ctx, name),
    (found) =>
      found?.TableStatus === "ACTIVE" && !found.GlobalSecondaryIndexes?.some((index) => index.IndexStatus !== "ACTIVE"),
  );
}

async function setTtl(ctx: Context, TableName: string, ttl: NonNullable<Table["ttl"]>): Promise<void> {
  const TimeToLiveSpecification = { AttributeName: ttl.attributeName, Enabled: ttl.enabled ?? true };
  await ctx.client(DynamoDBClient).send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
}

async function setRecovery(
  ctx: Context,
  TableName: string,
  { enabled, recoveryPeriodInDays }: NonNullable<Table["pointInTimeRecovery"]>,
): Promise<void> {
  await ctx.client(DynamoDBClient).send(
    new UpdateContinuousBackupsCommand({
      TableName,
      PointInTimeRecoverySpecification: {
        PointInTimeRecoveryEnabled: enabled,
        RecoveryPeriodInDays: recoveryPeriodInDays,
      },
    }),
  );
}
