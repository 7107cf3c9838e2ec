import * as path from "node:path";
import { isObject, type JsonValue } from "./core/json";
import { KeptQueue } from "./keptQueue";
import type { ShadowRequest } from "./shadows";

/** A message to a topic. */
export interface Message {
  readonly topic: string;
  readonly payload: string | Uint8Array;
}

/** What waits for a connection, in a folder: measurements in one file, reports in another, each in its own order. */
export class DeviceQueues {
  messages!: KeptQueue<Message>;
  reports!: KeptQueue<ShadowRequest>;
  /** What went wrong before anybody listened. */
  private readonly early: Error[] = [];
  private listener = (error: Error): void => {
    this.early.push(error);
  };

  private constructor() {}

  /** Opens what an earlier life has left in the folder, which is made if need be. Never fails; see {@link onProblem}. */
  static async open(folder: string): Promise<DeviceQueues> {
    const queues = new DeviceQueues();
    const onProblem = (error: Error) => queues.listener(error);
    [queues.messages, queues.reports] = await Promise.all([
      KeptQueue.open({ file: path.join(folder, "messages.log"), write: writeMessage, read: readMessage, onProblem }),
      KeptQueue.open({ file: path.join(folder, "reports.log"), write: writeReport, read: readReport, onProblem }),
    ]);
    return queues;
  }

  /** Tells of damaged files and a disk that fails, also of what went wrong on opening. */
  onProblem(listener: (error: Error) => void): void {
    this.listener = listener;
    for (const error of this.early.splice(0)) listener(error);
  }

  async close(): Promise<void> {
    await Promise.all([this.messages.close(), this.reports.close()]);
  }
}

function writeMessage({ topic, payload }: Message): JsonValue {
  return typeof payload === "string" ? { topic, payload } : { topic, base64: Buffer.from(payload).toString("base64") };
}

function readMessage(value: JsonValue): Message | undefined {
  if (!isObject(value) || typeof value.topic !== "string") return undefined;
  const { topic, payload, base64 } = value;
  if (typeof payload === "string") return { topic, payload };
  return typeof base64 === "string" ? { topic, payload: Buffer.from(base64, "base64") } : undefined;
}

function writeReport({ patch = {}, shadowName }: ShadowRequest): JsonValue {
  return shadowName === undefined ? { patch } : { patch, shadowName };
}

function readReport(value: JsonValue): ShadowRequest | undefined {
  if (!isObject(value) || !isObject(value.patch)) return undefined;
  const { patch, shadowName } = value;
  if (shadowName === undefined) return { patch };
  return typeof shadowName === "string" ? { patch, shadowName } : undefined;
}
