import * as http from "node:http";
import * as net from "node:net";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { IoTClient, ListThingsCommand } from "@aws-sdk/client-iot";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { awsConfig } from "../../../sandbox/aws";
import type { AwsRequest, AwsResponse, Fill } from "../../../sandbox/fill";
import { type FrontDoor, openFrontDoor } from "../../../sandbox/frontDoor";

/** What the server behind the front door got, to the letter. */
interface Seen {
  method: string;
  url: string;
  rawHeaders: string[];
  body: Buffer;
}

describe("the front door", () => {
  let door: FrontDoor;
  let behind: http.Server;
  let seen: Seen[];
  let answer: (request: http.IncomingMessage, response: http.ServerResponse) => void;
  let logged: string[];

  beforeEach(async () => {
    seen = [];
    logged = [];
    answer = (_, response) => response.end("fine");
    behind = http.createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      const { method, url, rawHeaders } = request;
      seen.push({ method: method!, url: url!, rawHeaders, body: Buffer.concat(chunks) });
      answer(request, response);
    });
    await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
    door = await openFrontDoor(0, (text) => logged.push(text));
    door.setUpstream(`http://127.0.0.1:${(behind.address() as net.AddressInfo).port}`);
  });

  afterEach(async () => {
    await door.close();
    behind.closeAllConnections();
    await new Promise((resolve) => behind.close(resolve));
  });

  /** Sends bytes as they are and reads until the server has answered and closed. */
  const raw = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = net.connect(Number(new URL(door.endpoint).port), "127.0.0.1", () => socket.write(text));
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
      expect(seen).to.have.length(1);
      expect(seen[0]).to.deep.include({ method, url, body: Buffer.from(arrives) });
      const pairs = sent.slice(1).map((line) => line.split(": "));
      const arrived = pairsOf(seen[0]!.rawHeaders);
      expect(arrived.slice(0, pairs.length), "names, order, repetitions").to.deep.equal(pairs);
      const framed = sent.some((line) => line.startsWith("Transfer-Encoding"));
      expect(arrived.some(([name]) => name === "Transfer-Encoding")).to.equal(framed);
    });
  }

  it("says that the client came by TLS, as every client of AWS does, over one connection that it keeps", async () => {
    let connections = 0;
    behind.on("connection", () => connections++);
    for (let call = 0; call < 5; call++) {
      await (await fetch(door.endpoint, { method: "POST", body: "x" })).text();
    }
    for (const { rawHeaders } of seen) {
      expect(pairsOf(rawHeaders)).to.deep.include(["X-Forwarded-Proto", "https"]);
    }
    expect({ calls: seen.length, connections }).to.deep.equal({ calls: 5, connections: 1 });
  });

  it("passes back status, headers and body as they are", async () => {
    answer = (_, response) => {
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
    answer = (_, response) => {
      response.write("first");
      second = () => response.end("second");
    };
    const response = await fetch(door.endpoint);
    const reader = response.body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).to.equal("first");
    second();
    expect(Buffer.from((await reader.read()).value!).toString()).to.equal("second");
  });

  it("passes an upgrade through in both directions", async () => {
    behind.on("upgrade", (request, socket, first) => {
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
    open.setUpstream(`http://127.0.0.1:${(behind.address() as net.AddressInfo).port}`);
    const endedBehind = new Promise((resolve) => {
      behind.on("upgrade", (_, socket) => {
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
        answer = (_, response) => {
          response.once("close", resolve);
          if (when === "before the answer") {
            client.abort();
          } else {
            response.write("first");
          }
        };
      });
      const response = await fetch(door.endpoint, { signal: client.signal }).catch(() => undefined);
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

  describe("with a fill", () => {
    const target = () => ({ endpoint: door.endpoint, region: "eu-west-1", accountId: "111122223333" });

    it("gives it what it takes, with the credential scope and the whole body, and passes on the rest", async () => {
      const taken: AwsRequest[] = [];
      const offered: AwsRequest[] = [];
      door.addFill(
        fill({
          takes: (request) => {
            offered.push(request);
            return request.path === "/things/a b";
          },
          answer: async (request) => {
            taken.push(request);
            return { status: 201, headers: { "x-from": "fill" }, body: { things: [] } };
          },
        }),
      );
      const response = await fetch(`${door.endpoint}/things/a%20b?max=5`, {
        method: "POST",
        body: "{}",
        headers: { authorization: "AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/iot/aws4_request" },
      });
      expect([response.status, response.headers.get("x-from"), await response.json()]).to.deep.equal([
        201,
        "fill",
        { things: [] },
      ]);
      expect(taken[0]).to.deep.include({
        service: "iot",
        region: "eu-west-1",
        accessKeyId: "111122223333",
        method: "POST",
        path: "/things/a b",
        body: Buffer.from("{}"),
      });
      expect(taken[0]!.query.get("max")).to.equal("5");
      expect(offered[0]!.body, "nobody has read it yet").to.have.length(0);

      await fetch(`${door.endpoint}/other`);
      expect(seen.map(({ url }) => url)).to.deep.equal(["/other"]);
    });

    it("asks the fills in the order they were added", async () => {
      door.addFill(fill({ answer: async () => ({ status: 200, body: "first" }) }));
      door.addFill(fill({ answer: async () => ({ status: 200, body: "second" }) }));
      expect(await (await fetch(door.endpoint)).text()).to.equal("first");
    });

    const protocols: { what: string; call: () => Promise<unknown> }[] = [
      { what: "REST and JSON", call: () => new IoTClient(once()).send(new ListThingsCommand({})) },
      { what: "query and XML", call: () => new IAMClient(once()).send(new ListRolesCommand({})) },
      { what: "S3", call: () => new S3Client(once()).send(new ListBucketsCommand({})) },
    ];
    const once = () => ({ ...awsConfig(target()), maxAttempts: 1 });
    for (const { what, call } of protocols) {
      it(`turns its failure into an error the SDK knows by name (${what})`, async () => {
        door.addFill(
          fill({
            answer: async () => {
              throw new Error("no <index>");
            },
          }),
        );
        const error = await call().then(
          () => undefined,
          (thrown: Error) => thrown,
        );
        expect(error).to.include({ name: "InternalFailure" });
        expect(error!.message).to.equal('The local cloud\'s fill "test" failed: no <index>');
        expect(logged[0]).to.match(/^test: (GET|POST) .* failed: Error: no <index>\n\s+at /);
      });
    }

    it("goes on without one that cannot say what it takes", async () => {
      door.addFill(
        fill({
          takes: () => {
            throw new Error("confused");
          },
        }),
      );
      expect((await fetch(door.endpoint)).status).to.equal(200);
      expect(logged.join()).to.match(/test: could not say whether it takes GET \/: Error: confused/);
    });

    it("closes it once, and while it can still reach MiniStack; one that fails does not keep the door open", async () => {
      const other = await openFrontDoor(0, (text) => logged.push(text));
      other.setUpstream(`http://127.0.0.1:${(behind.address() as net.AddressInfo).port}`);
      const heard: string[] = [];
      const say = async (path: string) => heard.push(await (await fetch(`${other.endpoint}${path}`)).text());
      other.addFill(
        fill({
          takes: ({ path }) => path === "/mine",
          close: async () => {
            await say("/goodbye");
            await say("/mine");
          },
        }),
      );
      other.addFill(fill({ takes: () => false, close: () => Promise.reject(new Error("stuck")) }));
      await Promise.all([other.close(), other.close()]);
      expect(heard[0]).to.equal("fine");
      expect(heard[1]).to.match(/The local cloud is stopping/);
      expect(seen.map(({ url }) => url)).to.deep.equal(["/goodbye"]);
      expect(logged).to.deep.equal(["A fill did not close: Error: stuck"]);
      const failure = await fetch(other.endpoint).catch((error) => error);
      expect(failure, "nobody listens any more").to.be.instanceOf(Error);
    });
  });
});

function fill(parts: Partial<Fill>): Fill {
  return {
    name: "test",
    takes: () => true,
    answer: async (): Promise<AwsResponse> => ({ status: 200 }),
    close: async () => {},
    ...parts,
  };
}

function pairsOf(rawHeaders: readonly string[]): string[][] {
  return rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1]!]] : []));
}
