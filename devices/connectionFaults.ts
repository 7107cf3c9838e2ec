import type { mqtt5 } from "aws-iot-device-sdk-v2";
import { ConnectionError, type ConnectionFault } from "./errors";

/** Who connects where; for messages. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly thingName: string;
}

/** What the SDK tells of a failure: its error's name, and the reason code of a packet, if the server sent one. */
export interface Failure {
  readonly error?: string;
  readonly reasonCode?: number;
  /** Whether the connection had been accepted before. */
  readonly connected: boolean;
}

/** MQTT 5 reason codes that AWS IoT gives: https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html */
export const reasonCode = {
  notAuthorized: 0x87,
  serverBusy: 0x89,
  sessionTakenOver: 0x8e,
  topicNameInvalid: 0x90,
  rateTooHigh: 0x96,
  quotaExceeded: 0x97,
  connectionRateExceeded: 0x9f,
} as const;

const throttlingCodes: readonly number[] = [
  reasonCode.serverBusy,
  reasonCode.rateTooHigh,
  reasonCode.quotaExceeded,
  reasonCode.connectionRateExceeded,
];

/** Whether a server with this reason code wants to be asked again later. */
export const isThrottling = (code: number) => throttlingCodes.includes(code);

/** Names a failure and says what to do about it. */
export function explain(
  { error = "unknown error", reasonCode: code, connected }: Failure,
  at: Endpoint,
): ConnectionError {
  const { host, port, thingName } = at;
  const where = `${host}:${port}`;
  if (code === reasonCode.sessionTakenOver) {
    return fault(
      "takenOver",
      `Another client connected as ${thingName}, so this one was sent away. Two devices share one identity: give each its ` +
        "own thing and certificate, or end the other program.",
    );
  }
  if (code === reasonCode.notAuthorized) {
    return fault(
      "notAllowed",
      connected
        ? `${where} closed the connection of ${thingName} over something its IoT policy does not allow. See the ` +
            "policies attached to the certificate, for the topic that was published or subscribed to last."
        : `${where} does not let ${thingName} connect: an IoT policy attached to its certificate has to allow iot:Connect ` +
            `on client/${thingName}, and if it asks for IsAttached, the certificate has to be attached to the thing.`,
    );
  }
  if (code !== undefined && isThrottling(code)) {
    return fault("throttled", `${where} is asked too much (reason code ${code}); trying again more slowly.`);
  }
  if (connected) {
    return fault(
      "lost",
      `The connection to ${where} was lost (${code === undefined ? error : `reason code ${code}`}).`,
    );
  }
  if (code !== undefined) {
    return fault("notAllowed", `${where} refused the connection of ${thingName} with MQTT reason code ${code}.`);
  }
  if (/TLS/.test(error)) {
    return fault(
      "untrustedServer",
      `No TLS connection to ${where} (${error}): the server's certificate is not from the CA that the device trusts, or not ` +
        "for this host name, or the server is no TLS server.",
    );
  }
  if (/SOCKET_CLOSED|HANGUP/.test(error)) return refusedCertificate(at);
  return unreachable(at, error);
}

/** Why an attempt to connect failed. */
export function failureOf({ error, connack }: mqtt5.ConnectionFailureEvent, at: Endpoint): ConnectionError {
  return explain({ error: errorName(error), reasonCode: connack?.reasonCode, connected: false }, at);
}

/** Why a connection ended. */
export function lossOf({ error, disconnect }: mqtt5.DisconnectionEvent, at: Endpoint): ConnectionError {
  return explain({ error: errorName(error), reasonCode: disconnect?.reasonCode, connected: true }, at);
}

/** Of the SDK's native part, e.g. `AWS_IO_SOCKET_CLOSED`; its type promises less than there is. */
function errorName(error: { message?: string; error_name?: string } | object): string {
  const { error_name: name, message } = error as { error_name?: string; message?: string };
  return name ?? message ?? String(error);
}

export function refusedCertificate({ host, port, thingName }: Endpoint, detail = ""): ConnectionError {
  return fault(
    "certificateRefused",
    `${host}:${port} closed the connection when ${thingName} showed its certificate${detail}. Look in AWS IoT: is the ` +
      "certificate registered in this account and region, ACTIVE (not INACTIVE, not REVOKED), and from the right CA? " +
      `And does a policy attached to it allow iot:Connect on client/${thingName}?`,
  );
}

export function unreachable({ host, port }: Endpoint, detail: string): ConnectionError {
  const why = /DNS|ENOTFOUND|EAI_AGAIN/.test(detail)
    ? `${host} is no known host name`
    : /REFUSED/.test(detail)
      ? `nothing listens at ${host}:${port}`
      : `${host}:${port} does not answer`;
  return fault("unreachable", `${why} (${detail}). Check host and port, and whether the network is there.`);
}

function fault(name: ConnectionFault, message: string): ConnectionError {
  return new ConnectionError(name, message);
}
