import type { mqtt5 } from "aws-iot-device-sdk-v2";
import { type Endpoint, explain, failureOf } from "./connectionFaults";
import type { Credentials } from "./credentials";
import type { ConnectionError } from "./errors";
import { probeTls } from "./tlsProbe";

/** A door closed before the server said anything can be chance, or the certificate; so often it is not chance. */
const closedDoorsToBelieve = 3;

/** Milliseconds after which a TLS handshake is looked into: s2n delays the report of a failed one by 10 to 30 seconds. */
const slowHandshake = 2000;

/**
 * Starts the client and waits until it is connected.
 *
 * @param patience milliseconds for what may pass: no network, a busy server.
 * @throws ConnectionError the last failure; at once for what will not pass.
 */
export function firstConnect(
  client: mqtt5.Mqtt5Client,
  at: Endpoint,
  credentials: Credentials,
  patience: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let last: ConnectionError | undefined;
    let closedDoors = 0;
    let looking: NodeJS.Timeout | undefined;

    const consider = (error: ConnectionError) => {
      last = error;
      if (error.fault === "certificateRefused") closedDoors++;
      const willNotPass = error.fault === "untrustedServer" || error.fault === "notAllowed";
      if (willNotPass || closedDoors >= closedDoorsToBelieve) settle(() => reject(error));
    };
    const look = async () => {
      const found = await probeTls(at, credentials);
      if (found?.fault === "untrustedServer") consider(found);
    };
    const attempting = () => {
      clearTimeout(looking);
      looking = setTimeout(look, slowHandshake);
    };
    const failed = (event: mqtt5.ConnectionFailureEvent) => {
      clearTimeout(looking);
      consider(failureOf(event, at));
    };
    const succeeded = () => settle(resolve);
    const settle = (work: () => void) => {
      clearTimeout(limit);
      clearTimeout(looking);
      client.removeListener("attemptingConnect", attempting);
      client.removeListener("connectionSuccess", succeeded);
      client.removeListener("connectionFailure", failed);
      work();
    };
    const limit = setTimeout(() => {
      settle(() => reject(last ?? explain({ error: `no answer in ${patience / 1000} s`, connected: false }, at)));
    }, patience);
    client.on("attemptingConnect", attempting);
    client.on("connectionSuccess", succeeded);
    client.on("connectionFailure", failed);
    client.start();
  });
}
