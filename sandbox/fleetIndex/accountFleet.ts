import {
  AddThingToThingGroupCommand,
  GetIndexingConfigurationCommand,
  IoTClient,
  IoTServiceException,
  RemoveThingFromThingGroupCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-iot";
import limit from "p-limit";
import { type AwsTarget, awsConfig } from "../aws";
import type { BrokerOptions } from "../rules/accountRules";
import { BrokerFeed } from "./brokerFeed";
import { ChangeQueue, type Due } from "./changeQueue";
import type { DynamicGroup } from "./dynamicGroup";
import type { IndexedThing } from "./indexedThing";
import { type Indexing, indexingOf, NOTHING_INDEXED, type ThingIndexingConfiguration } from "./indexing";
import { decide, type Move } from "./membership";
import type { Predicate } from "./query/compile";
import { ThingSource } from "./source";
import { ThingIndex } from "./thingIndex";

export interface FleetOptions {
  /** MiniStack itself, not the front door, with the account and region. */
  readonly ministack: AwsTarget;
  readonly mqtt: BrokerOptions;
  /** From a change until queries and groups see it. */
  readonly lagSeconds: number;
  /** Between two looks at everything, for what nobody told of. */
  readonly sweepSeconds: number;
  readonly log: (text: string) => void;
}

/** Of the time, the share that looking at everything may take. */
const SWEEP_SHARE = 0.05;
const MOVES_AT_ONCE = 8;

/** The fleet index of one account in one region, and the dynamic groups that follow it. */
export class AccountFleet {
  indexing: Indexing = NOTHING_INDEXED;
  /** Oldest first. */
  readonly groups = new Map<string, DynamicGroup>();
  private status: "ACTIVE" | "BUILDING" | "REBUILDING" | undefined;
  private readonly things = new ThingIndex();
  private readonly source: ThingSource;
  /** Its root's, at MiniStack itself. */
  readonly iot: IoTClient;
  private readonly queue: ChangeQueue;
  private feed: BrokerFeed | undefined;
  private sweep: NodeJS.Timeout | undefined;
  private readonly refusals = new Set<string>();
  private last: Promise<unknown> = Promise.resolve();

  private constructor(private readonly options: FleetOptions) {
    this.source = new ThingSource(options.ministack);
    this.iot = new IoTClient(awsConfig(options.ministack));
    this.queue = new ChangeQueue(options.lagSeconds * 1000, (due) => this.follow(due), options.log);
  }

  /** The fleet of an account, indexed as MiniStack has it configured. */
  static async open(options: FleetOptions): Promise<AccountFleet> {
    const fleet = new AccountFleet(options);
    const configuration = await fleet.iot.send(new GetIndexingConfigurationCommand({}));
    await fleet.configure(configuration.thingIndexingConfiguration);
    return fleet;
  }

  /** Undefined while nothing is indexed. */
  get indexStatus(): "ACTIVE" | "BUILDING" | "REBUILDING" | undefined {
    return this.status;
  }

  /** Runs an operation when all such operations before it are done. */
  inTurn<Result>(operation: () => Promise<Result>): Promise<Result> {
    const result = this.last.then(operation);
    this.last = result.catch(() => {});
    return result;
  }

  /** Starts to index, indexes something else, or stops. The index is BUILDING until everything has been read. */
  async configure(configuration: ThingIndexingConfiguration | undefined): Promise<void> {
    const indexing = indexingOf(configuration);
    if (JSON.stringify(indexing) === JSON.stringify(this.indexing)) return;
    this.indexing = indexing;
    if (!indexing.registry) {
      this.status = undefined;
      await this.queue.clear();
      clearTimeout(this.sweep);
      this.things.clear();
      await this.feed?.close();
      this.feed = undefined;
      return;
    }
    this.status = this.status === undefined ? "BUILDING" : "REBUILDING";
    const { ministack, mqtt, log } = this.options;
    this.feed ??= new BrokerFeed(ministack, mqtt, (change) => this.queue.add({ change }), log);
    this.queue.add({ everything: true });
  }

  /** The registry entry of a thing has changed, or nobody knows of which. */
  registryChanged(thingName: string | undefined): void {
    if (this.status === undefined) return;
    this.queue.add(thingName === undefined ? { everything: true } : { thing: thingName });
  }

  /** The things that match, by name. */
  find(predicate: Predicate): IndexedThing[] {
    return this.things.find(predicate);
  }

  addGroup(group: DynamicGroup): void {
    this.groups.set(group.name, group);
    this.queue.add({ group: group.name });
  }

  replaceQuery(group: DynamicGroup, queryString: string, predicate: Predicate): void {
    group.replaceQuery(queryString, predicate);
    this.queue.add({ group: group.name });
  }

  async close(): Promise<void> {
    await this.queue.close();
    clearTimeout(this.sweep);
    await this.feed?.close();
    this.source.close();
    this.iot.destroy();
  }

  /** Brings index and groups up to date with what has become due. */
  private async follow({ changes, things, groups, everything }: Due): Promise<void> {
    const { indexing } = this;
    await this.feed?.open();
    const changed = new Set(things);
    if (everything) await this.readEverything();
    else await this.readAgain(things);
    for (const change of changes) {
      const { thingName, mayBeNew } = change;
      const outcome = this.things.apply(change, indexing);
      // Whatever else is not in the registry is not indexed; when it comes into the registry, all of it is read.
      if (outcome === "no such thing" && mayBeNew) await this.readAgain(new Set([thingName]));
      if (outcome !== "known") changed.add(thingName);
    }
    if (this.indexing !== indexing) return; // something else is to be indexed now, and all will be read for that
    const waiting = new Map<DynamicGroup, Predicate>();
    for (const group of this.groups.values()) {
      if (group.waiting && (everything || groups.has(group.name))) waiting.set(group, group.waiting);
    }
    await this.moveMembers(everything || waiting.size > 0 ? this.things.names : [...changed], waiting);
    for (const [group, predicate] of waiting) group.settle(predicate);
    if (everything && this.indexing === indexing) this.status = "ACTIVE";
  }

  private async readEverything(): Promise<void> {
    const started = Date.now();
    const heard = this.feed?.heard ?? 0;
    const things = await this.source.readAll(this.indexing);
    this.things.replaceAll(things, heard);
    const pause = Math.max(this.options.sweepSeconds * 1000, (Date.now() - started) / SWEEP_SHARE);
    clearTimeout(this.sweep);
    this.sweep = setTimeout(() => this.queue.add({ everything: true }, 0), pause).unref();
  }

  private async readAgain(thingNames: ReadonlySet<string>): Promise<void> {
    const heard = this.feed?.heard ?? 0;
    const things = await this.source.read(thingNames, this.indexing);
    for (const [thingName, thing] of things) this.things.replace(thingName, thing, heard);
  }

  private async moveMembers(
    thingNames: readonly string[],
    waiting: ReadonlyMap<DynamicGroup, Predicate>,
  ): Promise<void> {
    const groups = [...this.groups.values()];
    if (groups.length === 0) return;
    const limited = limit(MOVES_AT_ONCE);
    await Promise.all(
      thingNames.map((thingName) => {
        const indexed = this.things.get(thingName);
        if (!indexed) return undefined;
        const { moves, refused } = decide(indexed, groups, (group) => waiting.get(group) ?? group.predicate);
        for (const refusal of refused) this.tellOnce(refusal);
        if (moves.length === 0) return undefined;
        return limited(async () => {
          for (const move of moves) await this.move(move);
        });
      }),
    );
  }

  private async move({ group: thingGroupName, thingName, joins }: Move): Promise<void> {
    if (!this.groups.has(thingGroupName)) return; // deleted meanwhile
    const Command = joins ? AddThingToThingGroupCommand : RemoveThingFromThingGroupCommand;
    try {
      await this.iot.send(new Command({ thingGroupName, thingName }));
    } catch (error) {
      // To try again would hold up everything behind it; the next look at everything will find the member missing.
      if (!(error instanceof IoTServiceException) || error.$fault !== "client") throw error;
      // Gone meanwhile; the index will hear of it.
      if (error instanceof ResourceNotFoundException) return;
      this.tellOnce(`${thingName} cannot ${joins ? "join" : "leave"} the group ${thingGroupName}: ${error.message}`);
      return;
    }
    const { thing } = this.things.get(thingName) as IndexedThing;
    const others = thing.thingGroupNames.filter((name) => name !== thingGroupName);
    this.things.put({ ...thing, thingGroupNames: joins ? [...others, thingGroupName] : others });
  }

  private tellOnce(refusal: string): void {
    if (this.refusals.has(refusal)) return;
    this.refusals.add(refusal);
    this.options.log(refusal);
  }
}
