import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { iot, type mqtt5 } from "aws-iot-device-sdk-v2";
import { expect } from "chai";
import sinon from "sinon";
import { waitFor, within } from "../../../common/waitFor";
import { exitCleanly } from "../../../devices/nativeExit";
import { BrokerConnection } from "../../../sandbox/rules/brokerConnection";
import { BrokerSubscriptions } from "../../../sandbox/rules/brokerSubscriptions";

const CONNECT = 0x10;
const SUBSCRIBE = 0x82;
const UNSUBSCRIBE = 0xa2;

/** As much of a broker of MQTT 5 as a subscription takes, over plain TCP. */
class Broker {
  readonly heard: number[] = [];
  readonly sockets: Socket[] = [];
  /** Whether it answers a packet of this type. */
  answers = (_type: number) => true;
  private readonly server: Server = createServer((socket) => {
    this.sockets.push(socket);
    socket.on("error", () => {}).on("data", (bytes) => this.receive(bytes, socket));
  });

  async listen(): Promise<number> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  /** Packets of less than 128 bytes. */
  private receive(bytes: Buffer, socket: Socket): void {
    for (let at = 0; at < bytes.length; at += 2 + (bytes[at + 1] as number)) {
      const type = bytes[at] as number;
      this.heard.push(type);
      if (!this.answers(type)) continue;
      const id = [bytes[at + 2], bytes[at + 3]] as [number, number];
      if (type === CONNECT) socket.write(Buffer.from([0x20, 3, 0, 0, 0]));
      if (type === SUBSCRIBE) socket.write(Buffer.from([0x90, 4, ...id, 0, 1]));
      if (type === UNSUBSCRIBE) socket.write(Buffer.from([0xb0, 4, ...id, 0, 0]));
    }
  }
}

describe("a connection of the rules engine to the broker", () => {
  let broker: Broker;
  const options = {
    ...{ host: "127.0.0.1", port: 0, ca: "", certificatePem: "", privateKey: "" },
    onMessage: () => {},
    log: () => {},
  };
  beforeEach(async () => {
    exitCleanly();
    broker = new Broker();
    // The SDK's own client, without TLS, and less patient.
    const config: mqtt5.Mqtt5ClientConfig = {
      ...{ hostName: "127.0.0.1", port: await broker.listen(), ackTimeoutSeconds: 2 },
      ...{ minReconnectDelayMs: 10, maxReconnectDelayMs: 50 },
    };
    const builder: object = new Proxy({}, { get: (_, name) => (name === "build" ? () => config : () => builder) });
    sinon.stub(iot.AwsIotMqtt5ClientConfigBuilder, "newDirectMqttBuilderWithMtlsFromMemory").returns(builder as never);
  });
  afterEach(() => {
    broker.close();
    sinon.restore();
  });

  it("goes on when the broker was too slow with an answer: the connection is still there", async () => {
    let late = 1;
    broker.answers = (type) => type !== SUBSCRIBE || late-- <= 0;
    const connection = new BrokerConnection({ ...options, clientId: "rules" });
    await connection.open();
    await connection.subscribe("a");
    expect(broker.heard.slice(1, 4)).to.deep.equal([SUBSCRIBE, UNSUBSCRIBE, SUBSCRIBE]);
    await connection.subscribe("b");
    await connection.close();
    expect(broker.sockets).to.have.length(1);
  });

  it("is subscribed when it was lost before the answer", async () => {
    broker.answers = (type) => {
      if (type === SUBSCRIBE && broker.sockets.length === 1) broker.sockets[0]?.destroy();
      return true;
    };
    const connection = new BrokerConnection({ ...options, clientId: "rules" });
    await connection.open();
    await connection.subscribe("a");
    await connection.close();
    expect(broker.sockets).to.have.length(2);
  });

  it("does not stay when it comes up after all of them were closed", async () => {
    let letIn = () => {};
    broker.answers = (type) => {
      if (type === CONNECT) letIn = () => broker.sockets[0]?.write(Buffer.from([0x20, 3, 0, 0, 0]));
      return type !== CONNECT;
    };
    const subscriptions = new BrokerSubscriptions(options);
    const subscribed = subscriptions.subscribe("a").catch((error) => error);
    await waitFor("the connection to be asked for", () => broker.heard.length > 0, { everyMs: 5 });
    await within(20, "closing", subscriptions.close());
    letIn();
    expect(await subscribed).to.match(/closed/);
    const [socket] = broker.sockets as [Socket];
    if (!socket.closed) await within(20, "the connection's end", once(socket, "close"));
  });
});
