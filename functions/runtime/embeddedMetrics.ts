/** The environment variable under which nothing is counted: nothing has happened in a dry run. */
export const silent = "THINGSTACK_SILENT";

/**
 * Counts something about this function, as metrics of the namespace `thingstack` by `FunctionName`.
 *
 * CloudWatch makes metrics of a log line in its embedded metric format. It has to be the line itself, so not by console,
 * which Lambda's JSON logs wrap into a message.
 */
export function writeMetrics(counts: Record<string, number>): void {
  if (process.env[silent]) return;
  const metrics = Object.keys(counts).map((Name) => ({ Name, Unit: "Count" }));
  const embedded = {
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [{ Namespace: "thingstack", Dimensions: [["FunctionName"]], Metrics: metrics }],
    },
    FunctionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    ...counts,
  };
  process.stdout.write(`${JSON.stringify(embedded)}\n`);
}
