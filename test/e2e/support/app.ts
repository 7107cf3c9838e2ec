import {
  AttachPolicyCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  DeleteCertificateCommand,
  DeletePolicyCommand,
  DetachPolicyCommand,
  IoTClient,
  UpdateCertificateCommand,
} from "@aws-sdk/client-iot";
import { Device } from "../../../devices";
import type { Target } from "./target";

/** An app that listens to MQTT with a certificate and a policy of its own, which go when it is closed. */
export async function openApp(
  target: Target,
  topicFilter: string,
): Promise<{ client: Device; close(): Promise<void> }> {
  const iot = new IoTClient(target.aws);
  const name = `e2e-app-${process.pid}-${Date.now()}`;
  const document = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "iot:Connect", Resource: `arn:aws:iot:*:*:client/${name}` },
      { Effect: "Allow", Action: "iot:Subscribe", Resource: `arn:aws:iot:*:*:topicfilter/${topicFilter}` },
      { Effect: "Allow", Action: "iot:Receive", Resource: `arn:aws:iot:*:*:topic/${topicFilter.replace("+", "*")}` },
    ],
  };
  const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
  const { certificateId, certificateArn, certificatePem, keyPair } = made;
  await iot.send(new CreatePolicyCommand({ policyName: name, policyDocument: JSON.stringify(document) }));
  await iot.send(new AttachPolicyCommand({ policyName: name, target: certificateArn }));
  const keyPem = keyPair?.PrivateKey as string;
  const client = await Device.connect({ thingName: name, certificatePem, keyPem, ...target.mqtt });
  return {
    client,
    async close() {
      await client.close();
      await iot.send(new DetachPolicyCommand({ policyName: name, target: certificateArn }));
      await iot.send(new DeletePolicyCommand({ policyName: name }));
      await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: "INACTIVE" }));
      await iot.send(new DeleteCertificateCommand({ certificateId }));
    },
  };
}
