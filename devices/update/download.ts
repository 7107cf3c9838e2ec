import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import type { Event } from "../core/updateStates";
import { unlessAborted } from "./abortable";
import type { Writer } from "./disk";

/** What a server gives for a link. */
export interface Download {
  readonly status: number;
  /** Where in the file its bytes start. */
  readonly offset: number;
  /** Bytes of the whole file, when the server tells. */
  readonly size?: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Asks for a file from an offset on. Rejects when there is no way to the server, or when the signal says so. */
export type Transport = (url: string, offset: number, signal: AbortSignal) => Promise<Download>;

/**
 * HTTP by Node's own client: its streams end for certain when they are aborted, which those of `fetch` on Node 20 may not.
 */
export const httpTransport: Transport = async (url, offset, signal) => {
  const headers = offset > 0 ? { range: `bytes=${offset}-` } : {};
  const request = (url.startsWith("https:") ? https : http).get(url, { headers, signal });
  // An error that nobody hears ends the process, such as that of a body which is left unread. Who reads, hears it as well.
  request.on("error", () => {});
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  response.on("error", () => {});
  const { statusCode = 0 } = response;
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers["content-range"] ?? "");
  const length = response.headers["content-length"];
  return {
    status: statusCode,
    offset: statusCode === 206 ? Number(range?.[1]) : 0,
    size: statusCode === 206 ? Number(range?.[2]) : length === undefined ? undefined : Number(length),
    body: response,
  };
};

export interface DownloadOptions {
  readonly transport: Transport;
  readonly url: string;
  /** Bytes that the whole file should have. */
  readonly size: number;
  /** Bytes that are there. */
  readonly received: number;
  /** Opens the file to write on from an offset. */
  readonly open: (offset: number) => Promise<Writer>;
  readonly signal: AbortSignal;
  /** Milliseconds without a byte after which the connection is taken for dead. */
  readonly stallTimeout: number;
  readonly onBytes: (received: number) => void;
}

/**
 * Downloads what is missing of a file, in constant memory.
 * @throws what the disk throws
 */
export async function download(options: DownloadOptions): Promise<Event> {
  const { transport, url, size, received, signal, onBytes } = options;
  if (received === size) return { type: "downloaded", inPieces: true };
  const watch = new Watch(signal, options.stallTimeout);
  let at = received;
  let arrived = 0;
  const stalled = (reason: string): Event => ({ type: "stalled", reason, progressed: arrived > 0 });
  try {
    const answer = await unlessAborted(watch.signal, () => transport(url, received, watch.signal));
    if (answer.status !== 200 && answer.status !== 206) {
      const reason = `HTTP ${answer.status}${await explained(answer.body)}`;
      return answer.status === 404
        ? { type: "damaged", reason: `there is no such artifact: ${reason}` }
        : stalled(reason);
    }
    if (answer.size !== undefined && answer.size !== size) {
      return { type: "damaged", reason: `the artifact has ${answer.size} bytes where the job says ${size}` };
    }
    // A server that knows no ranges begins anew.
    at = answer.offset;
    const writer = await written(options.open(at));
    try {
      for await (const chunk of reading(answer.body, watch.signal)) {
        watch.alive();
        if (at + chunk.length > size) {
          return { type: "damaged", reason: `the artifact has more bytes than the job's ${size}` };
        }
        await written(writer.write(chunk));
        at += chunk.length;
        arrived += chunk.length;
        onBytes(at);
      }
    } finally {
      // What came is kept, whatever ended it.
      await written(writer.sync().finally(() => writer.close()));
    }
    return at === size
      ? { type: "downloaded", inPieces: answer.offset > 0 }
      : stalled(`only ${at} of ${size} bytes came`);
  } catch (error) {
    if (error instanceof DiskError) throw error.cause;
    if (signal.aborted) return { type: "interrupted" };
    return stalled(watch.signal.aborted ? `no byte in ${options.stallTimeout} ms` : whyOf(error));
  } finally {
    watch.end();
    // Also ends a body that was not read.
    watch.abort();
  }
}

/** A body's chunks, until the signal fires: a transport of somebody else's may not look at it. */
async function* reading(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await unlessAborted(signal, () => chunks.next());
      if (done) return;
      yield value;
    }
  } finally {
    // Not waited for: what does not look at the signal does not come back, either.
    chunks.return?.().catch(() => {});
  }
}

class DiskError extends Error {}

/** Tells a full disk from a broken network. */
async function written<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new DiskError("", { cause });
  }
}

/** Gives up a connection on which nothing comes. */
class Watch {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private readonly abortWith = () => this.abort();

  constructor(
    private readonly outer: AbortSignal,
    private readonly milliseconds: number,
  ) {
    if (outer.aborted) this.abort();
    outer.addEventListener("abort", this.abortWith);
    this.alive();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  alive(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.abort(), this.milliseconds);
  }

  abort(): void {
    this.controller.abort();
  }

  end(): void {
    clearTimeout(this.timer);
    this.outer.removeEventListener("abort", this.abortWith);
  }
}

/** What S3 says of a refusal: an XML document with a code and a message. */
async function explained(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of body) {
    text += Buffer.from(chunk).toString();
    if (text.length > 4096) break;
  }
  const found = [/<Code>([^<]*)/, /<Message>([^<]*)/].map((pattern) => pattern.exec(text)?.[1]);
  return found.some(Boolean) ? `, ${found.filter(Boolean).join(": ")}` : "";
}

/** Errors of a connection have a code, which says it shortest. */
function whyOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return code ?? message ?? String(error);
}
