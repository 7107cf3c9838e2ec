import { createHash } from "node:crypto";
import { type App, type Transport, UpdateAgent, type UpdateResult } from "../../../../devices";
import { FakeJobs } from "./fakeJobs";
import { MemoryDisk } from "./memoryDisk";

export const image = (content: string, size = 1000) => Buffer.alloc(size, content);
export const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

export const folder = "/device";
const running = `${folder}/lamp/current/image`;

/** What a job says of an image. */
export function documentOf(bytes: Buffer, version = "2.0", more: object = {}): Record<string, unknown> {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return {
    app: "lamp",
    app_url: `https://images/${version}`,
    app_version: version,
    build: major * 1_000_000 + minor * 1_000,
    sha256: sha256(bytes),
    size: bytes.length,
    ...more,
  };
}

/** A server that hands out images in pieces, and may break off. */
export class Images {
  readonly files = new Map<string, Buffer>();
  /** Offsets that were asked for. */
  readonly asked: number[] = [];
  /** For each request to come: break off after so many bytes, or answer with a status. */
  readonly faults: ({ breakAfter: number } | { status: number })[] = [];
  onPiece: (sent: number) => void = () => {};

  readonly transport: Transport = async (url, offset, signal) => {
    const bytes = this.files.get(url);
    this.asked.push(offset);
    const fault = this.faults.shift();
    const status = fault && "status" in fault ? fault.status : bytes ? (offset > 0 ? 206 : 200) : 404;
    const limit = fault && "breakAfter" in fault ? fault.breakAfter : Number.POSITIVE_INFINITY;
    const { onPiece } = this;
    async function* body() {
      let sent = 0;
      for (let at = offset; bytes && status < 300 && at < bytes.length; at += 100) {
        if (sent >= limit) throw new Error("the connection broke");
        if (signal.aborted) throw new Error("aborted");
        yield bytes.subarray(at, at + 100);
        sent += 100;
        onPiece(sent);
      }
    }
    return {
      status,
      offset: status === 206 ? offset : 0,
      size: status < 300 ? bytes?.length : undefined,
      body: body(),
    };
  };
}

/** A device with its disk, its cloud and its images, that can be started again and again. */
export class World {
  readonly jobs = new FakeJobs();
  readonly images = new Images();
  readonly disk: MemoryDisk;
  readonly results: UpdateResult[] = [];
  readonly problems: string[] = [];
  readonly gone: string[] = [];
  private agent: UpdateAgent | undefined;
  private lives = 0;

  constructor(
    private readonly lamp: App = {},
    readonly random: () => number = () => 0.5,
  ) {
    this.disk = new MemoryDisk(random);
    this.jobs.onRequest = () => this.disk.operate();
  }

  /** Uploads an image and makes a job of it. */
  release(jobId: string, bytes: Buffer, version = "2.0", more: object = {}) {
    const document = documentOf(bytes, version, more);
    this.images.files.set(document.app_url as string, bytes);
    return this.jobs.add(jobId, document);
  }

  start(): void {
    const life = ++this.lives;
    const agent = new UpdateAgent(
      this.jobs.deviceWhile(() => life === this.lives),
      {
        folder,
        apps: { lamp: { factory: { version: "1.0", build: 1_000_000 }, ...this.lamp } },
        retry: { base: 0, maximum: 0 },
        progressInterval: 0,
        disk: this.disk,
        transport: this.images.transport,
        random: this.random,
      },
    );
    agent.on("finished", (result) => this.results.push(result));
    agent.on("problem", (error) => this.problems.push(error.message));
    agent.on("gone", ({ jobId }) => this.gone.push(jobId));
    this.agent = agent;
    // It does not come to an end when power goes meanwhile.
    void agent.start().catch((error) => this.problems.push(String(error)));
  }

  async stop(): Promise<void> {
    await this.agent?.stop();
    this.agent = undefined;
  }

  /** Power was gone and comes back: nothing that was under way goes on. */
  restorePower(): void {
    this.agent = undefined;
    this.lives++;
    this.disk.restorePower();
  }

  /** Until the agent waits for a next job, or power is gone. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 20_000; turns++) {
      if (this.disk.isOff) return;
      const { log, executions } = this.jobs;
      const waits =
        log.at(-1) === "start-next" && executions.every(({ status }) => /ED$|OUT$/.test(status) && status !== "QUEUED");
      if (waits) return;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    throw new Error(
      `the agent does not come to an end: ${JSON.stringify(this.jobs.log.slice(-10))} ${this.problems.slice(-3)}`,
    );
  }

  /** What the device would run; undefined for what it was made with. */
  runs(): Buffer | undefined {
    return this.disk.peek(running);
  }
}
