import { EventEmitter } from "node:events";
import { expect } from "chai";
import type { Connection } from "../../../devices/connection";
import type { JsonObject } from "../../../devices/core/json";
import { Refused, ShadowRejected } from "../../../devices/errors";
import { type ShadowRequest, Shadows } from "../../../devices/shadows";
import type { MessageHandler } from "../../../devices/subscriptions";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A connection that keeps what is published, for the test to answer. */
function setUp(count = 10) {
  const kept = new Map<number, ShadowRequest>();
  const keeper = {
    keep: (order: number, request: ShadowRequest) => void kept.set(order, request),
    forget: (order: number) => void kept.delete(order),
  };
  const capacity = { count, bytes: 10_000 };
  const dropped: string[] = [];
  const handlers = new Map<string, MessageHandler>();
  const published: { readonly topic: string; readonly body: JsonObject }[] = [];
  const subscribed: string[] = [];
  const forbidden = new Set<string>();
  const deltaFailures: unknown[] = [];
  const connection = Object.assign(new EventEmitter(), {
    connected: true,
    whileUp: (begin: () => Promise<unknown>) => begin(),
    publish: async (topic: string, payload: string) => {
      published.push({ topic, body: JSON.parse(payload) });
    },
    subscribe: async (filter: string, handler: MessageHandler) => {
      subscribed.push(filter);
      if (forbidden.has(filter)) throw new Refused("no", 0x87);
      handlers.set(filter, handler);
    },
  });
  const shadows = new Shadows(connection as unknown as Connection, "lamp", capacity, keeper, {
    onDropped: (topic) => dropped.push(topic),
    onDeltaFailed: (error) => deltaFailures.push(error),
    onGivenUp: () => {},
  });
  shadows.cameUp();
  const say = (topic: string, message: JsonObject | string) => {
    const payload = Buffer.from(typeof message === "string" ? message : JSON.stringify(message));
    handlers.get(topic)?.(payload, topic);
    return turn();
  };
  const last = () => published.at(-1) as (typeof published)[number];
  /** Answers the request that was published last. */
  const answer = (outcome: "accepted" | "rejected", message: JsonObject) =>
    say(`${last().topic}/${outcome}`, { ...message, clientToken: last().body.clientToken as string });
  return { shadows, published, handlers, subscribed, forbidden, deltaFailures, say, last, answer, kept, dropped };
}

const update = "$aws/things/lamp/shadow/update";
const get = "$aws/things/lamp/shadow/get";

describe("devices: shadows", () => {
  it("ask one thing at a time, so that reports cannot overtake each other", async () => {
    const { shadows, published, answer } = setUp();
    const reports = [1, 2, 3].map((n) => shadows.report({ n }, {}));
    for (const version of [1, 2, 3]) {
      await turn();
      expect(published).to.have.length(version);
      expect(published.at(-1)?.body.state).to.deep.equal({ reported: { n: version } });
      await answer("accepted", { version });
    }
    expect(await Promise.all(reports)).to.deep.equal([1, 2, 3]);
  });

  it("throw away no report, but what is for an answer: reports become one", async () => {
    const { shadows, kept, dropped } = setUp(2);
    const refused: string[] = [];
    const ask = (what: string, work: Promise<unknown>) => work.catch(() => refused.push(what));
    // Under way, so that the others wait.
    void shadows.report({ n: 0 }, {});
    void shadows.report({ n: 1 }, { shadowName: "settings" });
    void shadows.report({ n: 2, a: 5 }, {});
    void ask("get", shadows.get({}));
    void ask("with a version", shadows.report({ n: 3 }, { version: 7 }));
    void shadows.report({ n: 4 }, {});
    void shadows.report({ a: { b: 1 } }, {});
    await turn();
    expect(refused).to.deep.equal(["get", "with a version"]);
    expect(dropped).to.deep.equal(["$aws/things/lamp/shadow", "$aws/things/lamp/shadow"]);
    expect([...kept.values()].map(({ shadowName, patch }) => [shadowName, patch])).to.deep.equal([
      [undefined, { n: 0 }],
      ["settings", { n: 1 }],
      [undefined, { n: 4, a: 5 }],
      // An object over a value: together they would leave what was below before.
      [undefined, { a: { b: 1 } }],
    ]);
  });

  it("keep reports for another life, and nothing that is for an answer", async () => {
    const { shadows, kept, answer } = setUp();
    void shadows.report({ n: 1 }, {});
    void shadows.report({ n: 2 }, { version: 7 }).catch(() => {});
    void shadows.get({}).catch(() => {});
    await turn();
    expect([...kept.values()]).to.deep.equal([{ patch: { n: 1 } }]);
    await answer("accepted", { version: 1 });
    expect([...kept.values()]).to.deep.equal([]);
  });

  it("know their answers by the token, and subscribe to them once", async () => {
    const { shadows, say, handlers, answer } = setUp();
    const report = shadows.report({ on: true }, { version: 4 });
    await turn();
    const own = [...handlers.keys()];
    expect(own).to.have.members([`${update}/accepted`, `${update}/rejected`, `${get}/accepted`, `${get}/rejected`]);
    // An app's update, somebody else's refusal, and nonsense.
    await say(`${update}/accepted`, { version: 5, clientToken: "app" });
    await say(`${update}/accepted`, { version: 6 });
    await say(`${update}/rejected`, { code: 409, message: "Version conflict", clientToken: "other" });
    await say(`${update}/rejected`, "<html>");
    await answer("accepted", { version: 7 });
    expect(await report).to.equal(7);
  });

  const rejections: readonly [name: string, message: JsonObject, code: number][] = [
    ["with the token", { code: 409, message: "Version conflict" }, 409],
    ["of a named code", { code: 404, message: "No shadow exists with name: lamp" }, 404],
  ];
  for (const [name, message, code] of rejections) {
    it(`tell of a rejection ${name}`, async () => {
      const { shadows, answer } = setUp();
      const failure = shadows.get({}).catch((error) => error);
      await turn();
      await answer("rejected", message);
      const error = await failure;
      expect(error).to.be.instanceOf(ShadowRejected);
      expect(error.code).to.equal(code);
      expect(error.message).to.equal(message.message);
    });
  }

  it("take a rejection without a token, as AWS gives for what it did not read to the end, but not one of bad JSON", async () => {
    const { shadows, say } = setUp();
    let outcome: unknown;
    void shadows.report({ a: 1 }, {}).catch((error) => {
      outcome = error;
    });
    await turn();
    await say(`${update}/rejected`, { code: 400, message: "Invalid JSON" });
    expect(outcome).to.equal(undefined);
    await say(`${get}/rejected`, { code: 413, message: "of another request" });
    expect(outcome).to.equal(undefined);
    await say(`${update}/rejected`, { code: 413, message: "The payload exceeds the maximum size allowed" });
    expect((outcome as ShadowRejected).code).to.equal(413);
  });

  it("fetch on every connection what was desired meanwhile, and report what the handler did", async () => {
    const { shadows, published, last, answer } = setUp();
    await shadows.follow((delta) => delta, {});
    await turn();
    expect(last().topic).to.equal(get);
    await answer("accepted", { version: 1, state: { desired: {}, reported: {} } });

    shadows.cameUp();
    await turn();
    expect(last().topic).to.equal(get);
    const desired = { on: true, level: 3 };
    const metadata = { desired: { on: { timestamp: 1 }, level: { timestamp: 1 } } };
    await answer("accepted", { version: 2, state: { desired, reported: { level: 3 }, delta: { on: true } }, metadata });
    expect(last().topic).to.equal(update);
    expect(last().body.state).to.deep.equal({ reported: { on: true } });
    await answer("accepted", { version: 3 });
    const { length } = published;
    await turn();
    expect(published).to.have.length(length);
  });

  it("fetch once for many connections that broke before the answer came", async () => {
    const { shadows, published, answer } = setUp();
    await shadows.follow(() => {}, {});
    for (let at = 0; at < 5; at++) shadows.cameUp();
    await turn();
    expect(shadows.requests.size).to.equal(1);
    await answer("accepted", { version: 1, state: {} });
    expect(published).to.have.length(1);
    shadows.cameUp();
    await turn();
    expect(published).to.have.length(2);
  });

  it("can report once the policy allows it, and subscribe to nothing twice", async () => {
    const { shadows, forbidden, subscribed, answer } = setUp();
    forbidden.add(`${get}/accepted`);
    expect(await shadows.report({ a: 1 }, {}).catch((error) => error)).to.be.instanceOf(Refused);
    forbidden.clear();
    const report = shadows.report({ a: 1 }, {});
    await turn();
    await answer("accepted", { version: 1 });
    expect(await report).to.equal(1);
    expect(subscribed.filter((filter) => filter !== `${get}/accepted`)).to.have.members([
      `${update}/accepted`,
      `${update}/rejected`,
      `${get}/rejected`,
    ]);
  });

  it("do not mind that there is no shadow yet", async () => {
    const { shadows, answer, deltaFailures } = setUp();
    await shadows.follow(() => {}, {});
    await turn();
    await answer("rejected", { code: 404, message: "No shadow exists with name: lamp" });
    expect(deltaFailures).to.deep.equal([]);
  });

  it("can be followed once the policy allows it", async () => {
    const { shadows, forbidden } = setUp();
    forbidden.add(`${update}/delta`);
    expect(await shadows.follow(() => {}, {}).catch((error) => error)).to.be.instanceOf(Refused);
    forbidden.clear();
    await shadows.follow(() => {}, {});
  });

  it("have one follower each", async () => {
    const { shadows } = setUp();
    await shadows.follow(() => {}, {});
    await shadows.follow(() => {}, { shadowName: "settings" });
    const error = await shadows.follow(() => {}, {}).catch((error) => error);
    expect(error.message).to.include("has a delta handler already");
  });

  it("keep named shadows to their own topics", async () => {
    const { shadows, last } = setUp();
    void shadows.report({ a: 1 }, { shadowName: "settings" }).catch(() => {});
    await turn();
    expect(last().topic).to.equal("$aws/things/lamp/shadow/name/settings/update");
    shadows.close();
  });
});
