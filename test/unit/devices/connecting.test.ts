import { EventEmitter } from "node:events";
import { writeFileSync } from "node:fs";
import type { mqtt5 } from "aws-iot-device-sdk-v2";
import { expect } from "chai";
import sinon from "sinon";
import { afterFailure } from "../../../devices/afterFailure";
import { explain, type Failure } from "../../../devices/connectionFaults";
import { readCredentials } from "../../../devices/credentials";
import {
  ConnectionError,
  type ConnectionFault,
  InvalidMessage,
  NotDelivered,
  Refused,
  ShadowRejected,
} from "../../../devices/errors";
import { firstConnect } from "../../../devices/firstConnect";
import { Subscriptions } from "../../../devices/subscriptions";
import { explainTls } from "../../../devices/tlsProbe";
import { temporaryFolder } from "./temporaryFolder";

const at = { host: "iot.example.com", port: 8883, thingName: "lamp" };

describe("devices: what a failure means", () => {
  const failures: readonly [Failure, ConnectionFault, RegExp][] = [
    [
      { error: "AWS_IO_SOCKET_CONNECTION_REFUSED", connected: false },
      "unreachable",
      /nothing listens at iot.example.com:8883/,
    ],
    [{ error: "AWS_IO_DNS_INVALID_NAME", connected: false }, "unreachable", /iot.example.com is no known host name/],
    [{ error: "AWS_IO_SOCKET_TIMEOUT", connected: false }, "unreachable", /does not answer/],
    [{ error: "AWS_ERROR_MQTT5_CONNACK_TIMEOUT", connected: false }, "unreachable", /does not answer/],
    [
      { error: "AWS_IO_TLS_ERROR_NEGOTIATION_FAILURE", connected: false },
      "untrustedServer",
      /CA that the device trusts/,
    ],
    [{ error: "AWS_IO_SOCKET_CLOSED", connected: false }, "certificateRefused", /ACTIVE.*iot:Connect on client\/lamp/],
    [
      { error: "AWS_ERROR_MQTT_UNEXPECTED_HANGUP", connected: false },
      "certificateRefused",
      /registered in this account/,
    ],
    [{ error: "x", reasonCode: 0x87, connected: false }, "notAllowed", /allow iot:Connect on client\/lamp/],
    [{ error: "x", reasonCode: 0x85, connected: false }, "notAllowed", /reason code 133/],
    [{ error: "x", reasonCode: 0x9f, connected: false }, "throttled", /more slowly/],
    [{ error: "x", reasonCode: 0x87, connected: true }, "notAllowed", /IoT policy does not allow/],
    [{ error: "x", reasonCode: 0x8e, connected: true }, "takenOver", /Two devices share one identity/],
    [{ error: "x", reasonCode: 0x97, connected: true }, "throttled", /asked too much/],
    [{ error: "x", reasonCode: 0x8d, connected: true }, "lost", /reason code 141/],
    [{ error: "AWS_IO_SOCKET_CLOSED", connected: true }, "lost", /was lost \(AWS_IO_SOCKET_CLOSED\)/],
    [{ connected: true }, "lost", /unknown error/],
  ];
  for (const [failure, fault, message] of failures) {
    it(`${JSON.stringify(failure)}: ${fault}`, () => {
      const error = explain(failure, at);
      expect(error).to.be.instanceOf(ConnectionError);
      expect(error.fault).to.equal(fault);
      expect(error.message).to.match(message);
    });
  }

  const codes: readonly [code: string, fault: ConnectionFault, message: RegExp][] = [
    ["SELF_SIGNED_CERT_IN_CHAIN", "untrustedServer", /CA that the device does not trust/],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "untrustedServer", /caPath/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "untrustedServer", /for another host name/],
    ["CERT_NOT_YET_VALID", "untrustedServer", /By the device's clock/],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "untrustedServer", /does not speak TLS/],
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "certificateRefused", /ALERT_UNKNOWN_CA/],
    ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED", "certificateRefused", /not REVOKED/],
    ["ECONNRESET", "certificateRefused", /ECONNRESET/],
    ["ECONNREFUSED", "unreachable", /nothing listens/],
    ["ENOTFOUND", "unreachable", /no known host name/],
  ];
  for (const [code, fault, message] of codes) {
    it(`${code}: ${fault}`, () => {
      const error = explainTls(code, at);
      expect(error.fault).to.equal(fault);
      expect(error.message).to.match(message);
    });
  }

  const lost = (fault: ConnectionFault) => new ConnectionError(fault, fault);
  const afterwards: readonly [unknown, string][] = [
    [lost("lost"), "onReconnect"],
    [lost("takenOver"), "onReconnect"],
    [lost("throttled"), "onReconnect"],
    [lost("notAllowed"), "suspect"],
    [new Refused("policy", 0x87), "giveUp"],
    [new Refused("policy"), "giveUp"],
    [new Refused("quota", 0x97), "later"],
    [new ShadowRejected(400, "Invalid JSON"), "giveUp"],
    [new ShadowRejected(409, "Version conflict"), "giveUp"],
    [new ShadowRejected(429, "Too many requests"), "later"],
    [new ShadowRejected(500, "Internal service failure"), "later"],
    [new NotDelivered("noAnswer", "x"), "later"],
    [new NotDelivered("unknown", "x"), "giveUp"],
    [new InvalidMessage("x"), "giveUp"],
    [new Error("x"), "giveUp"],
  ];
  for (const [error, after] of afterwards) {
    it(`${error}: ${after}`, () => expect(afterFailure(error)).to.equal(after));
  }
});

describe("devices: the first connection", () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => clock.restore());

  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const none = { certificate: "", key: "" };

  function begin(patience = 30_000, endpoint = at) {
    const client = Object.assign(new EventEmitter(), { start: sinon.spy() });
    let outcome = "pending";
    firstConnect(client as unknown as mqtt5.Mqtt5Client, endpoint, none, patience).then(
      () => (outcome = "connected"),
      (error: ConnectionError) => (outcome = error.fault),
    );
    const fail = (name: string, reasonCode?: number) => {
      client.emit("attemptingConnect");
      client.emit("connectionFailure", {
        error: { error_name: name, message: name },
        ...(reasonCode === undefined ? {} : { connack: { reasonCode } }),
      });
    };
    const result = async () => {
      await turn();
      return outcome;
    };
    return { client, fail, result };
  }

  it("waits for what may pass", async () => {
    const { client, fail, result } = begin();
    for (let at = 0; at < 20; at++) fail("AWS_IO_SOCKET_CONNECTION_REFUSED");
    expect(await result()).to.equal("pending");
    client.emit("connectionSuccess", {});
    expect(await result()).to.equal("connected");
  });

  it("waits only so long, and tells the last failure", async () => {
    const { fail, result } = begin(5000);
    fail("AWS_IO_SOCKET_CONNECTION_REFUSED");
    clock.tick(4999);
    expect(await result()).to.equal("pending");
    clock.tick(1);
    expect(await result()).to.equal("unreachable");
  });

  it("gives up at once when the policy says no", async () => {
    const { fail, result } = begin();
    fail("AWS_ERROR_MQTT5_CONNACK_CONNECTION_REFUSED", 0x87);
    expect(await result()).to.equal("notAllowed");
  });

  it("waits for a busy server", async () => {
    const { fail, result } = begin();
    fail("AWS_ERROR_MQTT5_CONNACK_CONNECTION_REFUSED", 0x89);
    expect(await result()).to.equal("pending");
  });

  it("gives up when the door is closed three times, which is not chance", async () => {
    const { fail, result } = begin();
    fail("AWS_IO_SOCKET_CLOSED");
    fail("AWS_IO_SOCKET_CLOSED");
    expect(await result()).to.equal("pending");
    fail("AWS_IO_SOCKET_CLOSED");
    expect(await result()).to.equal("certificateRefused");
  });

  it("leaves no listener and no timer behind", async () => {
    const { client, result } = begin();
    client.emit("attemptingConnect");
    client.emit("connectionSuccess", {});
    await result();
    expect(client.eventNames()).to.deep.equal([]);
    expect(clock.countTimers()).to.equal(0);
  });
});

describe("devices: subscriptions", () => {
  function setUp() {
    const asked: string[] = [];
    let answer: () => Promise<void> = async () => {};
    const subscriptions = new Subscriptions((filter) => {
      asked.push(filter);
      return answer();
    });
    return { subscriptions, asked, answerWith: (next: () => Promise<void>) => (answer = next) };
  }
  const offline = () => Promise.reject(new ConnectionError("lost", "offline"));
  const forbidden = () => Promise.reject(new Refused("no", 0x87));
  const unexpected = (error: unknown) => expect.fail(String(error));

  it("are made again in a new session, and not in one that the server kept", async () => {
    const { subscriptions, asked } = setUp();
    await subscriptions.add("a", () => {});
    await subscriptions.restore(true, unexpected);
    expect(asked).to.deep.equal(["a"]);
    await subscriptions.restore(false, unexpected);
    expect(asked).to.deep.equal(["a", "a"]);
  });

  it("wait for the connection", async () => {
    const { subscriptions, asked, answerWith } = setUp();
    answerWith(offline);
    await subscriptions.add("a", () => {});
    answerWith(async () => {});
    await subscriptions.restore(true, unexpected);
    expect(asked).to.deep.equal(["a", "a"]);
  });

  it("tell of a refusal, and forget it", async () => {
    const { subscriptions, asked, answerWith } = setUp();
    answerWith(forbidden);
    const error = await subscriptions.add("a", () => {}).catch((error) => error);
    expect(error).to.be.instanceOf(Refused);
    await subscriptions.restore(false, unexpected);
    expect(asked).to.deep.equal(["a"]);
  });

  it("tell of a refusal after coming back, and make the others", async () => {
    const { subscriptions, asked, answerWith } = setUp();
    await subscriptions.add("a", () => {});
    await subscriptions.add("b", () => {});
    const refusals: unknown[] = [];
    answerWith(() => (asked.at(-1) === "a" ? forbidden() : Promise.resolve()));
    await subscriptions.restore(false, (error) => refusals.push(error));
    expect(refusals).to.have.length(1);
    expect(asked.slice(2)).to.deep.equal(["a", "b"]);
  });

  it("hand each message to all that match, text and bytes alike", async () => {
    const { subscriptions } = setUp();
    const heard: string[] = [];
    await subscriptions.add("a/+", (payload, topic) => heard.push(`1 ${topic} ${payload}`));
    await subscriptions.add("#", (payload, topic) => heard.push(`2 ${topic} ${payload}`));
    subscriptions.dispatch({ topicName: "a/b", qos: 1, payload: new TextEncoder().encode("hi").buffer });
    subscriptions.dispatch({ topicName: "c", qos: 1 });
    expect(heard).to.deep.equal(["1 a/b hi", "2 a/b hi", "2 c "]);
  });

  it("refuse a malformed filter before asking", async () => {
    const { subscriptions, asked } = setUp();
    expect(await subscriptions.add("a/#/b", () => {}).catch((error) => error)).to.be.instanceOf(InvalidMessage);
    expect(asked).to.deep.equal([]);
  });
});

describe("devices: credentials", () => {
  const folder = temporaryFolder();
  const file = (name: string, content: string) => {
    const path = `${folder()}/${name}`;
    writeFileSync(path, content);
    return path;
  };

  const cases: readonly [name: string, options: () => Parameters<typeof readCredentials>[0], message: RegExp][] = [
    ["no certificate", () => ({ keyPem: "x" }), /There is no device certificate/],
    ["no key", () => ({ certificatePem: "x" }), /There is no private key/],
    [
      "a file that is not there",
      () => ({ certificatePath: "/nowhere/a.pem", keyPem: "x" }),
      /\/nowhere\/a\.pem cannot be read: there is no such file/,
    ],
    ["a folder", () => ({ certificatePath: folder(), keyPem: "x" }), /cannot be read: EISDIR/],
    [
      "no PEM",
      () => ({ certificatePath: file("a.pem", "hello"), keyPem: "x" }),
      /The certificate .*a\.pem is not one in PEM form/,
    ],
  ];
  for (const [name, options, message] of cases) {
    it(name, () => {
      expect(() => readCredentials(options()))
        .to.throw(ConnectionError, message)
        .with.property("fault", "credentials");
    });
  }
});
