import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  IoTClient,
} from "@aws-sdk/client-iot";
import { GetThingShadowCommand, IoTDataPlaneClient, UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { expect } from "chai";
import { devicePolicyDocument } from "../../components/devices/devicePolicy";
import type { JsonObject } from "../../devices";
import { awsConfig } from "../../sandbox/aws";
import type { LocalCloud } from "../../sandbox/localCloud";

/** A wire between a device and the broker, for the test to cut. The TLS inside it stays whole. */
export class Wire {
  private readonly sockets = new Set<Socket>();
  private isCut = false;
  /** How often somebody tried to connect through it. */
  attempts = 0;

  private constructor(private readonly server: Server) {}

  static async to(port: number, host = "127.0.0.1"): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server);
    server.on("connection", (near) => {
      wire.attempts++;
      if (wire.isCut) return near.destroy();
      const far = connect(port, "127.0.0.1");
      wire.sockets.add(near);
      near.pipe(far).pipe(near);
      near.on("error", () => far.destroy());
      far.on("error", () => near.destroy());
      near.on("close", () => {
        wire.sockets.delete(near);
        far.destroy();
      });
    });
    server.listen(0, host);
    await once(server, "listening");
    return wire;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  /** Breaks what is connected; it may come back at once. */
  drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Breaks what is connected, and lets nobody through until it is mended. */
  cut(): void {
    this.isCut = true;
    this.drop();
  }

  mend(): void {
    this.isCut = false;
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    this.cut();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, "close");
  }
}

export interface Registered {
  readonly thingName: string;
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly certificateId: string;
}

/** Makes a thing with its certificate and, unless another is given, the policy that the stack gives its devices. */
export async function register(
  cloud: LocalCloud,
  thingName: string,
  policy: object = devicePolicyDocument(`arn:aws:iot:${cloud.region}:${cloud.accountId}`, {
    namedShadows: ["settings"],
  }),
): Promise<Registered> {
  const iot = new IoTClient(awsConfig(cloud));
  const policyName = `${thingName}-policy`;
  await iot.send(new CreateThingCommand({ thingName }));
  await iot.send(new CreatePolicyCommand({ policyName, policyDocument: JSON.stringify(policy) }));
  const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
  const principal = made.certificateArn as string;
  await iot.send(new AttachPolicyCommand({ policyName, target: principal }));
  await iot.send(new AttachThingPrincipalCommand({ thingName, principal }));
  return {
    thingName,
    certificatePem: made.certificatePem as string,
    keyPem: made.keyPair?.PrivateKey as string,
    certificateId: made.certificateId as string,
  };
}

/** What the call failed with. */
export function failure(work: Promise<unknown>) {
  return work.then(
    () => expect.fail("it should have failed"),
    (error) => error,
  );
}

/** What an app does: it sets what is desired of a thing, over HTTPS. */
export async function desire(
  cloud: LocalCloud,
  thingName: string,
  desired: JsonObject,
  shadowName?: string,
): Promise<void> {
  const payload = Buffer.from(JSON.stringify({ state: { desired } }));
  await new IoTDataPlaneClient(awsConfig(cloud)).send(new UpdateThingShadowCommand({ thingName, shadowName, payload }));
}

/** What an app sees of a thing, over HTTPS. */
export async function look(
  cloud: LocalCloud,
  thingName: string,
): Promise<{ readonly reported?: JsonObject; readonly delta?: JsonObject }> {
  const { payload } = await new IoTDataPlaneClient(awsConfig(cloud)).send(new GetThingShadowCommand({ thingName }));
  return JSON.parse(Buffer.from(payload as Uint8Array).toString()).state;
}
