import { setTimeout as pause } from "node:timers/promises";
import { type Backoff, fullJitter } from "../core/backoff";
import type { JsonObject } from "../core/json";
import type { Update } from "../core/offer";
import { JobRejected, NotDelivered } from "../errors";
import type { JobExecution, Jobs, JobUpdate } from "../jobs";
import { unlessAborted } from "./abortable";

/** What an agent needs of a `Device`. */
export interface AgentDevice {
  readonly thingName: string;
  readonly jobs: Pick<Jobs, "startNext" | "get" | "update" | "onNext">;
  report(patch: JsonObject): Promise<number>;
  publish(topic: string, payload: JsonObject): Promise<void>;
  on(event: "connected", listener: () => void): unknown;
  off(event: "connected", listener: () => void): unknown;
}

export interface CloudOptions {
  readonly device: AgentDevice;
  /** When it fires, whatever waits is given up. */
  readonly signal: AbortSignal;
  readonly retry: Backoff;
  readonly random: () => number;
  readonly onProblem: (error: Error) => void;
}

type Attempt = Pick<Update, "jobId" | "executionNumber">;

/** What the agent asks and tells the cloud. It goes on trying until there is an answer. */
export class Cloud {
  /** The version of the execution at hand, by what the cloud said last. */
  private known: (Attempt & { versionNumber: number }) | undefined;

  constructor(private readonly options: CloudOptions) {}

  /** The next job, started. */
  async startNext(): Promise<JobExecution | undefined> {
    const execution = await this.persist(() => this.options.device.jobs.startNext({ step: "started" }));
    this.known = execution;
    return execution;
  }

  /** The attempt, with a new link in its document; `undefined` when it is over. */
  async get({ jobId, executionNumber }: Attempt, document = true): Promise<JobExecution | undefined> {
    const execution = await this.persist(async () => {
      try {
        return await this.options.device.jobs.get(jobId, { document });
      } catch (error) {
        if (error instanceof JobRejected && isOver(error)) return undefined;
        throw error;
      }
    });
    const stands =
      execution?.executionNumber === executionNumber &&
      (execution.status === "IN_PROGRESS" || execution.status === "QUEUED");
    this.known = stands ? execution : undefined;
    return this.known && execution;
  }

  /** @returns whether the cloud took it; not when the attempt is over */
  async tell(attempt: Attempt, status: JobUpdate["status"], statusDetails: Record<string, string>): Promise<boolean> {
    const { jobId, executionNumber } = attempt;
    for (;;) {
      const isKnown = this.known?.jobId === jobId && this.known.executionNumber === executionNumber;
      if (!isKnown && !(await this.get(attempt, false))) return false;
      const expectedVersion = this.known?.versionNumber;
      const answer = await this.persist(() =>
        this.update(jobId, { status, statusDetails, executionNumber, expectedVersion }),
      );
      if (answer !== "changed") return answer;
      // Somebody else, or a message of our own whose answer was lost: look again.
      this.known = undefined;
    }
  }

  /** Does what goes over the network until it is answered. @throws Stopped */
  async persist<T>(work: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await this.unlessStopped(work());
      } catch (error) {
        if (error instanceof Stopped) throw error;
        if (error instanceof NotDelivered && error.reason === "closed") throw new Stopped();
        this.options.onProblem(error as Error);
      }
      await this.pause(failures);
    }
  }

  /** Waits: random, longer with each failure. @throws Stopped */
  pause(failures: number): Promise<void> {
    const { retry, random } = this.options;
    return this.unlessStopped(
      pause(fullJitter(failures, retry, random()), undefined, { signal: this.options.signal, ref: false }),
    );
  }

  /** @throws Stopped as soon as the agent is stopped */
  async unlessStopped<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.options;
    try {
      return await unlessAborted(signal, () => work);
    } catch (error) {
      throw signal.aborted ? new Stopped() : error;
    }
  }

  private async update(jobId: string, update: JobUpdate): Promise<boolean | "changed"> {
    try {
      const versionNumber = await this.options.device.jobs.update(jobId, update);
      this.known = { jobId, executionNumber: update.executionNumber as number, versionNumber };
      return true;
    } catch (error) {
      if (!(error instanceof JobRejected)) throw error;
      // The answer to the same message was lost, and it is sent again.
      if (error.state?.status === update.status && update.status !== "IN_PROGRESS") return true;
      if (isOver(error)) return false;
      if (error.code === "VersionMismatch") return "changed";
      throw error;
    }
  }
}

/** The agent was stopped. */
export class Stopped extends Error {}

function isOver({ code }: JobRejected): boolean {
  return code === "ResourceNotFound" || code === "TerminalStateReached" || code === "InvalidStateTransition";
}
