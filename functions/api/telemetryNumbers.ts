import { isObject, type JsonObject } from "./json";

/** A number that a thing sends, over some time. */
export interface NumberSummary {
  readonly count: number;
  readonly minimum: number;
  readonly average: number;
  readonly maximum: number;
  readonly last: number;
  /** When the last one arrived: RFC 3339, UTC. */
  readonly lastAt: string;
}

/** What arrived in a part of the time. */
export interface Bucket {
  /** RFC 3339, UTC. */
  readonly start: string;
  readonly messages: number;
  readonly fields: Readonly<Record<string, NumberSummary>>;
}

/** A message of a thing, as the telemetry pipeline stored it. */
export interface StoredMessage {
  /** Milliseconds since 1970. */
  readonly arrived: number;
  readonly payload: unknown;
}

/** How many numbers of a message are summed up at most, and how deep they are looked for. */
const limits = { fields: 30, depth: 4 };

interface Running {
  count: number;
  minimum: number;
  maximum: number;
  sum: number;
  last: number;
  lastAt: number;
}

/** Sums up messages as they come, in any order. */
export function telemetryNumbers(from: number, bucketLength: number) {
  const total = new Map<string, Running>();
  const buckets = new Map<number, { messages: number; fields: Map<string, Running> }>();
  let messages = 0;
  return {
    add({ arrived, payload }: StoredMessage): void {
      const start = from + Math.floor((arrived - from) / bucketLength) * bucketLength;
      const bucket = buckets.get(start) ?? { messages: 0, fields: new Map() };
      buckets.set(start, bucket);
      messages += 1;
      bucket.messages += 1;
      for (const [name, value] of numbersIn(payload, "", limits.depth)) {
        if (!total.has(name) && total.size >= limits.fields) continue;
        note(total, name, value, arrived);
        note(bucket.fields, name, value, arrived);
      }
    },
    summary(): { messages: number; fields: Record<string, NumberSummary>; buckets: Bucket[] } {
      const inOrder = [...buckets].sort(([one], [other]) => one - other);
      return {
        messages,
        fields: summed(total),
        buckets: inOrder.map(([start, bucket]) => ({
          start: new Date(start).toISOString(),
          messages: bucket.messages,
          fields: summed(bucket.fields),
        })),
      };
    },
  };
}

/** The numbers in a payload, by their path: `battery.level`. Of lists none, as they have no names. */
function numbersIn(value: unknown, path: string, depth: number): [string, number][] {
  if (typeof value === "number") return path ? [[path, value]] : [];
  if (!isObject(value) || depth === 0) return [];
  return Object.entries(value as JsonObject).flatMap(([key, inner]) =>
    numbersIn(inner, path ? `${path}.${key}` : key, depth - 1),
  );
}

function note(fields: Map<string, Running>, name: string, value: number, at: number): void {
  const field = fields.get(name);
  if (!field) {
    fields.set(name, { count: 1, minimum: value, maximum: value, sum: value, last: value, lastAt: at });
    return;
  }
  field.count += 1;
  field.minimum = Math.min(field.minimum, value);
  field.maximum = Math.max(field.maximum, value);
  field.sum += value;
  if (at >= field.lastAt) Object.assign(field, { last: value, lastAt: at });
}

function summed(fields: Map<string, Running>): Record<string, NumberSummary> {
  const all = [...fields].map(([name, { count, minimum, maximum, sum, last, lastAt }]) => [
    name,
    { count, minimum, average: sum / count, maximum, last, lastAt: new Date(lastAt).toISOString() },
  ]);
  return Object.fromEntries(all);
}
