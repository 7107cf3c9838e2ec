import * as http from "node:http";
import * as net from "node:net";
import { type Duplex, pipeline } from "node:stream";
import type { AwsRequest, Fill } from "./fill";
import { sendAnswer, sendError } from "./ministack/answers";
import { credentialScope } from "./ministack/credentialScope";
import { once } from "./ministack/once";
import { listenLocally } from "./ministack/ports";

/** The HTTP server before MiniStack: the one endpoint of the local cloud. */
export interface FrontDoor {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** Requests that no fill takes go there; until it is set they are answered with 503. */
  setUpstream(url: string): void;
  addFill(fill: Fill): void;
  /** Closes every fill, then every connection, of fills that take too long first. Safe to call twice. */
  close(): Promise<void>;
}

/** Headers that are between two neighbours only, and so never passed on. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "expect"]);

/** Shorter than MiniStack keeps an idle connection (75 s), so that no request goes into one that is being closed. */
const UPSTREAM_IDLE_MS = 30_000;

/** How long fills may take to end what they do, a call of a function that hangs, say, before their connections are cut. */
const CLOSING_MS = 5_000;

/**
 * Opens the front door on 127.0.0.1.
 * @param port 0: any free one
 * @param log gets the reason when a fill fails
 */
export async function openFrontDoor(
  port: number,
  log: (text: string) => void,
  { closingMs = CLOSING_MS } = {},
): Promise<FrontDoor> {
  const fills: Fill[] = [];
  const agent = new http.Agent({ keepAlive: true, timeout: UPSTREAM_IDLE_MS });
  /** The server gives up the sockets of upgraded connections, and would wait for them for ever when it closes. */
  const upgraded = new Set<Duplex>();
  let upstream: { host: string; port: number } | undefined;
  let closing = false;

  const server = http.createServer((request, response) => {
    const awsRequest = describe(request);
    const fill = fills.find((candidate) => takes(candidate, awsRequest, log));
    if (upstream === undefined || (fill !== undefined && closing)) {
      const state = closing ? "stopping" : "still starting";
      sendError(response, awsRequest, 503, "ServiceUnavailable", `The local cloud is ${state}.`);
    } else if (fill !== undefined) {
      void answerWith(fill, awsRequest, request, response, log);
    } else {
      pass(request, response, awsRequest, { ...upstream, agent });
    }
  });
  server.on("upgrade", (request, socket, head) => {
    if (upstream === undefined) {
      socket.destroy();
    } else {
      upgraded.add(socket);
      socket.once("close", () => upgraded.delete(socket));
      passUpgrade(request, socket, head, upstream);
    }
  });
  server.requestTimeout = 0; // a function may take 15 minutes
  server.keepAliveTimeout = 75_000; // longer than any SDK keeps an idle connection

  const listeningPort = await listenLocally(server, port, "port");
  return {
    endpoint: `http://127.0.0.1:${listeningPort}`,
    setUpstream: (url) => {
      const { hostname, port: upstreamPort } = new URL(url);
      upstream = { host: hostname, port: Number(upstreamPort || 80) };
    },
    addFill: (fill) => {
      fills.push(fill);
    },
    close: once(async () => {
      closing = true;
      // The fills first, while they can still reach MiniStack through this door.
      await Promise.all(fills.map((fill) => closeWithin(closingMs, fill, log)));
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      for (const socket of upgraded) {
        socket.destroy();
      }
      await closed;
      agent.destroy();
    }),
  };
}

/** Never fails: one fill that does not close keeps nobody else waiting. */
async function closeWithin(milliseconds: number, fill: Fill, log: (text: string) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms`)), milliseconds);
  });
  try {
    await Promise.race([fill.close(), late]);
  } catch (error) {
    log(`A fill did not close, ${fill.name}: ${error}`);
  } finally {
    clearTimeout(timer);
  }
}

/** The request without its body, which nobody reads before a fill has taken the request. */
function describe(request: http.IncomingMessage): AwsRequest {
  const [rawPath = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(", ") : (value ?? "");
  }
  const search = new URLSearchParams(query);
  return {
    ...credentialScope(headers.authorization, search),
    method: request.method ?? "GET",
    path: decode(rawPath),
    query: search,
    headers,
    body: Buffer.alloc(0),
  };
}

function decode(rawPath: string): string {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    return rawPath; // not percent-encoded text; MiniStack decides what to make of it
  }
}

function takes(fill: Fill, request: AwsRequest, log: (text: string) => void): boolean {
  try {
    return fill.takes(request);
  } catch (error) {
    log(`${fill.name}: could not say whether it takes ${request.method} ${request.path}: ${error}`);
    return false;
  }
}

async function answerWith(
  fill: Fill,
  awsRequest: AwsRequest,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  log: (text: string) => void,
): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    sendAnswer(response, await fill.answer({ ...awsRequest, body: Buffer.concat(chunks) }));
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log(`${fill.name}: ${awsRequest.method} ${awsRequest.path} failed: ${reason}`);
    const message = `The local cloud's fill "${fill.name}" failed: ${error instanceof Error ? error.message : error}`;
    sendError(response, awsRequest, 500, "InternalFailure", message);
  }
}

function pass(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  awsRequest: AwsRequest,
  upstream: { host: string; port: number; agent: http.Agent },
): void {
  const headers = withoutHopByHop(request.rawHeaders);
  const hasBody = "content-length" in awsRequest.headers || "transfer-encoding" in awsRequest.headers;
  if (!hasBody && request.method !== "GET" && request.method !== "HEAD") {
    headers.push("Content-Length", "0"); // or Node would announce a chunked body
  }
  // The front door stands where AWS's TLS ends, so that policies that refuse plain HTTP (aws:SecureTransport) can be played.
  headers.push("X-Forwarded-Proto", "https");
  // Headers in an array go out as they are: names, order, repetitions, and the Host the client has signed.
  const passed = http.request({ ...upstream, method: request.method, path: request.url, headers: headers as never });
  let answered = false;
  passed.on("response", (answer) => {
    answered = true;
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, withoutHopByHop(answer.rawHeaders));
    pipeline(answer, response, () => {});
  });
  passed.on("error", (error) => {
    // After an answer it only says that MiniStack did not want the rest of the body.
    if (!answered) {
      sendError(response, awsRequest, 503, "ServiceUnavailable", `MiniStack does not answer (${error.message}).`);
    }
  });
  response.on("close", () => passed.destroy()); // the client has gone, or has its answer
  pipeline(request, passed, () => {});
}

function passUpgrade(
  request: http.IncomingMessage,
  client: Duplex,
  head: Buffer,
  upstream: { host: string; port: number },
): void {
  const server = net.connect(upstream, () => {
    const lines = [`${request.method} ${request.url} HTTP/1.1`];
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
    }
    server.write(`${lines.join("\r\n")}\r\n\r\n`);
    server.write(head);
    pipeline(client, server, client, () => {});
  });
  server.on("error", () => client.destroy());
  client.on("error", () => server.destroy());
}

function withoutHopByHop(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!HOP_BY_HOP.has(rawHeaders[i]!.toLowerCase())) {
      kept.push(rawHeaders[i]!, rawHeaders[i + 1]!);
    }
  }
  return kept;
}
