import { EventEmitter } from "node:events";
import { type JobExecution, JobRejected, type JobUpdate } from "../../../../devices";
import type { AgentDevice } from "../../../../devices/update/cloud";

/** An execution as the cloud has it. */
export interface Execution {
  jobId: string;
  status: string;
  versionNumber: number;
  executionNumber: number;
  statusDetails: Record<string, string>;
  document: Record<string, unknown>;
}

const terminal = ["SUCCEEDED", "FAILED", "REJECTED", "CANCELED", "TIMED_OUT"];

const never = new Promise<never>(() => {});

/** The jobs service and the shadow of one thing, by AWS's rules. */
export class FakeJobs {
  readonly executions: Execution[] = [];
  readonly claims: Record<string, string>[] = [];
  /** What was asked and told, in order. */
  readonly log: string[] = [];
  /** Called with each request, when it is `asked` and when it is done but not `answered`; may throw, or change what is. */
  onRequest: (what: string, moment: "asked" | "answered") => void | Promise<void> = () => {};
  private readonly nexts: ((jobId: string | undefined) => void)[] = [];

  add(jobId: string, document: Record<string, unknown>): Execution {
    const execution = { jobId, status: "QUEUED", versionNumber: 1, executionNumber: 1, statusDetails: {}, document };
    this.executions.push(execution);
    this.tellNext();
    return execution;
  }

  /** The service ends an execution by itself. */
  end(jobId: string, status: "CANCELED" | "TIMED_OUT"): void {
    const execution = this.executionOf(jobId);
    execution.status = status;
    execution.versionNumber++;
    this.tellNext();
  }

  tellNext(): void {
    const next = this.executions.find(({ status }) => !terminal.includes(status));
    for (const tell of this.nexts) tell(next?.jobId);
  }

  /** A device that reaches it for as long as it has power. */
  deviceWhile(hasPower: () => boolean): AgentDevice {
    const request = <T>(what: string, work: () => T) => this.request(hasPower, what, work);
    const jobs: AgentDevice["jobs"] = {
      startNext: () =>
        request("start-next", () => {
          const next = this.executions.find(({ status }) => !terminal.includes(status));
          if (next?.status === "QUEUED") Object.assign(next, { status: "IN_PROGRESS", versionNumber: 2 });
          return next && view(next);
        }),
      get: (jobId) =>
        request(`get ${jobId}`, () => {
          const execution = this.executionOf(jobId);
          if (terminal.includes(execution.status)) throw new JobRejected("TerminalStateReached", "it is over");
          return view(execution);
        }),
      update: (jobId, update: JobUpdate) =>
        request(`update ${jobId} ${update.status}`, () => {
          const execution = this.executionOf(jobId);
          const { status, versionNumber, executionNumber } = execution;
          const state = { status, versionNumber };
          if ((update.executionNumber ?? executionNumber) !== executionNumber)
            throw new JobRejected("ResourceNotFound", "another attempt");
          if (terminal.includes(status)) throw new JobRejected("InvalidStateTransition", "it is over", state);
          if ((update.expectedVersion ?? versionNumber) !== versionNumber)
            throw new JobRejected("VersionMismatch", "another version", state);
          execution.versionNumber++;
          execution.status = update.status;
          if (update.statusDetails) execution.statusDetails = { ...update.statusDetails };
          return execution.versionNumber;
        }),
      onNext: async (handler) => {
        this.nexts.push(handler);
      },
    };
    const report: AgentDevice["report"] = (patch) =>
      request("claim", () => this.claims.push(patch.apps as Record<string, string>));
    return Object.assign(new EventEmitter(), { thingName: "lamp", jobs, report, publish: async () => {} });
  }

  private async request<T>(hasPower: () => boolean, what: string, work: () => T): Promise<T> {
    if (!hasPower()) return never;
    this.log.push(what);
    await this.onRequest(what, "asked");
    if (!hasPower()) return never;
    const answer = work();
    await this.onRequest(what, "answered");
    return hasPower() ? answer : never;
  }

  private executionOf(jobId: string): Execution {
    const found = this.executions.find((execution) => execution.jobId === jobId);
    if (!found) throw new JobRejected("ResourceNotFound", `no job ${jobId}`);
    return found;
  }
}

function view({ document, ...rest }: Execution): JobExecution {
  return { ...structuredClone(rest), jobDocument: structuredClone(document) };
}
