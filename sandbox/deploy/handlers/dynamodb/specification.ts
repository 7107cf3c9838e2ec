import type { TableDescription, UpdateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { dynamodb } from "@pulumi/aws";
import type { Inputs } from "../../handler";

export type Table = Inputs<dynamodb.TableArgs>;
type Index = NonNullable<Table["globalSecondaryIndexes"]>[number];

/** Whether two inputs are not the same. */
export const differ = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);

export const attributeDefinitions = (inputs: Table) =>
  inputs.attributes?.map(({ name, type }) => ({ AttributeName: name, AttributeType: type as "S" | "N" | "B" }));

export function keySchema(hashKey?: string, rangeKey?: string) {
  const keys: { AttributeName: string; KeyType: "HASH" | "RANGE" }[] = [];
  if (hashKey) keys.push({ AttributeName: hashKey, KeyType: "HASH" });
  if (rangeKey) keys.push({ AttributeName: rangeKey, KeyType: "RANGE" });
  return keys;
}

const throughput = (of: { readCapacity?: number; writeCapacity?: number }) => ({
  ReadCapacityUnits: of.readCapacity,
  WriteCapacityUnits: of.writeCapacity,
});

export function billing(inputs: Table) {
  if (inputs.billingMode === "PAY_PER_REQUEST") return { BillingMode: "PAY_PER_REQUEST" as const };
  return { BillingMode: "PROVISIONED" as const, ProvisionedThroughput: throughput(inputs) };
}

export const projection = (index: { projectionType: string; nonKeyAttributes?: string[] }) => ({
  ProjectionType: index.projectionType as "ALL" | "KEYS_ONLY" | "INCLUDE",
  NonKeyAttributes: index.nonKeyAttributes,
});

export const globalIndex = (index: Index, inputs: Table) => ({
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

export const stream = (inputs: Table) =>
  inputs.streamEnabled
    ? { StreamEnabled: true, StreamViewType: inputs.streamViewType as "NEW_AND_OLD_IMAGES" | undefined }
    : undefined;

export const encryption = ({ serverSideEncryption: sse }: Table) =>
  sse && {
    Enabled: sse.enabled,
    ...(sse.kmsKeyArn && { SSEType: "KMS" as const, KMSMasterKeyId: sse.kmsKeyArn }),
  };

/** One step per index, as UpdateTable takes them; an index that changed goes and comes back. */
export function indexChanges(news: Table, had: readonly Index[]): Partial<UpdateTableCommandInput>[] {
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

export function described(Table: TableDescription) {
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
