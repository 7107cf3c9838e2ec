import { createSocket, type Socket } from "node:dgram";
import { expect } from "chai";
import { waitFor } from "../../../common/waitFor";
import { traced } from "../../../functions/runtime/tracing";

const header = "Root=1-66f0a1b2-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1";

describe("a traced piece of work", () => {
  let daemon: Socket;
  const received: string[] = [];
  const { _X_AMZN_TRACE_ID, AWS_XRAY_DAEMON_ADDRESS } = process.env;

  beforeEach((done) => {
    received.length = 0;
    daemon = createSocket("udp4");
    daemon.on("message", (message) => received.push(message.toString()));
    daemon.bind(0, "127.0.0.1", () => {
      process.env.AWS_XRAY_DAEMON_ADDRESS = `127.0.0.1:${daemon.address().port}`;
      process.env._X_AMZN_TRACE_ID = header;
      done();
    });
  });
  afterEach((done) => {
    for (const [name, value] of Object.entries({ _X_AMZN_TRACE_ID, AWS_XRAY_DAEMON_ADDRESS })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    daemon.close(done);
  });

  const segment = () =>
    waitFor("a segment", () => {
      const [head, body = "{}"] = received[0]?.split("\n") ?? [];
      return head ? { head: JSON.parse(head), body: JSON.parse(body) } : undefined;
    });

  it("is a subsegment of the call's trace, found by its annotations", async () => {
    expect(await traced("remind", { thing: "cooler-1" }, async () => "told")).to.equal("told");
    const { head, body } = await segment();
    expect(head).to.deep.equal({ format: "json", version: 1 });
    const { id, start_time, end_time, ...rest } = body;
    expect(rest).to.deep.equal({
      name: "remind",
      type: "subsegment",
      trace_id: "1-66f0a1b2-0123456789abcdef01234567",
      parent_id: "0123456789abcdef",
      annotations: { thing: "cooler-1" },
    });
    expect(id).to.match(/^[0-9a-f]{16}$/);
    expect(end_time).to.be.within(start_time, Date.now() / 1000);
  });

  it("is told as a fault when it fails, and fails all the same", async () => {
    const error = await traced("remind", { thing: "cooler-1" }, async () => {
      throw new Error("no such topic");
    }).catch((reason) => reason);
    expect(error.message).to.equal("no such topic");
    expect((await segment()).body.fault).to.equal(true);
  });

  const silent: [string, NodeJS.ProcessEnv][] = [
    ["a call that was not sampled", { _X_AMZN_TRACE_ID: header.replace("Sampled=1", "Sampled=0") }],
    ["a call without a trace", { _X_AMZN_TRACE_ID: "" }],
    ["a place without a daemon", { AWS_XRAY_DAEMON_ADDRESS: "" }],
  ];
  for (const [what, environment] of silent) {
    it(`says nothing of ${what}, and does its work`, async () => {
      Object.assign(process.env, environment);
      expect(await traced("remind", {}, async () => "told")).to.equal("told");
      // What is sent arrives in the order in which it was sent, so nothing came before this.
      Object.assign(process.env, {
        _X_AMZN_TRACE_ID: header,
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
      });
      await traced("after", {}, async () => undefined);
      expect((await segment()).body.name).to.equal("after");
    });
  }

  it("does its work when nobody listens", async () => {
    process.env.AWS_XRAY_DAEMON_ADDRESS = "127.0.0.1:1";
    expect(await traced("remind", {}, async () => "told")).to.equal("told");
    process.env.AWS_XRAY_DAEMON_ADDRESS = "no-such-host.invalid:2000";
    expect(await traced("remind", {}, async () => "told")).to.equal("told");
  });
});
