import { iot, mqtt5 } from "aws-iot-device-sdk-v2";
import type { ConnectionOptions } from "./connection";
import type { Endpoint } from "./connectionFaults";
import type { Credentials } from "./credentials";
import { ConnectionError } from "./errors";
import { exitCleanly } from "./nativeExit";

/** The SDK's client of one thing, which is not started. @throws ConnectionError (`credentials`) */
export function createClient(options: ConnectionOptions, at: Endpoint, credentials: Credentials): mqtt5.Mqtt5Client {
  exitCleanly();
  try {
    return new mqtt5.Mqtt5Client(configure(options, at, credentials));
  } catch (cause) {
    throw new ConnectionError("credentials", `The SDK does not take the certificate, key or CA: ${cause}`, { cause });
  }
}

function configure(options: ConnectionOptions, at: Endpoint, credentials: Credentials): mqtt5.Mqtt5ClientConfig {
  const { will, keepAlive = 60, sessionExpiry = 0, reconnect = { base: 1000, maximum: 120_000 } } = options;
  const { certificate, key, ca } = credentials;
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(at.host, certificate, key);
  if (ca !== undefined) builder.withCertificateAuthority(ca);
  return (
    builder
      .withPort(at.port)
      .withConnectProperties({
        clientId: at.thingName,
        keepAliveIntervalSeconds: keepAlive,
        sessionExpiryIntervalSeconds: sessionExpiry,
        ...(will ? { will: { topicName: will.topic, payload: will.payload, qos: mqtt5.QoS.AtLeastOnce } } : {}),
      })
      .withSessionBehavior(
        sessionExpiry > 0 ? mqtt5.ClientSessionBehavior.RejoinAlways : mqtt5.ClientSessionBehavior.Clean,
      )
      .withRetryJitterMode(mqtt5.RetryJitterType.Full)
      .withMinReconnectDelayMs(reconnect.base)
      .withMaxReconnectDelayMs(reconnect.maximum)
      // What is not acknowledged comes back to the device's own queues, which are bounded and keep the order.
      .withOfflineQueueBehavior(mqtt5.ClientOperationQueueBehavior.FailAllOnDisconnect)
      .build()
  );
}
