import * as net from "node:net";
import { expect } from "chai";
import { openFrontDoor } from "../../../sandbox/frontDoor";
import { useDoorway } from "./doorway";

describe("the front door", () => {
  const doorway = useDoorway();

  /** Sends bytes as they are and reads until the server has answered and closed. */
  const raw = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = net.connect(Number(new URL(doorway.door.endpoint).port), "127.0.0.1", () => socket.write(text));
      let received = "";
      socket.on("data", (chunk) => {
        received += chunk;
      });
      socket.on("end", () => resolve(received)).on("error", reject);
    });

  const requests: { what: string; sent: string[]; body?: string; method: string; url: string; arrives: string }[] = [
    {
      what: "the raw path, with what a URL parser would tidy up",
      sent: ["GET /a%2Fb/../c//d%20e?x=1&x=%7E&empty&plus=+ HTTP/1.1", "Host: bucket.localhost:1234"],
      method: "GET",
      url: "/a%2Fb/../c//d%20e?x=1&x=%7E&empty&plus=+",
      arrives: "",
    },
    {
      what: "a body of known length",
      sent: ["PUT /x HTTP/1.1", "Host: h", "X-Amz-Meta-A: 1", "x-amz-meta-a: 2", "Content-Length: 5"],
      body: "hello",
      method: "PUT",
      url: "/x",
      arrives: "hello",
    },
    {
      what: "a chunked body",
      sent: ["POST /x HTTP/1.1", "host: h", "Transfer-Encoding: chunked"],
      body: "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
      method: "POST",
      url: "/x",
      arrives: "hello",
    },
    {
      what: "a POST without a body",
      sent: ["POST /x HTTP/1.1", "Host: h"],
      method: "POST",
      url: "/x",
      arrives: "",
    },
  ];
  for (const { what, sent, body = "", method, url, arrives } of requests) {
    it(`passes on ${what}`, async () => {
      const received = await raw(`${[...sent, "Connection: close"].join("\r\n")}\r\n\r\n${body}`);
      expect(received)
        .to.match(/^HTTP\/1\.1 200 OK\r\n/)
        .and.match(/fine/);
      expect(doorway.seen).to.have.length(1);
      expect(doorway.seen[0]).to.deep.include({ method, url, body: Buffer.from(arrives) });
      const pairs = sent.slice(1).map((line) => line.split(": "));
      const arrived = pairsOf(doorway.seen[0]!.rawHeaders);
      expect(arrived.slice(0, pairs.length), "names, order, repetitions").to.deep.equal(pairs);
      const framed = sent.some((line) => line.startsWith("Transfer-Encoding"));
      expect(arrived.some(([name]) => name === "Transfer-Encoding")).to.equal(framed);
    });
  }

  it("says that the client came by TLS, as every client of AWS does, over one connection that it keeps", async () => {
    let connections = 0;
    doorway.behind.on("connection", () => connections++);
    for (let call = 0; call < 5; call++) {
      await (await fetch(doorway.door.endpoint, { method: "POST", body: "x" })).text();
    }
    for (const { rawHeaders } of doorway.seen) {
      expect(pairsOf(rawHeaders)).to.deep.include(["X-Forwarded-Proto", "https"]);
    }
    expect({ calls: doorway.seen.length, connections }).to.deep.equal({ calls: 5, connections: 1 });
  });

  it("passes back status, headers and body as they are", async () => {
    doorway.answer = (_, response) => {
      response.writeHead(299, "So So", ["X-Two", "1", "X-Two", "2", "Set-Cookie", "a=1", "Set-Cookie", "b=2"]);
      response.write("in ");
      response.end("parts");
    };
    const received = await raw("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(received).to.match(
      /^HTTP\/1\.1 299 So So\r\nX-Two: 1\r\nX-Two: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n/,
    );
    expect(received).to.match(/in .*parts/s);
  });

  it("streams: the first half of an answer is there before the second is written", async () => {
    let second = () => {};
    doorway.answer = (_, response) => {
      response.write("first");
      second = () => response.end("second");
    };
    const response = await fetch(doorway.door.endpoint);
    const reader = response.body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).to.equal("first");
    second();
    expect(Buffer.from((await reader.read()).value!).toString()).to.equal("second");
  });

  it("passes an upgrade through in both directions", async () => {
    doorway.behind.on("upgrade", (request, socket, first) => {
      const { upgrade } = request.headers;
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${upgrade}\r\nConnection: Upgrade\r\n\r\n`);
      socket.unshift(first);
      socket.once("data", (chunk) => socket.end(`echo ${chunk}`));
    });
    const head = "GET /mqtt HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    const received = await raw(`${head}frame`);
    expect(received)
      .to.match(/^HTTP\/1\.1 101 /)
      .and.match(/Upgrade: websocket/)
      .and.match(/echo frame$/);
  });

  it("closes although an upgraded connection is open", async () => {
    const open = await openFrontDoor(0, () => {});
    open.setUpstream(doorway.behindUrl);
    const endedBehind = new Promise((resolve) => {
      doorway.behind.on("upgrade", (_, socket) => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
        socket.resume().once("end", () => socket.end(resolve));
      });
    });
    const client = net.connect(Number(new URL(open.endpoint).port), "127.0.0.1");
    client.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    await new Promise((resolve) => client.once("data", resolve));
    const ended = new Promise((resolve) => client.once("close", resolve));
    await open.close();
    await Promise.all([ended, endedBehind]);
  });

  for (const when of ["before the answer", "in the middle of the answer"]) {
    it(`ends the request behind it when the client goes ${when}`, async () => {
      const client = new AbortController();
      const gone = new Promise((resolve) => {
        doorway.answer = (_, response) => {
          response.once("close", resolve);
          if (when === "before the answer") {
            client.abort();
          } else {
            response.write("first");
          }
        };
      });
      const response = await fetch(doorway.door.endpoint, { signal: client.signal }).catch(() => undefined);
      expect(response?.status).to.equal(when === "before the answer" ? undefined : 200);
      client.abort();
      await gone;
    });
  }

  it("says 503 while nothing is behind it, and when that is gone", async () => {
    const early = await openFrontDoor(0, () => {});
    expect((await fetch(early.endpoint)).status).to.equal(503);
    early.setUpstream("http://127.0.0.1:1");
    expect((await fetch(early.endpoint)).status).to.equal(503);
    await early.close();
  });
});

function pairsOf(rawHeaders: readonly string[]): string[][] {
  return rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1]!]] : []));
}
