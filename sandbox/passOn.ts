import * as http from "node:http";
import type { AwsRequest, AwsResponse } from "./fill";

const MARK = "x-thingstack-passed-on";

/** Whether the request comes from `passOn`, and so is MiniStack's. */
export function isPassedOn(request: AwsRequest): boolean {
  return MARK in request.headers;
}

/** Lets a client of the AWS SDK reach MiniStack past the fills. */
export function markPassedOn(client: { middlewareStack: { add: MiddlewareAdd } }): void {
  client.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers[MARK] = "1";
      return next(args);
    },
    { step: "build" },
  );
}

// biome-ignore lint/suspicious/noExplicitAny: every client has commands of its own in this type.
type MiddlewareAdd = (middleware: (next: any) => (args: any) => Promise<any>, options: { step: "build" }) => void;

/**
 * Sends a request that a fill had to take to see its body to where it came from, unchanged: its signature holds, for
 * the mark is no part of what was signed.
 */
export function passOn(endpoint: string, request: AwsRequest): Promise<AwsResponse> {
  const { hostname, port } = new URL(endpoint);
  const query = request.query.toString();
  const path = request.path + (query && `?${query}`);
  const headers = { ...request.headers, [MARK]: "1" };
  return new Promise((resolve, reject) => {
    const passed = http.request({ hostname, port, path, method: request.method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const entries = Object.entries(answer.headers).filter(([name]) => /^(content-type$|x-amz)/.test(name));
        resolve({
          status: answer.statusCode ?? 502,
          headers: Object.fromEntries(entries.map(([name, value]) => [name, String(value)])),
          body: Buffer.concat(chunks),
        });
      });
    });
    passed.on("error", reject);
    passed.end(request.body);
  });
}
