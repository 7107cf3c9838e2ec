import * as http from "node:http";
import { pipeline } from "node:stream";
import { text } from "node:stream/consumers";
import type { AwsTarget } from "../aws";
import { once } from "../ministack/once";
import { listenLocally } from "../ministack/ports";
import { compression } from "./compress";
import { Distributions } from "./distributions";
import { cognitoPath, withLocalNames } from "./localNames";

/** What stands between browsers and the local cloud's CloudFront. */
export interface CloudFrontEdge {
  /** `http://127.0.0.1:<port>`: the distribution there is. Of several, `http://<label>.localhost:<port>` names one. */
  readonly url: string;
  /** Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Opens the edge on 127.0.0.1.
 *
 * MiniStack plays distributions itself (behaviours, functions, origin access control, response headers), but only for the
 * host `<label>.cloudfront.net`, which no browser can reach. The edge is that host; and it compresses, which MiniStack does
 * not. It keeps nothing, so that what was just deployed is what one sees.
 * @param port 0: any free one
 */
export async function openEdge(port: number, cloud: AwsTarget): Promise<CloudFrontEdge> {
  const distributions = new Distributions(cloud);
  const upstream = new URL(cloud.endpoint);
  const agent = new http.Agent({ keepAlive: true });

  const server = http.createServer((request, response) => {
    answer(request, response).catch((error) => refuse(response, 502, `The edge failed: ${(error as Error).message}`));
  });
  const listening = await listenLocally(server, port, "cloudFrontPort");

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const path = (request.url ?? "/").split("?")[0] as string;
    if (path === cognitoPath) return pass(request, response, { path: "/", host: upstream.host }, copy);
    const distribution = await distributions.find(request.headers.host ?? "");
    if (!distribution) return refuse(response, 503, "There is no CloudFront distribution on the local cloud.");
    const host = `${distribution.label}.cloudfront.net`;
    const send = path === "/config.json" ? renamed : compressed(request, distribution.compresses(path));
    pass(request, response, { path: request.url ?? "/", host }, send);
  }

  function pass(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    to: { path: string; host: string },
    send: Send,
  ): void {
    const headers: http.OutgoingHttpHeaders = { ...request.headers, host: to.host };
    // An answer that was compressed on its way has a weak tag; the origin knows the strong one.
    if (headers["if-none-match"]) headers["if-none-match"] = String(headers["if-none-match"]).replaceAll("W/", "");
    delete headers.connection;
    delete headers["accept-encoding"];
    const { hostname, port: upstreamPort } = upstream;
    const passed = http.request({
      hostname,
      port: upstreamPort,
      agent,
      method: request.method,
      path: to.path,
      headers,
    });
    passed.on("response", (found) => send(found, response));
    passed.on("error", (error) => refuse(response, 502, `The local cloud does not answer (${error.message}).`));
    response.on("close", () => passed.destroy());
    pipeline(request, passed, () => {});
  }

  return {
    url: `http://127.0.0.1:${listening}`,
    close: once(async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      agent.destroy();
      distributions.close();
    }),
  };
}

type Send = (found: http.IncomingMessage, response: http.ServerResponse) => void;

const copy: Send = (found, response) => {
  response.writeHead(found.statusCode ?? 502, headersOf(found));
  pipeline(found, response, () => {});
};

const renamed: Send = (found, response) => {
  text(found).then(
    (config) => {
      const body = withLocalNames(config);
      response.writeHead(found.statusCode ?? 502, { ...headersOf(found), "content-length": Buffer.byteLength(body) });
      response.end(body);
    },
    () => response.destroy(),
  );
};

function compressed(request: http.IncomingMessage, wanted: boolean): Send {
  return (found, response) => {
    const accepted = String(request.headers["accept-encoding"] ?? "");
    const how = wanted ? compression(accepted, found.statusCode ?? 0, found.headers) : undefined;
    if (!how || request.method === "HEAD") return copy(found, response);
    const { "content-length": _, etag, ...headers } = headersOf(found);
    response.writeHead(200, {
      ...headers,
      ...(etag && { etag: `W/${etag}` }),
      "content-encoding": how.encoding,
      vary: "Accept-Encoding",
    });
    pipeline(found, how.stream(), response, () => {});
  };
}

function headersOf(found: http.IncomingMessage): http.OutgoingHttpHeaders {
  const { connection: _, "keep-alive": __, "transfer-encoding": ___, ...headers } = found.headers;
  return headers;
}

function refuse(response: http.ServerResponse, status: number, message: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${message}\n`);
}
