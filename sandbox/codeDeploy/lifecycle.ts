/** How a deployment ended before its time: CodeDeploy's code, and its words. */
export interface ErrorInformation {
  readonly code: string;
  readonly message: string;
}

/** Ends a deployment before its time. */
export class Ended extends Error {
  constructor(
    readonly status: "Failed" | "Stopped",
    readonly information: ErrorInformation,
  ) {
    super(information.message);
  }

  static failed(code: string, message: string): Ended {
    return new Ended("Failed", { code, message });
  }

  /** What AWS refused, by the code that CodeDeploy has for it. */
  static by(error: unknown): Ended {
    if (error instanceof Ended) return error;
    const { name, message } = error as Error;
    if (/^AccessDenied/.test(name)) return Ended.failed("IAM_ROLE_PERMISSIONS", message);
    return Ended.failed(name === "ResourceNotFoundException" ? "INVALID_LAMBDA_FUNCTION" : "INTERNAL_ERROR", message);
  }
}

export interface LifecycleEvent {
  readonly lifecycleEventName: "BeforeAllowTraffic" | "AllowTraffic" | "AfterAllowTraffic";
  status: "Pending" | "InProgress" | "Succeeded" | "Failed" | "Skipped";
  startTime?: number;
  endTime?: number;
}

/** Seconds since 1970, as CodeDeploy tells the time. */
export const now = () => Date.now() / 1000;

/** What a deployment goes through, in its order. */
export class Lifecycle {
  readonly before: LifecycleEvent = { lifecycleEventName: "BeforeAllowTraffic", status: "Pending" };
  readonly traffic: LifecycleEvent = { lifecycleEventName: "AllowTraffic", status: "Pending" };
  readonly after: LifecycleEvent = { lifecycleEventName: "AfterAllowTraffic", status: "Pending" };
  readonly events: readonly LifecycleEvent[] = [this.before, this.traffic, this.after];

  /** Does what an event is for, unless the deployment has ended; what it ended for is thrown once the work is done. */
  async during(
    event: LifecycleEvent,
    ending: AbortSignal,
    work: () => Promise<"Succeeded" | "Skipped">,
  ): Promise<void> {
    ending.throwIfAborted();
    Object.assign(event, { status: "InProgress", startTime: now() });
    const status = await work();
    ending.throwIfAborted();
    Object.assign(event, { status, endTime: now() });
  }

  /** What was under way has failed, and the rest does not come. */
  cut(): void {
    for (const event of this.events) {
      if (event.status === "InProgress") Object.assign(event, { status: "Failed", endTime: now() });
      if (event.status === "Pending") event.status = "Skipped";
    }
  }
}
