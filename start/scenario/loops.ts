import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  SFNClient,
  type SFNClientConfig,
} from "@aws-sdk/client-sfn";
import type { LoopState } from "../../functions/reminder/reminderLoop";

/** One reminder loop, as Step Functions has it. */
export interface Loop {
  readonly arn: string;
  readonly status: string;
  readonly startedAt: number;
  readonly input: LoopState;
  /** `solved`, `superseded` or `count`; undefined while it runs. */
  readonly endedBy?: string;
}

/** The executions of the reminder's state machine. */
export class Loops {
  private readonly sfn: SFNClient;

  constructor(
    config: SFNClientConfig,
    private readonly stateMachineArn: string,
  ) {
    this.sfn = new SFNClient(config);
  }

  /** The loops that were started for a thing, oldest first. */
  async of(deviceId: string): Promise<Loop[]> {
    const { executions = [] } = await this.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: this.stateMachineArn, maxResults: 1000 }),
    );
    const loops = await Promise.all(executions.map((execution) => this.describe(execution.executionArn as string)));
    return loops
      .filter(({ input }) => input.deviceId === deviceId)
      .sort((one, other) => one.startedAt - other.startedAt);
  }

  async describe(executionArn: string): Promise<Loop> {
    const found = await this.sfn.send(new DescribeExecutionCommand({ executionArn }));
    return {
      arn: executionArn,
      status: found.status as string,
      startedAt: found.startDate?.getTime() ?? 0,
      input: JSON.parse(found.input as string),
      endedBy: found.output && JSON.parse(found.output).endedBy,
    };
  }

  /** All that happened in a loop, in order. */
  async history(executionArn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }));
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken);
    return events;
  }
}
