import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AttachPolicyCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  IoTClient,
} from "@aws-sdk/client-iot";
import { Device } from "../../../devices";
import { awsConfig } from "../../../sandbox/aws";
import type { LocalCloud } from "../../../sandbox/localCloud";

/** Messages that one device has under way; AWS IoT takes 100. */
const UNDER_WAY = 50;

/** Devices with one certificate, connected over mTLS, that publish telemetry at QoS 1 as fast as it is confirmed. */
export async function openPublisher(cloud: LocalCloud, count: number) {
  const iot = new IoTClient(awsConfig(cloud));
  const statement = { Effect: "Allow", Action: "iot:*", Resource: "*" };
  const policyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await iot.send(new CreatePolicyCommand({ policyName: "bench", policyDocument }));
  const { certificateArn, certificatePem, keyPair } = await iot.send(
    new CreateKeysAndCertificateCommand({ setAsActive: true }),
  );
  await iot.send(new AttachPolicyCommand({ policyName: "bench", target: certificateArn }));
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const [certificatePath, keyPath] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  writeFileSync(certificatePath, certificatePem as string);
  writeFileSync(keyPath, keyPair?.PrivateKey as string, { mode: 0o600 });
  const devices = await Promise.all(
    Array.from({ length: count }, (_, n) =>
      Device.connect({ thingName: `bench-${n}`, certificatePath, keyPath, ...cloud.mqtt }),
    ),
  );
  return {
    /** Resolves when the broker has confirmed all. */
    async publish(total: number, payload: (n: number) => string): Promise<void> {
      let next = 0;
      const worker = async (device: Device) => {
        for (let n = next++; n < total; n = next++) {
          await device.publish(`my/things/${device.thingName}/state`, payload(n));
        }
      };
      await Promise.all(devices.flatMap((device) => Array.from({ length: UNDER_WAY }, () => worker(device))));
    },
    async close(): Promise<void> {
      await Promise.all(devices.map((device) => device.close()));
      rmSync(folder, { recursive: true });
    },
  };
}
