import { readFileSync } from "node:fs";
import type { AwsTarget } from "../aws";
import type { BrokerOptions } from "../rules/accountRules";
import { type BrokerIdentity, createBrokerIdentity } from "../rules/brokerIdentity";
import { BrokerSubscriptions } from "../rules/brokerSubscriptions";
import { CLASSIC, type Connectivity, type ShadowState, type Thing } from "./thing";

/** What a message of the broker says of a thing: how it is afterwards. */
export interface ThingChange {
  readonly thingName: string;
  /** Whether the thing may have come into the registry unseen, as by fleet provisioning. */
  readonly mayBeNew?: boolean;
  apply(thing: Thing): Thing;
}

/** A change and its number among all that were heard. */
export interface HeardChange extends ThingChange {
  readonly heard: number;
}

/** Shadows by what the shadow service tells, however they were changed; connectivity by presence events. No two overlap. */
const FILTERS = [
  "$aws/things/+/shadow/update/documents",
  "$aws/things/+/shadow/name/+/update/documents",
  "$aws/things/+/shadow/delete/accepted",
  "$aws/things/+/shadow/name/+/delete/accepted",
  "$aws/events/presence/connected/+",
  "$aws/events/presence/disconnected/+",
];

/** Hears what happens to the things of an account at MiniStack's broker. */
export class BrokerFeed {
  private identity: BrokerIdentity | undefined;
  private subscriptions: BrokerSubscriptions | undefined;
  private readonly presence = new PresenceOrder();
  private count = 0;

  constructor(
    private readonly ministack: AwsTarget,
    private readonly mqtt: BrokerOptions,
    private readonly onChange: (change: HeardChange) => void,
    private readonly log: (text: string) => void,
  ) {}

  /** Resolves when the broker has confirmed everything. Safe to call again, also after a failure. */
  async open(): Promise<void> {
    this.identity ??= await createBrokerIdentity(this.ministack);
    const { host, port, caPath } = this.mqtt;
    const { certificatePem, privateKey } = this.identity;
    this.subscriptions ??= new BrokerSubscriptions({
      host,
      port,
      ca: readFileSync(caPath, "utf8"),
      certificatePem,
      privateKey,
      log: this.log,
      onMessage: (_, { topic, payload }) => this.receive(topic, payload),
    });
    for (const filter of FILTERS) await this.subscriptions.subscribe(filter);
  }

  /** How many changes were heard so far. */
  get heard(): number {
    return this.count;
  }

  async close(): Promise<void> {
    await this.subscriptions?.close();
    // MiniStack may have ended before; then there is nothing left to tidy up.
    await this.identity?.remove().catch(() => {});
  }

  private receive(topic: string, payload: Buffer): void {
    try {
      const change = this.read(topic.split("/"), JSON.parse(payload.toString("utf8")));
      if (change) this.onChange({ ...change, heard: ++this.count });
    } catch (error) {
      this.log(`The fleet index does not understand a message on ${topic}: ${error}`);
    }
  }

  private read(levels: readonly string[], message: unknown): ThingChange | undefined {
    if (levels[1] === "events") return this.presence.read(message as PresenceEvent);
    const [, , thingName = "", , ...rest] = levels;
    const shadowName = rest[0] === "name" ? rest[1]! : CLASSIC;
    // A deleted shadow's message has no document.
    const { current } = message as { current?: { state?: ShadowState } };
    return shadowChange(thingName, shadowName, current?.state);
  }
}

/** @param state undefined when the shadow is deleted */
function shadowChange(thingName: string, shadowName: string, state: ShadowState | undefined): ThingChange {
  return {
    thingName,
    apply(thing) {
      const shadows = new Map(thing.shadows);
      if (state) shadows.set(shadowName, { desired: state.desired, reported: state.reported });
      else shadows.delete(shadowName);
      return { ...thing, shadows };
    },
  };
}

interface PresenceEvent {
  readonly clientId: string;
  readonly eventType: "connected" | "disconnected";
  readonly timestamp: number;
  readonly versionNumber: number;
  readonly disconnectReason?: string;
}

/**
 * Presence events may overtake each other: a device that connects again is connected before its old connection is told
 * to be gone. A disconnect belongs to the connect with the same version number, and is old when there was a newer one.
 */
export class PresenceOrder {
  private readonly latest = new Map<string, number>();

  /** A device is a thing's when its client id is the thing's name. */
  read(event: PresenceEvent): ThingChange | undefined {
    const { clientId, eventType, timestamp, versionNumber, disconnectReason } = event;
    const connected = eventType === "connected";
    if (connected) this.latest.set(clientId, versionNumber);
    else if (versionNumber < (this.latest.get(clientId) ?? 0)) return undefined;
    const connectivity: Connectivity = connected
      ? { connected, timestamp }
      : { connected, timestamp, disconnectReason };
    return { thingName: clientId, mayBeNew: connected, apply: (thing) => ({ ...thing, connectivity }) };
  }
}
