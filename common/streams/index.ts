import { KinesisSource } from "./kinesisSource";
import type { ReadAs, StreamSource } from "./streamSource";
import { TableSource } from "./tableSource";

export { compilePattern, PatternError } from "./eventPattern";
export { filterable } from "./filterable";
export * from "./streamSource";

type Config = ConstructorParameters<typeof KinesisSource>[1] & ConstructorParameters<typeof TableSource>[1];

/** Whether functions can read it by an event source mapping, and this can: of Kinesis, or of a table. */
export const isStream = (arn: string) => /^arn:[\w-]+:(kinesis:.*:stream\/|dynamodb:.*\/stream\/)/.test(arn);

/** Whether it is the stream of a table. */
export const isOfTable = (streamArn: string) => streamArn.split(":")[2] === "dynamodb";

/** The stream of an ARN. */
export function openStream(streamArn: string, config: Config, readAs?: ReadAs): StreamSource {
  return isOfTable(streamArn) ? new TableSource(streamArn, config) : new KinesisSource(streamArn, config, readAs);
}
