import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { mqtt5 } from "aws-iot-device-sdk-v2";
import { expect } from "chai";
import { within } from "../../../common/waitFor";
import { afterFailure } from "../../../devices/afterFailure";
import { Connection } from "../../../devices/connection";
import { NotDelivered } from "../../../devices/errors";
import { exitCleanly } from "../../../devices/nativeExit";

/** MQTT 5's CONNACK: a new session, success, no properties. */
const accepted = Buffer.from([0x20, 3, 0, 0, 0]);

/** With the SDK's own client, which tells once that it has stopped, and a server that lets everybody in. */
describe("devices: a connection", () => {
  let server: Server;
  let sockets: Socket[];
  let client: mqtt5.Mqtt5Client;
  let connection: Connection;
  beforeEach(async () => {
    exitCleanly();
    sockets = [];
    server = createServer((socket) => {
      sockets.push(socket);
      socket.once("data", () => socket.write(accepted)).on("error", () => {});
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    client = new mqtt5.Mqtt5Client({
      hostName: "127.0.0.1",
      port,
      minReconnectDelayMs: 10,
      maxReconnectDelayMs: 50,
      ackTimeoutSeconds: 2,
    });
    connection = Reflect.construct(Connection, [client, { host: "127.0.0.1", port, thingName: "lamp" }]);
    const up = once(connection, "up");
    client.start();
    await up;
  });
  afterEach(() => {
    client.stop();
    server.close();
    for (const socket of sockets) socket.destroy();
  });

  const leave = () => within(20, "the device's goodbye", connection.close());
  const suspended = async () => {
    const stopped = once(client, "stopped");
    connection.suspend();
    await stopped;
  };

  it("is left", leave);

  it("is left on the way into a pause", async () => {
    connection.suspend();
    await leave();
  });

  it("is left in a pause: the client has stopped, and tells it no more", async () => {
    await suspended();
    await leave();
  });

  it("is left after a pause, and ends", async () => {
    await suspended();
    const up = once(connection, "up");
    connection.resume();
    await up;
    const gone = once(sockets.at(-1) as Socket, "close");
    await leave();
    await within(20, "the connection's end", gone);
  });

  it("is left with a server that reads nothing any more", async () => {
    sockets[0]?.pause();
    // More than the two sockets take in between.
    for (let at = 0; at < 200; at++) connection.publish("a", Buffer.alloc(128 * 1024)).catch(() => {});
    await leave();
  });

  it("is left for good: nobody comes back, not even when a pause was to end just then", async () => {
    client.start = () => expect.fail("it came back");
    const left = leave();
    connection.resume();
    await left;
    connection.resume();
  });

  it("keeps a message for later that a server does not acknowledge, as on a link that died silently", async () => {
    const error = await connection.publish("a", "b").catch((error) => error);
    expect(error).to.be.instanceOf(NotDelivered).with.property("reason", "noAnswer");
    expect(afterFailure(error)).to.equal("later");
    await leave();
  });
});
