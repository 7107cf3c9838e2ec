import { afterFailure, backoff } from "./afterFailure";
import type { Connection } from "./connection";
import type { JsonObject } from "./core/json";
import { Outbox } from "./core/outbox";
import type { Keeper, Merging } from "./core/outboxOptions";
import { checkReportedPatch, mergePatches } from "./core/reportedPatch";
import { DeltaFollower, type DeltaHandler } from "./deltaFollower";
import { ConnectionError, NotDelivered, ShadowRejected } from "./errors";
import { type ShadowDocument, ShadowLink } from "./shadowLink";

export interface ShadowOptions {
  /** The named shadow. Default: the classic one. */
  readonly shadowName?: string;
}

/** A request to the shadow service: to report, or, without `patch`, to get. */
export interface ShadowRequest extends ShadowOptions {
  readonly patch?: JsonObject;
  readonly version?: number;
}

export interface ShadowEvents {
  readonly onDropped: (topic: string) => void;
  readonly onDeltaFailed: (error: unknown) => void;
  readonly onGivenUp: (topic: string, error: unknown) => void;
}

/** How much may wait. */
export interface Capacity {
  readonly count: number;
  readonly bytes: number;
}

/** The shadows of one thing: requests in order and over lost connections, and deltas handed to who follows them. */
export class Shadows {
  private readonly links = new Map<string | undefined, ShadowLink>();
  private readonly followers = new Map<string | undefined, DeltaFollower>();
  private readonly fetching = new Set<string | undefined>();
  private closed = false;
  /** Waits for the connection; one request at a time, so that reports arrive in the order they were made. */
  readonly requests: Outbox<ShadowRequest, number | ShadowDocument>;

  constructor(
    private readonly connection: Connection,
    private readonly thingName: string,
    capacity: Capacity,
    keeper: Keeper<ShadowRequest> | undefined,
    private readonly events: ShadowEvents,
  ) {
    this.requests = new Outbox({
      window: 1,
      capacity: capacity.count,
      bytes: { capacity: capacity.bytes, of: ({ patch }) => (patch ? Buffer.byteLength(JSON.stringify(patch)) : 0) },
      backoff,
      afterFailure,
      send: (request) => this.ask(request),
      merging,
      keeper: keeper && reportsOnly(keeper),
      onDropped: ({ shadowName }) => events.onDropped(this.link(shadowName).topic),
      onGivenUp: ({ shadowName }, error) => events.onGivenUp(this.link(shadowName).topic, error),
    });
  }

  async report(patch: JsonObject, options: ShadowOptions & { readonly version?: number }): Promise<number> {
    checkReportedPatch(patch);
    return (await this.requests.add({ ...options, patch })) as number;
  }

  async get({ shadowName }: ShadowOptions): Promise<ShadowDocument> {
    return (await this.requests.add({ shadowName })) as ShadowDocument;
  }

  async follow(handler: DeltaHandler, { shadowName }: ShadowOptions): Promise<void> {
    if (this.followers.has(shadowName)) throw new Error("This shadow has a delta handler already.");
    const follower = new DeltaFollower(
      handler,
      (patch) => this.report(patch, { shadowName }),
      this.events.onDeltaFailed,
    );
    this.followers.set(shadowName, follower);
    try {
      await this.link(shadowName).follow((delta) => follower.offer(delta));
    } catch (error) {
      this.followers.delete(shadowName);
      throw error;
    }
    if (this.connection.connected) void this.fetchOutstanding(shadowName);
  }

  /** A connection is there: asks for what was desired meanwhile. */
  cameUp(): void {
    this.requests.open();
    for (const shadowName of this.followers.keys()) void this.fetchOutstanding(shadowName);
  }

  close(): void {
    this.closed = true;
    this.requests.close();
  }

  private async fetchOutstanding(shadowName?: string): Promise<void> {
    // One that still waits will see the newest as well.
    if (this.fetching.has(shadowName)) return;
    this.fetching.add(shadowName);
    try {
      // Its delta is offered to the follower in `ask`, as that of every get.
      await this.get({ shadowName });
    } catch (error) {
      const nothingYet = error instanceof ShadowRejected && error.code === 404;
      if (!nothingYet && !this.closed) this.events.onDeltaFailed(error);
    } finally {
      this.fetching.delete(shadowName);
    }
  }

  private async ask({ patch, version, shadowName }: ShadowRequest): Promise<number | ShadowDocument> {
    const link = this.link(shadowName);
    const follower = this.followers.get(shadowName);
    if (patch === undefined) {
      const { document, delta } = await link.get();
      if (delta) follower?.offer(delta, true);
      return document;
    }
    try {
      const accepted = await link.report(patch, version);
      follower?.reported(patch);
      return accepted;
    } catch (cause) {
      const nobodyKnows = cause instanceof ConnectionError || cause instanceof NotDelivered;
      if (version === undefined || !nobodyKnows) throw cause;
      const message = `It is unknown whether the report for version ${version} got through: get() the shadow and decide.`;
      throw new NotDelivered("unknown", message, { cause });
    }
  }

  private link(shadowName: string | undefined): ShadowLink {
    let link = this.links.get(shadowName);
    if (!link) {
      link = new ShadowLink(this.connection, this.thingName, shadowName);
      this.links.set(shadowName, link);
    }
    return link;
  }
}

/** A report that stands for itself. One with a version, or a get, is for whoever waits for the answer. */
const isPlainReport = ({ patch, version }: ShadowRequest) => patch !== undefined && version === undefined;

/** Two reports of the same shadow say as one what they said one after the other. No report is ever thrown away. */
const merging: Merging<ShadowRequest> = {
  kindOf: ({ shadowName }) => shadowName,
  merge(older, newer) {
    if (!isPlainReport(older) || !isPlainReport(newer)) return undefined;
    const patch = mergePatches(older.patch as JsonObject, newer.patch as JsonObject);
    return patch && { ...newer, patch };
  },
  mayDrop: (request) => !isPlainReport(request),
};

/** Nobody waits for an answer in another life. */
function reportsOnly(keeper: Keeper<ShadowRequest>): Keeper<ShadowRequest> {
  return {
    keep: (order, request) => {
      if (isPlainReport(request)) keeper.keep(order, request);
    },
    forget: (order) => keeper.forget(order),
  };
}
