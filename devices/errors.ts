/** Why a connection cannot be made or was lost. */
export type ConnectionFault =
  /** Nobody answers at the host and port. */
  | "unreachable"
  /** What answers is not the server that the device trusts: another CA, another name, expired. */
  | "untrustedServer"
  /** The device's own certificate and key do not work together, or cannot be read. */
  | "credentials"
  /** The server knows the device's certificate not, or no longer. */
  | "certificateRefused"
  /** The IoT policy does not allow it. */
  | "notAllowed"
  /** Another client connected under the same client id. */
  | "takenOver"
  /** The server has too much to do, or the device asked too often. */
  | "throttled"
  /** The connection was there and broke. */
  | "lost";

/** A connection could not be made or was lost; `message` says what to do about it. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  constructor(
    readonly fault: ConnectionFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The server refused one message or subscription and kept the connection. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(
    message: string,
    /** Of MQTT 5; `undefined` when the SDK does not tell. 0x87: not authorized. */
    readonly reasonCode?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The shadow service refused a request; `code` is AWS's, e.g. 409 for a stale version, 413 for too much. */
export class ShadowRejected extends Error {
  override readonly name = "ShadowRejected";
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** The jobs service refused a request; `code` is AWS's, e.g. `InvalidStateTransition` for a job that is over. */
export class JobRejected extends Error {
  override readonly name = "JobRejected";
  constructor(
    readonly code: string,
    message: string,
    /** What the execution is instead, where AWS tells. */
    readonly state?: { readonly status: string; readonly versionNumber: number },
  ) {
    super(message);
  }
}

/** Why a message did not get through, though nobody refused it. */
export type NotDeliveredReason =
  /** The queue was full, and this was the oldest in it. */
  | "dropped"
  /** The device was closed first. */
  | "closed"
  /** The connection stood, and no answer came, again and again. */
  | "noAnswer"
  /**
   * The connection broke before the answer to a report with a `version`. Sent again, it would be told "version
   * conflict" if the first one got through, so it is for the caller to `get()` and decide.
   */
  | "unknown";

export class NotDelivered extends Error {
  override readonly name = "NotDelivered";
  constructor(
    readonly reason: NotDeliveredReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What was to be sent can never be accepted, so it was not sent. */
export class InvalidMessage extends Error {
  override readonly name = "InvalidMessage";
}
