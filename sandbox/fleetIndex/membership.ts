import type { DynamicGroup } from "./dynamicGroup";
import type { IndexedThing } from "./indexedThing";
import type { Predicate } from "./query/compile";

/** A thing that comes into a group or leaves it. */
export interface Move {
  readonly group: string;
  readonly thingName: string;
  readonly joins: boolean;
}

export interface Decision {
  readonly moves: readonly Move[];
  /** Things that match a group and stay out of it, each with why. */
  readonly refused: readonly string[];
}

/** https://docs.aws.amazon.com/general/latest/gr/iot_device_management.html#thing-limits */
export const MOST_GROUPS_OF_A_THING = 10;

/**
 * Into which dynamic groups a thing comes, and which it leaves. A thing is in ten groups at most; where there is room for
 * some only, older dynamic groups go before newer ones, and static groups before all.
 * @param groups oldest first
 * @param predicateOf what decides on membership of a group now; undefined: nobody joins or leaves
 */
export function decide(
  indexed: IndexedThing,
  groups: readonly DynamicGroup[],
  predicateOf: (group: DynamicGroup) => Predicate | undefined,
): Decision {
  const { thingName, thingGroupNames } = indexed.thing;
  const dynamic = new Set(groups.map(({ name }) => name));
  let room = MOST_GROUPS_OF_A_THING - thingGroupNames.filter((name) => !dynamic.has(name)).length;
  const moves: Move[] = [];
  const refused: string[] = [];
  for (const group of groups) {
    const isMember = thingGroupNames.includes(group.name);
    const predicate = predicateOf(group);
    const matches = predicate ? predicate(indexed) : isMember;
    const belongs = matches && room > 0;
    if (belongs) room -= 1;
    if (matches && !belongs) {
      refused.push(`${thingName} stays out of ${group.name}: a thing is in ${MOST_GROUPS_OF_A_THING} groups at most`);
    }
    if (belongs !== isMember) moves.push({ group: group.name, thingName, joins: belongs });
  }
  // First out, then in, or there would be eleven for a moment.
  return { moves: moves.sort((one, other) => Number(one.joins) - Number(other.joins)), refused };
}
