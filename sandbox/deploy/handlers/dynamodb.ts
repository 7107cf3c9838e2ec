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
import { type Context, orGone } from "../context";
import type { Handlers, Inputs, ResourceHandler } from "../handler";
import { tagList, tagMap, updateTags } from "../tags";
import { until } from "../until";

type Table = Inputs<dynamodb.TableArgs>;
type Index = NonNullable<Table["globalSecondaryIndexes"]>[number];

const table: ResourceHandler<dynamodb.TableArgs, dynamodb.TableState> = {
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
    await active(ctx, inputs.name!);
    if (inputs.ttl?.enabled ?? inputs.ttl?.attributeName) await setTtl(ctx, inputs.name!, inputs.ttl!);
    if (inputs.pointInTimeRecovery?.enabled) await setRecovery(ctx, inputs.name!, inputs.pointInTimeRecovery);
    return inputs.name!;
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

const differ = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);

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

const attributeDefinitions = (inputs: Table) =>
  inputs.attributes?.map(({ name, type }) => ({ AttributeName: name, AttributeType: type as "S" | "N" | "B" }));

function keySchema(hashKey?: string, rangeKey?: string) {
  const keys: { AttributeName: string; KeyType: "HASH" | "RANGE" }[] = [];
  if (hashKey) keys.push({ AttributeName: hashKey, KeyType: "HASH" });
  if (rangeKey) keys.push({ AttributeName: rangeKey, KeyType: "RANGE" });
  return keys;
}

const throughput = (of: { readCapacity?: number; writeCapacity?: number }) => ({
  ReadCapacityUnits: of.readCapacity,
  WriteCapacityUnits: of.writeCapacity,
});

function billing(inputs: Table) {
  if (inputs.billingMode === "PAY_PER_REQUEST") return { BillingMode: "PAY_PER_REQUEST" as const };
  return { BillingMode: "PROVISIONED" as const, ProvisionedThroughput: throughput(inputs) };
}

const projection = (index: { projectionType: string; nonKeyAttributes?: string[] }) => ({
  ProjectionType: index.projectionType as "ALL" | "KEYS_ONLY" | "INCLUDE",
  NonKeyAttributes: index.nonKeyAttributes,
});

const globalIndex = (index: Index, inputs: Table) => ({
  IndexName: index.name,
  KeySchema: index.keySchemas
    ? index.keySchemas.map(({ attributeName, keyType }) => ({
        AttributeName: attributeName,
        KeyType: keyType as "HASH" | "RANGE",
      }))
    : keySchema(index.hashKey, index.rangeKey),
  Projection: projection(index),
  ...(inputs.billingMode !== "PAY_PER_REQUEST" && { ProvisionedThroughput: throughput(index) }),
});

const stream = (inputs: Table) =>
  inputs.streamEnabled
    ? { StreamEnabled: true, StreamViewType: inputs.streamViewType as "NEW_AND_OLD_IMAGES" | undefined }
    : undefined;

const encryption = ({ serverSideEncryption: sse }: Table) =>
  sse && {
    Enabled: sse.enabled,
    ...(sse.kmsKeyArn && { SSEType: "KMS" as const, KMSMasterKeyId: sse.kmsKeyArn }),
  };

/** One step per index, as UpdateTable takes them; an index that changed goes and comes back. */
function indexChanges(news: Table, had: readonly Index[]): Partial<UpdateTableCommandInput>[] {
  const wanted = news.globalSecondaryIndexes ?? [];
  const same = (a: Index, b: Index) => !differ(globalIndex(a, news), globalIndex(b, news));
  const gone = had.filter((index) => !wanted.some((other) => same(index, other)));
  const added = wanted.filter((index) => !had.some((other) => same(index, other)));
  return [
    ...gone.map((index) => ({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: index.name } }] })),
    ...added.map((index) => ({
      AttributeDefinitions: attributeDefinitions(news),
      GlobalSecondaryIndexUpdates: [{ Create: globalIndex(index, news) }],
    })),
  ];
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

function described(Table: TableDescription) {
  const key = (schema: TableDescription["KeySchema"], type: "HASH" | "RANGE") =>
    schema?.find(({ KeyType }) => KeyType === type)?.AttributeName;
  return {
    arn: Table.TableArn,
    name: Table.TableName,
    hashKey: key(Table.KeySchema, "HASH"),
    rangeKey: key(Table.KeySchema, "RANGE"),
    attributes: Table.AttributeDefinitions?.map(({ AttributeName, AttributeType }) => ({
      name: AttributeName!,
      type: AttributeType!,
    })),
    billingMode: Table.BillingModeSummary?.BillingMode ?? "PROVISIONED",
    readCapacity: Table.ProvisionedThroughput?.ReadCapacityUnits ?? 0,
    writeCapacity: Table.ProvisionedThroughput?.WriteCapacityUnits ?? 0,
    streamEnabled: Table.StreamSpecification?.StreamEnabled ?? false,
    streamViewType: Table.StreamSpecification?.StreamViewType ?? "",
    streamArn: Table.LatestStreamArn ?? "",
    streamLabel: Table.LatestStreamLabel ?? "",
    tableClass: Table.TableClassSummary?.TableClass ?? "STANDARD",
    deletionProtectionEnabled: Table.DeletionProtectionEnabled ?? false,
    serverSideEncryption: Table.SSEDescription && {
      enabled: Table.SSEDescription.Status === "ENABLED",
      kmsKeyArn: Table.SSEDescription.KMSMasterKeyArn,
    },
    globalSecondaryIndexes: Table.GlobalSecondaryIndexes?.map((index) => ({
      name: index.IndexName!,
      hashKey: key(index.KeySchema, "HASH"),
      rangeKey: key(index.KeySchema, "RANGE"),
      projectionType: index.Projection?.ProjectionType ?? "ALL",
      nonKeyAttributes: index.Projection?.NonKeyAttributes,
      readCapacity: index.ProvisionedThroughput?.ReadCapacityUnits,
      writeCapacity: index.ProvisionedThroughput?.WriteCapacityUnits,
    })),
  };
}

export const handlers: Handlers = { "aws:dynamodb/table:Table": table };
