import { IndexedThing } from "../../../sandbox/fleetIndex/indexedThing";
import { compileQuery } from "../../../sandbox/fleetIndex/query/compile";
import { parseQuery } from "../../../sandbox/fleetIndex/query/parse";
import { CLASSIC, type ShadowState, type Thing } from "../../../sandbox/fleetIndex/thing";

/** A thing with nothing but what the test says. */
export function thing(
  more: Partial<Omit<Thing, "shadows">> & { shadow?: ShadowState; named?: Record<string, ShadowState> } = {},
): IndexedThing {
  const { shadow, named = {}, ...rest } = more;
  const shadows = new Map(Object.entries(named));
  if (shadow) shadows.set(CLASSIC, shadow);
  return new IndexedThing({ thingName: "thing1", attributes: {}, thingGroupNames: [], ...rest, shadows });
}

export function matches(query: string, indexed: IndexedThing): boolean {
  return compileQuery(parseQuery(query))(indexed);
}
