import { randomUUID } from "node:crypto";
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
import { type AwsTarget, awsConfig } from "../aws";

/** Every client id of the engine starts so; its own comings and goings are no events for any rule. */
export const CLIENT_ID_PREFIX = "thingstack-rules-";

/** What the engine shows the broker to be let in. MiniStack's broker takes account and region from the certificate. */
export interface BrokerIdentity {
  readonly certificatePem: string;
  readonly privateKey: string;
  /** Takes the certificate and its policy out of the account again. */
  remove(): Promise<void>;
}

const READ_EVERYTHING = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: "iot:Connect", Resource: `arn:aws:iot:*:*:client/${CLIENT_ID_PREFIX}*` },
    // The rules engine reads what rules ask for, whatever that is.
    { Effect: "Allow", Action: ["iot:Subscribe", "iot:Receive"], Resource: "*" },
  ],
};

/** Creates a certificate of the engine's own in the target's account and region. */
export async function createBrokerIdentity(target: AwsTarget): Promise<BrokerIdentity> {
  const iot = new IoTClient(awsConfig(target));
  const policyName = `${CLIENT_ID_PREFIX}${randomUUID()}`;
  await iot.send(new CreatePolicyCommand({ policyName, policyDocument: JSON.stringify(READ_EVERYTHING) }));
  const created = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
  const { certificateArn, certificateId, certificatePem, keyPair } = created;
  if (!certificateArn || !certificatePem || !keyPair?.PrivateKey) throw new Error("IoT gave no certificate");
  await iot.send(new AttachPolicyCommand({ policyName, target: certificateArn }));
  return {
    certificatePem,
    privateKey: keyPair.PrivateKey,
    async remove() {
      await iot.send(new DetachPolicyCommand({ policyName, target: certificateArn }));
      await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: "INACTIVE" }));
      await iot.send(new DeleteCertificateCommand({ certificateId }));
      await iot.send(new DeletePolicyCommand({ policyName }));
      iot.destroy();
    },
  };
}
