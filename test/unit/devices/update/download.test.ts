import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { download, httpTransport } from "../../../../devices/update/download";

const file = Buffer.from("0123456789");

describe("devices: download by HTTP", () => {
  let server: Server;
  let answer: RequestListener;
  before(async () => {
    server = createServer((request, response) => answer(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Downloads to a file of which some bytes are there. */
  async function get({ received = 0, stallTimeout = 5000, signal = new AbortController().signal, size = 10 } = {}) {
    let written = file.subarray(0, received);
    const open = async (offset: number) => {
      written = written.subarray(0, offset);
      return {
        write: async (bytes: Uint8Array) => {
          written = Buffer.concat([written, bytes]);
        },
        sync: async () => {},
        close: async () => {},
      };
    };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const onBytes = () => {};
    const event = await download({
      transport: httpTransport,
      url,
      size,
      received,
      open,
      signal,
      stallTimeout,
      onBytes,
    });
    return { event, written: written.toString() };
  }

  it("takes the whole file, or what is missing of it", async () => {
    answer = (request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      if (from > 0) response.writeHead(206, { "content-range": `bytes ${from}-9/10` });
      response.end(file.subarray(from));
    };
    expect(await get()).to.deep.equal({ event: { type: "downloaded", inPieces: false }, written: "0123456789" });
    const rest = { event: { type: "downloaded", inPieces: true }, written: "0123456789" };
    expect(await get({ received: 4 })).to.deep.equal(rest);
  });

  it("begins anew with a server that knows no ranges", async () => {
    answer = (_, response) => response.end(file);
    const whole = { event: { type: "downloaded", inPieces: false }, written: "0123456789" };
    expect(await get({ received: 4 })).to.deep.equal(whole);
  });

  it("keeps what came before the connection broke", async () => {
    answer = (_, response) => {
      response.writeHead(200, { "content-length": 10 });
      response.write(file.subarray(0, 6), () => response.destroy());
    };
    const { event, written } = await get();
    expect(event).to.deep.equal({ type: "stalled", reason: "ECONNRESET", progressed: true });
    expect(written).to.equal("012345");
  });

  it("gives up a connection on which nothing comes, and one that it shall leave", async () => {
    answer = (_, response) => {
      response.writeHead(200, { "content-length": 10 });
      response.write("01");
    };
    const { event, written } = await get({ stallTimeout: 100 });
    expect(event).to.deep.equal({ type: "stalled", reason: "no byte in 100 ms", progressed: true });
    expect(written).to.equal("01");
    const leave = new AbortController();
    const left = get({ signal: leave.signal });
    setImmediate(() => leave.abort());
    expect((await left).event).to.deep.equal({ type: "interrupted" });
  });

  it("says what S3 says of a refusal", async () => {
    answer = (_, response) => {
      response.statusCode = 403;
      response.end("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>");
    };
    const reason = "HTTP 403, AccessDenied: Request has expired";
    expect((await get()).event).to.deep.equal({ type: "stalled", reason, progressed: false });
  });

  it("writes no byte of a file of another size, and no more than there should be", async () => {
    answer = (_, response) => response.end(file);
    expect(await get({ size: 9 })).to.deep.equal({
      event: { type: "damaged", reason: "the artifact has 10 bytes where the job says 9" },
      written: "",
    });
    answer = (_, response) => {
      response.write(file);
      response.end(file);
    };
    const { event, written } = await get();
    expect(event.type).to.equal("damaged");
    expect(written.length).to.be.at.most(10);
  });

  it("tells nobody there", async () => {
    const transport: typeof httpTransport = (_, offset, signal) => httpTransport("http://127.0.0.1:1/", offset, signal);
    const open = () => expect.fail("nothing to write");
    const signal = new AbortController().signal;
    const rest = { url: "", size: 10, received: 0, open, signal, stallTimeout: 5000, onBytes: () => {} };
    expect(await download({ transport, ...rest })).to.deep.equal({
      type: "stalled",
      reason: "ECONNREFUSED",
      progressed: false,
    });
  });
});
