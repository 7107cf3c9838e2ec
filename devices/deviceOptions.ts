import type { ConnectionOptions } from "./connection";
import type { ConnectionError, Refused } from "./errors";

export interface DeviceOptions extends ConnectionOptions {
  /**
   * How many messages, and how many shadow requests, wait at most while there is no connection.
   * @default 1000
   */
  readonly queueLimit?: number;
  /** How many bytes of messages, and of reports, wait at most; at least 131,072, the largest message. @default 8,000,000 */
  readonly queueBytes?: number;
  /**
   * Where messages and reports are kept until they are delivered, so that they outlive the process and a loss of power: a
   * folder of this device alone, made if need be. Its files are for its user only (0600) and take a few times `queueBytes` at
   * most. Each message is written and synced when it is made, which costs flash memory some wear.
   * @default in memory only
   */
  readonly queueFolder?: string;
}

export interface DeviceEvents {
  connected: [];
  disconnected: [ConnectionError];
  /** An attempt to come back, or to subscribe again, failed. Attempts to come back go on. */
  connectionFailed: [ConnectionError | Refused];
  /** A message was thrown away because too much was waiting. */
  dropped: [topic: string];
  /** A message or report of an earlier life was refused or given up. Of those of this life, their callers hear. */
  undelivered: [topic: string, error: unknown];
  /** A file in `queueFolder` was damaged and set aside, or can't be written. It goes on, with what it has in memory. */
  queueFailed: [Error];
  /** A delta could not be handled or its report was refused. */
  deltaFailed: [error: unknown];
}
