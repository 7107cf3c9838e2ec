import { createSocket, type Socket } from "node:dgram";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { type SinonStub, stub } from "sinon";
import { waitFor } from "../../../common/waitFor";
import { type ApiAnswer, api } from "../../../functions/api/answer";
import { refusal } from "../../../functions/api/problem";
import { type JobEnded, type ReleaseStep, releaseSteps } from "../../../functions/firmware/releaseSteps";
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

  describe("of a route of the API", () => {
    let logs: SinonStub[];
    beforeEach(() => {
      logs = [stub(console, "info"), stub(console, "error")];
    });
    afterEach(() => {
      for (const log of logs) log.restore();
    });
    /** The segment of a request whose path has some parameters, and the status that it is answered with. */
    async function segmentOf(pathParameters: Record<string, string> | null, route: () => Promise<ApiAnswer>) {
      const event = {
        httpMethod: "GET",
        resource: "/a/{b}",
        pathParameters,
        requestContext: { authorizer: { sub: "s" } },
      };
      const { statusCode } = await api(route)(event as never, {} as never);
      const { name, annotations, fault } = (await segment()).body;
      expect(name).to.equal("route");
      return { statusCode, annotations, fault };
    }
    const found = async () => ({ body: {} });
    const route = "GET /a/{b}";

    const cases: [string, Record<string, string> | null, object][] = [
      ["a thing", { thingName: "cooler-1", openedAt: "now" }, { route, thing: "cooler-1" }],
      ["a job", { app: "cooler", jobId: "cooler-2_0-1" }, { route, job: "cooler-2_0-1" }],
      ["neither", null, { route }],
    ];
    for (const [what, parameters, annotations] of cases) {
      it(`is annotated with ${what} that its path names`, async () => {
        const expected = { statusCode: 200, annotations, fault: undefined };
        expect(await segmentOf(parameters, found)).to.deep.equal(expected);
      });
    }

    it("is no fault when the caller is refused", async () => {
      const { statusCode, fault } = await segmentOf(null, async () => {
        throw refusal("unknown-thing", "There is none.");
      });
      expect([statusCode, fault]).to.deep.equal([404, undefined]);
    });

    it("is a fault when something goes wrong on our side", async () => {
      const { statusCode, fault } = await segmentOf(null, async () => {
        throw new Error("the table is gone");
      });
      expect([statusCode, fault]).to.deep.equal([500, true]);
    });
  });

  describe("of a release's steps", () => {
    const { AWS_REGION } = process.env;
    let send: SinonStub;
    beforeEach(() => {
      process.env.AWS_REGION = "eu-central-1";
      // No release is found, so nothing is to be done.
      send = stub(DynamoDBDocumentClient.prototype, "send").resolves({});
    });
    afterEach(() => {
      send.restore();
      if (AWS_REGION === undefined) delete process.env.AWS_REGION;
      else process.env.AWS_REGION = AWS_REGION;
    });

    const cases: [string, ReleaseStep | JobEnded, string][] = [
      ["that the machine takes", { app: "cooler", jobId: "cooler-2_0-1", step: "group" }, "release group"],
      ["that the end of a job asks for", { job_id: "cooler-2_0-1" }, "release follow"],
    ];
    for (const [what, event, name] of cases) {
      it(`is annotated with app and job, for one ${what}`, async () => {
        expect(await releaseSteps()(event)).to.deep.equal({ ended: true });
        const { body } = await segment();
        expect(body).to.deep.include({ name, annotations: { app: "cooler", job: "cooler-2_0-1" } });
      });
    }
  });
});
