import type { ThingDocument } from "@aws-sdk/client-iot";
import type { Things } from "../../../functions/api/getThing";
import type { JsonObject } from "../../../functions/api/json";
import type { Fleet } from "../../../functions/api/listThings";
import type { Shadows } from "../../../functions/api/setDesired";
import type { ShadowDocument } from "../../../functions/api/shadow";
import { callers } from "./apiHelp";

const named = (name: string) => Object.assign(new Error(name), { name });

/** AWS IoT as far as the routes of things ask it, in memory: `mine` is the user's, `theirs` somebody else's. */
export class FakeFleet implements Things, Fleet, Shadows {
  readonly things = new Map<string, { thingTypeName?: string; attributes?: Record<string, string> }>([
    ["mine", { thingTypeName: "cooler", attributes: { model: "x2" } }],
    ["theirs", {}],
  ]);
  readonly owners = new Map([["mine", callers.user.sub]]);
  readonly shadows = new Map<string, ShadowDocument>();
  index: ThingDocument[] = [];
  readonly queries: { query: string; limit?: number; token?: string }[] = [];
  readonly pauses: number[] = [];
  /** How often something was changed. */
  changes = 0;
  /** What happens just before an update is made: a device reports, another app is faster. */
  beforeUpdate: (thingName: string) => void = () => {};

  owns = async (owner: string, thingName: string) => this.owners.get(thingName) === owner;
  own = async (owner: string, limit: number, after = "") => {
    const all = [...this.owners].filter(([name, sub]) => sub === owner && name > after).map(([name]) => name);
    const names = all.sort().slice(0, limit);
    return { names, ...(all.length > limit && { last: names.at(-1) }) };
  };
  describe = async (thingName: string) => this.things.get(thingName);
  exists = async (thingName: string) => this.things.has(thingName);
  shadow = async (thingName: string, shadowName?: string) =>
    this.shadows.get(shadowName ? `${thingName}/${shadowName}` : thingName);
  get = (thingName: string) => this.shadow(thingName);
  search = (async (query: string, limit?: number, token?: string) => {
    this.queries.push({ query, limit, token });
    if (token === "expired") throw named("InvalidRequestException");
    const page = { things: this.index, ...(token === undefined && { nextToken: "aws-token" }) };
    return limit === undefined ? page.things : page;
  }) as Things["search"] & Fleet["search"];
  pause = async (milliseconds: number) => {
    this.pauses.push(milliseconds);
    if (this.pauses.length > 100) throw new Error("it never gives up");
  };
  random = () => 0.5;

  /** Merges as AWS IoT does. */
  update = async (
    thingName: string,
    { state, version }: { state: { desired?: JsonObject; reported?: JsonObject }; version?: number },
  ): Promise<ShadowDocument> => {
    this.beforeUpdate(thingName);
    const had = this.shadows.get(thingName) ?? { version: 0 };
    if (version !== undefined && version !== had.version) throw named("ConflictException");
    this.changes += 1;
    return this.write(thingName, state);
  };

  write(thingName: string, { desired = {}, reported = {} }: { desired?: JsonObject; reported?: JsonObject }) {
    const { version, state = {} } = this.shadows.get(thingName) ?? { version: 0 };
    const now = {
      version: version + 1,
      timestamp: 1_767_225_600,
      state: { desired: { ...state.desired, ...desired }, reported: { ...state.reported, ...reported } },
    };
    this.shadows.set(thingName, now);
    return now;
  }
}
