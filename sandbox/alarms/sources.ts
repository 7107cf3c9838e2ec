import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { type ExecutionStatus, ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { type AwsTarget, awsConfig } from "../aws";
import { orGone } from "../deploy/context";

/** One value that was measured: when, in milliseconds since 1970, and how much. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * Metrics that AWS's services send to CloudWatch and MiniStack's do not, read from the services themselves: how many messages
 * wait in a queue, executions of a state machine that failed or ran out of time, and what functions write to their logs
 * in the embedded metric format.
 */
export class MetricSources {
  private readonly sqs: SQSClient;
  private readonly sfn: SFNClient;
  private readonly logs: CloudWatchLogsClient;
  private readonly lambda: LambdaClient;
  /** Function name -> its log group. */
  private readonly logGroups = new Map<string, string>();
  /** Queue name -> the depths that were read. */
  private readonly depths = new Map<string, Point[]>();
  private readonly handler = new NodeHttpHandler();

  constructor(private readonly target: AwsTarget) {
    const config = { ...awsConfig(target), requestHandler: this.handler };
    this.sqs = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
    this.sfn = new SFNClient(config);
    this.logs = new CloudWatchLogsClient(config);
    this.lambda = new LambdaClient(config);
  }

  /** Points of a metric since a moment; none where it has no source, or what it is of is gone. */
  async read({ namespace, name, dimensions }: MetricName, since: number): Promise<Point[]> {
    if (namespace === "AWS/SQS" && name === "ApproximateNumberOfMessagesVisible") {
      return this.depth(dimensions.QueueName ?? "", since);
    }
    if (namespace === "AWS/States") {
      const status = { ExecutionsFailed: "FAILED", ExecutionsTimedOut: "TIMED_OUT" }[name] as
        | ExecutionStatus
        | undefined;
      return status ? this.ended(dimensions.StateMachineArn ?? "", status, since) : [];
    }
    return namespace.startsWith("AWS/") ? [] : this.embedded(namespace, name, dimensions.FunctionName ?? "", since);
  }

  close(): void {
    this.handler.destroy();
  }

  /** A depth is only known at the moment that it is read, so what was read before is kept. */
  private async depth(queue: string, since: number): Promise<Point[]> {
    const QueueUrl = `${this.target.endpoint}/${this.target.accountId}/${queue}`;
    const AttributeNames = ["ApproximateNumberOfMessages" as const];
    const found = await orGone(this.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames })));
    const known = (this.depths.get(queue) ?? []).filter(({ at }) => at >= since);
    if (found) known.push({ at: Date.now(), value: Number(found.Attributes?.ApproximateNumberOfMessages) });
    this.depths.set(queue, known);
    return known;
  }

  private async ended(stateMachineArn: string, statusFilter: ExecutionStatus, since: number): Promise<Point[]> {
    const found = await orGone(this.sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter })));
    return (found?.executions ?? [])
      .map(({ stopDate }) => ({ at: stopDate?.getTime() ?? 0, value: 1 }))
      .filter(({ at }) => at >= since);
  }

  private async logGroupOf(FunctionName: string): Promise<string | undefined> {
    if (!this.logGroups.has(FunctionName)) {
      const found = await orGone(this.lambda.send(new GetFunctionConfigurationCommand({ FunctionName })));
      if (found?.LoggingConfig?.LogGroup) this.logGroups.set(FunctionName, found.LoggingConfig.LogGroup);
    }
    return this.logGroups.get(FunctionName);
  }

  private async embedded(namespace: string, name: string, functionName: string, startTime: number): Promise<Point[]> {
    const logGroupName = functionName && (await this.logGroupOf(functionName));
    if (!logGroupName) return [];
    const filterPattern = '"CloudWatchMetrics"';
    const found = await orGone(this.logs.send(new FilterLogEventsCommand({ logGroupName, startTime, filterPattern })));
    return (found?.events ?? []).flatMap(({ message = "", timestamp = 0 }) => {
      const line = parse(message);
      const isOfIt = line?._aws?.CloudWatchMetrics?.some(({ Namespace }) => Namespace === namespace);
      const value = line?.[name];
      return isOfIt && typeof value === "number" ? [{ at: timestamp, value }] : [];
    });
  }
}

interface EmbeddedLine extends Record<string, unknown> {
  readonly _aws?: { readonly CloudWatchMetrics?: readonly { readonly Namespace: string }[] };
}

function parse(message: string): EmbeddedLine | undefined {
  try {
    return JSON.parse(message.slice(message.indexOf("{")));
  } catch {
    return undefined;
  }
}
