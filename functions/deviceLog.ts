import { traced } from "./runtime/tracing";

/** A line that a device wrote about itself, as the rule hands it over. */
export interface DeviceLogEvent {
  readonly deviceId: string;
  readonly level?: unknown;
  readonly message?: unknown;
}

const levels = ["debug", "info", "warn", "error"] as const;
export type DeviceLogLevel = (typeof levels)[number];

/** The line as it goes to the log: a known level, a text, and the rest of what the device sent. */
export function logLineOf({ deviceId, level, message, ...details }: DeviceLogEvent) {
  if (typeof message !== "string" || message === "") {
    throw new Error(`${deviceId} sent a log line without a "message" text: ${JSON.stringify({ level, message })}`);
  }
  const known = levels.find((name) => name === level) ?? "info";
  return { level: known, line: { deviceId, message, ...details } };
}

/** Writes what devices log about themselves (`my/things/<thing>/log`) into the function's own log, level by level. */
export function deviceLog() {
  return async (event: DeviceLogEvent): Promise<void> => {
    await traced("log", { thing: event.deviceId }, async () => {
      const { level, line } = logLineOf(event);
      console[level](JSON.stringify(line));
    });
  };
}
