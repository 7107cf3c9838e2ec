import { AsyncLocalStorage } from "node:async_hooks";
import dgram from "node:dgram";
import http, { type ClientRequest, type RequestOptions } from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { Duplex } from "node:stream";

/** What work came to: its result, or the call that it would have changed something with. */
export type Reached<T> = { readonly result: T } | { readonly change: string };

/** Calls of AWS that read, in the protocols that POST everything; but for three whose name says so and that do more. */
const reads =
  /\.(?!GetUserAttributeVerificationCode$|GetActivityTask$|GetId$)(Admin)?(BatchGet|TransactGet|Get|List|Describe|Query|Scan)([A-Z]\w*)?$/;

/**
 * Does work for real up to the first call out of the process that could change something. That call is not made, and ends it;
 * what only reads is done: GET and HEAD, and of the AWS protocols that POST everything, what is named Get, List, Describe,
 * Query or Scan. Any other connection counts as a change, so what is not known is not done.
 *
 * The AWS SDK, `http`, `https` and `fetch` are looked at by request. While nothing like this runs, they are as they were but
 * for one look at the current work.
 */
export function upToFirstChange(): <T>(work: () => Promise<T>) => Promise<Reached<T>> {
  const scope = new AsyncLocalStorage<((change: string) => void) | undefined>();
  /** While a request that reads opens its connection. */
  let isReading = false;

  const notDone = (change: string) => {
    scope.getStore()?.(change);
    return new Error(`${change}: not done in a dry run`);
  };

  const { request: plainRequest } = http;
  for (const transport of [http, https]) {
    const { request } = transport as { request: (...args: unknown[]) => ClientRequest };
    const guarded = (...args: unknown[]): ClientRequest => {
      if (!scope.getStore()) return request.call(transport, ...args);
      const asked = askedBy(args);
      if (asked.isRead) {
        // Not outside of the scope: what its callbacks do is looked at, too.
        isReading = true;
        try {
          return request.call(transport, ...args);
        } finally {
          isReading = false;
        }
      }
      const error = notDone(asked.name);
      // A request that goes nowhere, and fails: thrown at once, the error would be lost in the SDK.
      return plainRequest({ agent: false, createConnection: () => failing(error) });
    };
    Object.assign(transport, {
      request: guarded,
      get: (...args: unknown[]) => {
        const made = guarded(...args);
        made.end();
        return made;
      },
    });
  }

  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    if (!scope.getStore()) return fetch(input, init);
    const { method, url } = new Request(input as string, init);
    if (isRead(method)) return scope.run(undefined, () => fetch(input, init));
    const { host, pathname } = new URL(url);
    throw notDone(`${method} ${host}${pathname}`);
  };

  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function guarded(this: net.Socket, ...args: unknown[]) {
    if (!scope.getStore() || isReading) return connect.apply(this, args as never);
    const error = notDone("a connection");
    process.nextTick(() => this.destroy(error));
    return this;
  };
  const { send } = dgram.Socket.prototype;
  dgram.Socket.prototype.send = function guarded(this: dgram.Socket, ...args: unknown[]) {
    if (!scope.getStore()) return send.apply(this, args as never);
    const error = notDone("a datagram");
    const done = args.at(-1);
    if (typeof done === "function") process.nextTick(done as (error: Error) => void, error);
  };
  // For those who have imported them by name.
  syncBuiltinESMExports();

  return (work) =>
    new Promise((resolve, reject) => {
      scope.run(
        (change) => resolve({ change }),
        () => work().then((result) => resolve({ result }), reject),
      );
    });
}

const isRead = (method = "GET") => method === "GET" || method === "HEAD";

/** What a request asks for, of the arguments of `http.request`: (options), (url) or (url, options), and a callback. */
function askedBy([first, second]: unknown[]): { name: string; isRead: boolean } {
  const isUrl = typeof first === "string" || first instanceof URL;
  const url = isUrl ? new URL(first) : undefined;
  const { method, host, hostname, path, headers } = ((isUrl ? second : first) ?? {}) as RequestOptions;
  const entries = Object.entries((headers ?? {}) as Record<string, unknown>);
  const target = entries.find(([name]) => name.toLowerCase() === "x-amz-target")?.[1];
  return {
    // Without the query, which may be signed.
    name: String(
      target ?? `${method ?? "GET"} ${url?.host ?? host ?? hostname}${url?.pathname ?? path?.split("?")[0]}`,
    ),
    isRead: isRead(method) || (method === "POST" && reads.test(String(target))),
  };
}

/** A connection that fails with an error, once somebody listens. */
function failing(error: Error): Duplex {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  process.nextTick(() => socket.destroy(error));
  return socket;
}
