import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import * as sinon from "sinon";
import { adoptMiniStack } from "../../../sandbox/ministack/adopt";
import { MINISTACK_VERSION } from "../../../sandbox/ministack/version";

const HEALTHY = { version: MINISTACK_VERSION, auth: "enabled", iot_mtls: "listening" };

describe("adopting a MiniStack that runs already", () => {
  let server: http.Server;
  let url: string;
  let answer: { status: number; body: string };

  beforeEach(async () => {
    answer = { status: 200, body: JSON.stringify(HEALTHY) };
    server = http.createServer((request, response) => {
      response.writeHead(request.url === "/_ministack/health" ? answer.status : 404).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    sinon.restore();
    server.closeAllConnections();
    server.close();
  });

  it("takes one that is healthy, with the port of its broker", async () => {
    const adopted = await adoptMiniStack(url, 18_883);
    expect(adopted).to.deep.include({ url, mqtt: { host: "127.0.0.1", port: 18_883 } });
    await adopted.stop();
    expect((await fetch(`${url}/_ministack/health`)).status, "it is not ours to stop").to.equal(200);
  });

  it("looks for the broker where MiniStack has it by default", async () => {
    const adopted = await adoptMiniStack(url, 0);
    expect(adopted.mqtt.port).to.equal(8883);
    await adopted.stop();
  });

  const refused: { what: string; answer?: object | string; status?: number; url?: string; says: RegExp }[] = [
    {
      what: "of another version",
      answer: { ...HEALTHY, version: "1.0.0" },
      says: /MiniStack 1\.0\.0 runs there\. Run/,
    },
    {
      what: "that enforces nothing",
      answer: { ...HEALTHY, auth: "disabled" },
      says: /does not enforce IAM.*AUTH=true/,
    },
    {
      what: "without a broker",
      answer: { ...HEALTHY, iot_mtls: "disabled" },
      says: /broker is disabled.*cryptography/,
    },
    { what: "that is something else", answer: "<html>Hello</html>", says: /no MiniStack answers there/ },
    { what: "that is another cloud", answer: { status: "ok" }, says: /no MiniStack answers there/ },
    { what: "that is ill", status: 500, says: /no MiniStack answers there/ },
    { what: "where nobody listens", url: "http://127.0.0.1:1", says: /no MiniStack answers there/ },
    { what: "at no address at all", url: "localhost", says: /is no http URL/ },
    { what: "at an address of something else", url: "mqtt://127.0.0.1:1883", says: /is no http URL/ },
  ];
  for (const { what, answer: body, status = 200, url: given, says } of refused) {
    it(`refuses one ${what}`, async () => {
      answer = { status, body: typeof body === "string" ? body : JSON.stringify(body ?? HEALTHY) };
      const failure = await adoptMiniStack(given ?? url, 0).catch((error) => error);
      expect(failure).to.have.property("name", "LocalCloudError");
      expect(failure.message)
        .to.match(says)
        .and.match(/^THINGSTACK_MINISTACK_URL is "/);
    });
  }

  it("says when it does not answer any more, and not for one lost answer", async () => {
    const clock = sinon.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const adopted = await adoptMiniStack(url, 0);
    let reason: string | undefined;
    void adopted.exited.then((end) => {
      reason = end.reason;
    });
    const look = async () => {
      const before = looked;
      clock.tick(2000);
      await until(() => looked > before);
    };
    let looked = 0;
    server.on("request", () => looked++);
    answer = { status: 500, body: "" };
    await look();
    answer = { status: 200, body: JSON.stringify(HEALTHY) };
    await look();
    answer = { status: 500, body: "" };
    await look();
    await look();
    expect(reason).to.equal(undefined);
    await look();
    await until(() => reason !== undefined);
    expect(reason).to.equal(`MiniStack at ${url} does not answer any more.`);
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !condition(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(condition(), "within 2 s").to.equal(true);
}
