import type { HeardChange } from "./brokerFeed";
import { IndexedThing } from "./indexedThing";
import type { Indexing } from "./indexing";
import type { Predicate } from "./query/compile";
import { CLASSIC, type Thing } from "./thing";

/** The things of an account, laid out for queries: read out of the registry, and then changed by what is heard. */
export class ThingIndex {
  private readonly things = new Map<string, IndexedThing>();
  /** How many changes had been heard when a thing was last read. */
  private readonly readAt = new Map<string, number>();

  get(thingName: string): IndexedThing | undefined {
    return this.things.get(thingName);
  }

  get names(): string[] {
    return [...this.things.keys()];
  }

  /** The things that match, by name. */
  find(predicate: Predicate): IndexedThing[] {
    const found = [...this.things.values()].filter(predicate);
    return found.sort((one, other) => (one.thing.thingName < other.thing.thingName ? -1 : 1));
  }

  put(thing: Thing): void {
    this.things.set(thing.thingName, new IndexedThing(thing));
  }

  /** @param heard how many changes had been heard before everything was read */
  replaceAll(things: readonly Thing[], heard: number): void {
    this.clear();
    for (const thing of things) this.replace(thing.thingName, thing, heard);
  }

  /** @param thing undefined when it is in the registry no more */
  replace(thingName: string, thing: Thing | undefined, heard: number): void {
    this.readAt.set(thingName, heard);
    if (thing) this.put(thing);
    else this.things.delete(thingName);
  }

  /** What becomes of a change: a thing that was read after it knows of it, and maybe of newer ones that still wait. */
  apply({ thingName, heard, apply }: HeardChange, indexing: Indexing): "applied" | "known" | "no such thing" {
    if (heard <= (this.readAt.get(thingName) ?? 0)) return "known";
    const indexed = this.things.get(thingName);
    if (!indexed) return "no such thing";
    this.put(onlyIndexed(apply(indexed.thing), indexing));
    return "applied";
  }

  clear(): void {
    this.things.clear();
    this.readAt.clear();
  }
}

function onlyIndexed(thing: Thing, { shadows, namedShadows, connectivity }: Indexing): Thing {
  const kept = [...thing.shadows].filter(([name]) => (name === CLASSIC ? shadows : namedShadows.includes(name)));
  return { ...thing, shadows: new Map(kept), connectivity: connectivity ? thing.connectivity : undefined };
}
