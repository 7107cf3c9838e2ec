import type { AwsResponse } from "../fill";
import { AwsError } from "../rules/awsErrors";
import type { AccountFleet } from "./accountFleet";
import type { IndexedThing } from "./indexedThing";
import { type Call, indexResource, matching, type Operation, ok, requireIndex, textIn } from "./operation";
import type { FieldValues } from "./query/compile";

/** What counts the things that match, or their values of one field. */
export const aggregateOperations: readonly Operation[] = [
  { method: /^POST$/, path: /^\/indices\/(statistics)$/, resource: indexResource, run: getStatistics },
  { method: /^POST$/, path: /^\/indices\/(cardinality)$/, resource: indexResource, run: getCardinality },
  { method: /^POST$/, path: /^\/indices\/(buckets)$/, resource: indexResource, run: getBucketsAggregation },
];

/** The field that every thing has; its values, the versions of registry entries, are not indexed here. */
const VERSION = "registry.version";

/** Managed fields under the names that aggregations have for them, and of what type they are. */
const MANAGED: Readonly<Record<string, { readonly field: string; readonly type: string }>> = {
  thingName: { field: "thingName", type: "String" },
  thingId: { field: "thingId", type: "String" },
  "registry.thingTypeName": { field: "thingTypeName", type: "String" },
  "registry.thingGroupNames": { field: "thingGroupNames", type: "String" },
  "shadow.hasDelta": { field: "shadow.hasDelta", type: "Boolean" },
  "connectivity.connected": { field: "connectivity.connected", type: "Boolean" },
  "connectivity.timestamp": { field: "connectivity.timestamp", type: "Number" },
  "connectivity.disconnectReason": { field: "connectivity.disconnectReason", type: "String" },
};

async function getStatistics({ fleet, body }: Call): Promise<AwsResponse> {
  const things = found({ fleet, body });
  const name = textIn(body, "aggregationField") ?? VERSION;
  if (name === VERSION) return ok({ statistics: { count: things.length } });
  const { type } = fieldNamed(name, fleet);
  const fields = valuesOf(things, name, fleet);
  if (type !== "Number") return ok({ statistics: { count: fields.length } });
  return ok({ statistics: statisticsOf(fields.flatMap(({ numbers }) => numbers)) });
}

function statisticsOf(numbers: readonly number[]): object {
  const count = numbers.length;
  if (count === 0) return { count };
  const sum = numbers.reduce((total, one) => total + one, 0);
  const sumOfSquares = numbers.reduce((total, one) => total + one * one, 0);
  const average = sum / count;
  // From the distances, not from the sums: those differ by rounding only, and may come out below zero.
  const variance = numbers.reduce((total, one) => total + (one - average) ** 2, 0) / count;
  const [minimum, maximum] = [numbers.reduce((a, b) => Math.min(a, b)), numbers.reduce((a, b) => Math.max(a, b))];
  return { count, average, sum, minimum, maximum, sumOfSquares, variance, stdDeviation: Math.sqrt(variance) };
}

async function getCardinality({ fleet, body }: Call): Promise<AwsResponse> {
  const name = requiredField(body);
  const different = new Set(valuesOf(found({ fleet, body }), name, fleet).flatMap(({ texts }) => texts));
  return ok({ cardinality: different.size });
}

const MOST_BUCKETS = 10_000;
const DEFAULT_BUCKETS = 10;

async function getBucketsAggregation({ fleet, body }: Call): Promise<AwsResponse> {
  const name = requiredField(body);
  const { termsAggregation } = (body.bucketsAggregationType ?? {}) as { termsAggregation?: { maxBuckets?: unknown } };
  if (!termsAggregation) throw AwsError.invalid("bucketsAggregationType must have a termsAggregation");
  const maxBuckets = termsAggregation.maxBuckets ?? DEFAULT_BUCKETS;
  if (!Number.isInteger(maxBuckets) || Number(maxBuckets) < 1 || Number(maxBuckets) > MOST_BUCKETS) {
    throw AwsError.invalid(`maxBuckets must be a whole number from 1 to ${MOST_BUCKETS}`);
  }
  const fields = valuesOf(found({ fleet, body }), name, fleet);
  const counts = new Map<string, number>();
  for (const { values } of fields) {
    for (const key of new Set(values.map(String))) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const buckets = [...counts].map(([keyValue, count]) => ({ keyValue, count }));
  buckets.sort((one, other) => other.count - one.count || (one.keyValue < other.keyValue ? -1 : 1));
  return ok({ totalCount: fields.length, buckets: buckets.slice(0, Number(maxBuckets)) });
}

function found({ fleet, body }: Pick<Call, "fleet" | "body">): IndexedThing[] {
  requireIndex(fleet, textIn(body, "indexName"));
  return fleet.find(matching({ fleet, body }));
}

function valuesOf(things: readonly IndexedThing[], name: string, fleet: AccountFleet): FieldValues[] {
  const { field, type } = fieldNamed(name, fleet);
  const values = things.flatMap((thing) => thing.field(field) ?? []);
  return type === "Number" ? values.filter(({ numbers }) => numbers.length > 0) : values;
}

/** @throws AwsError for a field that is neither managed nor configured as a custom field */
function fieldNamed(name: string, fleet: AccountFleet): { readonly field: string; readonly type: string } {
  const custom = fleet.indexing.customFields.find((one) => one.name === name);
  const field = custom ? { field: name, type: custom.type } : MANAGED[name];
  if (field) return field;
  const known = [...Object.keys(MANAGED), ...fleet.indexing.customFields.map((one) => one.name)].join(", ");
  throw new AwsError(
    400,
    "InvalidAggregationException",
    `${name} cannot be aggregated; what can be are ${known}, and what customFields of the indexing configuration name`,
  );
}

function requiredField(body: Call["body"]): string {
  const name = textIn(body, "aggregationField");
  if (name === undefined) throw AwsError.invalid("aggregationField must be given");
  return name;
}
