/** What filter criteria see of an event: the record's own fields, and the data of a record of Kinesis where that is JSON. */
export function filterable(record: object): unknown {
  const { kinesis, ...event } = record as { kinesis?: Record<string, unknown> };
  if (!kinesis) return event;
  const { data, ...metadata } = kinesis;
  try {
    return { ...event, ...metadata, data: JSON.parse(Buffer.from(String(data), "base64").toString("utf8")) };
  } catch {
    return { ...event, ...metadata };
  }
}
