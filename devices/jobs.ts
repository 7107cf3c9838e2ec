import { afterFailure, backoff } from "./afterFailure";
import type { Connection } from "./connection";
import { isObject, type JsonObject } from "./core/json";
import { Outbox } from "./core/outbox";
import { JobRejected } from "./errors";
import { parse, Requests } from "./requests";

/** What a device may say of an execution. */
export type JobStatus = "IN_PROGRESS" | "SUCCEEDED" | "FAILED" | "REJECTED";

/** A job as one device has it. */
export interface JobExecution {
  readonly jobId: string;
  readonly status: string;
  /** Goes up with each update, so that nobody overwrites what they have not seen. */
  readonly versionNumber: number;
  /** 1 for the first attempt; goes up with each retry. */
  readonly executionNumber: number;
  readonly jobDocument?: unknown;
}

/** What a device says of an execution. */
export interface JobUpdate {
  readonly status: JobStatus;
  /** Texts of 1 to 1024 characters, by names of letters, digits, `:`, `_` and `-`. Left out: as they were. */
  readonly statusDetails?: Readonly<Record<string, string>>;
  /** The update is refused (`VersionMismatch`) unless the execution has this version. */
  readonly expectedVersion?: number;
  /** The update is refused (`ResourceNotFound`) unless this is the attempt under way. */
  readonly executionNumber?: number;
}

interface Request {
  readonly topic: string;
  readonly body: JsonObject;
}

const capacity = 100;

/**
 * The jobs of one thing, by their reserved topics. Requests wait for the connection and go out one after the other.
 * {@link https://docs.aws.amazon.com/iot/latest/developerguide/jobs-mqtt-api.html}
 */
export class Jobs {
  private readonly topic: string;
  private readonly requests: Requests;
  private readonly outbox: Outbox<Request, JsonObject>;

  constructor(
    private readonly connection: Connection,
    thingName: string,
  ) {
    this.topic = `$aws/things/${thingName}/jobs`;
    // One filter for a request's two answers: few subscriptions make a quick start.
    const filters = ["start-next/+", "+/get/+", "+/update/+"].map((filter) => `${this.topic}/${filter}`);
    this.requests = new Requests(connection, thingName, filters);
    this.outbox = new Outbox({
      window: 1,
      capacity,
      backoff,
      afterFailure,
      send: ({ topic, body }) => this.requests.ask(topic, body, rejection),
    });
  }

  /** The next job, started if it was queued; `undefined` when there is none. @throws JobRejected, Refused, NotDelivered */
  async startNext(statusDetails?: JobUpdate["statusDetails"]): Promise<JobExecution | undefined> {
    const { execution } = await this.ask("start-next", { ...(statusDetails ? { statusDetails } : {}) });
    return execution as JobExecution | undefined;
  }

  /**
   * The job as it is now. A presigned link in its document is a new one each time.
   * @throws JobRejected `ResourceNotFound`, or `TerminalStateReached` when it is over; Refused, NotDelivered
   */
  async get(jobId: string, { document = true } = {}): Promise<JobExecution> {
    return (await this.ask(`${jobId}/get`, { includeJobDocument: document })).execution as unknown as JobExecution;
  }

  /**
   * @returns the execution's new version
   * @throws JobRejected with the state it has: `VersionMismatch`, or `InvalidStateTransition` when it is over;
   *   Refused, NotDelivered
   */
  async update(jobId: string, update: JobUpdate): Promise<number> {
    const { executionState } = await this.ask(`${jobId}/update`, { ...update, includeJobExecutionState: true });
    return Number(isObject(executionState) ? executionState.versionNumber : 0);
  }

  /** Calls the handler when another job is the next one, with its id; without one when there is none. @throws Refused */
  onNext(handler: (jobId: string | undefined) => void): Promise<void> {
    return this.connection.subscribe(`${this.topic}/notify-next`, (payload) => {
      const { execution } = parse(payload);
      handler(isObject(execution) ? String(execution.jobId) : undefined);
    });
  }

  cameUp(): void {
    this.outbox.open();
  }

  hold(): void {
    this.outbox.hold();
  }

  close(): void {
    this.outbox.close();
  }

  private ask(verb: string, body: JsonObject): Promise<JsonObject> {
    return this.outbox.add({ topic: `${this.topic}/${verb}`, body });
  }
}

function rejection({ code, message, executionState }: JsonObject): JobRejected {
  const state = isObject(executionState) ? executionState : undefined;
  return new JobRejected(String(code), String(message), state as JobRejected["state"]);
}
