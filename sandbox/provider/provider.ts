import type { Context } from "../deploy/context";
import type { Properties, ResourceHandler } from "../deploy/handler";
import { invoke } from "../deploy/invokes";
import {
  checkInputs,
  createResource,
  deleteResource,
  type Resource,
  readResource,
  updateResource,
} from "../deploy/lifecycle";
import { isUnnamed } from "../deploy/names";
import { providerContext } from "../deploy/providerConfig";
import { findHandler } from "../deploy/registry";
import { diffInputs, type PropertyChange } from "./diff";
import { findLocalCloud } from "./target";
import { closeAssets, holdsUnknown, openAssets } from "./wire";

/** What a URN says of its resource. */
export interface Identity {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

export interface Difference {
  readonly changes: readonly PropertyChange[];
  /** The inputs among the changes that cannot be changed in place. */
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** Inputs that the program did not give; the name is kept as long as it was generated. */
const defaultsKey = "__defaults";

/**
 * The resource handlers as the Pulumi engine sees a provider, with plain values; `server.ts` speaks the protocol.
 * One instance is one provider of one stack.
 */
export class LocalAwsProvider {
  private context: Context | undefined;

  /**
   * Finds the local cloud.
   *
   * @throws when there is none, or when its account is not one of `allowedAccountIds`
   */
  configure(inputs: Properties): void {
    this.context = providerContext(findLocalCloud(inputs), inputs);
  }

  /** The inputs with a name and with all tags that the resource will have. */
  check({ type, name }: Identity, news: Properties, olds: Properties): Properties {
    const handler = findHandler(type);
    const { [defaultsKey]: oldDefaults = [], ...oldInputs } = olds;
    const { [defaultsKey]: _, ...inputs } = news;
    const rule = handler?.autoName;
    const unnamed = isUnnamed(rule, inputs);
    const keeps = unnamed && (oldDefaults as unknown[]).includes(rule.property);
    const checked = checkInputs(type, name, inputs, keeps ? oldInputs : undefined);
    return {
      ...checked,
      ...(handler?.tagged && { tagsAll: this.allTags(inputs) }),
      [defaultsKey]: unnamed ? [rule.property] : [],
    };
  }

  diff({ type }: Identity, olds: Properties, news: Properties): Difference {
    const changes = diffInputs(olds, news);
    const handler = findHandler(type);
    const fixed = (property: string) =>
      property === "region" || (handler !== undefined && (!handler.update || handler.replaceOn?.includes(property)));
    const replaces = [...new Set(changes.map(({ property }) => property).filter(fixed))];
    return { changes, replaces, deleteBeforeReplace: handler !== undefined && mustGoFirst(handler, olds, news) };
  }

  async create(identity: Identity, news: Properties): Promise<{ id: string; outputs: Properties }> {
    const request = { ...identity, inputs: handlerInputs(news) };
    const { id, outputs, settled } = await createResource(request, this.ctx(news));
    await settled;
    return { id, outputs: closeAssets(outputs, news) };
  }

  /** What a preview can say of a resource that is to be made: the inputs; all else is not known yet. */
  previewCreate(news: Properties): Properties {
    const { [defaultsKey]: _, ...inputs } = news;
    return inputs;
  }

  async read(
    identity: Identity & { readonly id: string },
    inputs: Properties,
    outputs: Properties,
  ): Promise<{ inputs: Properties; outputs: Properties } | undefined> {
    const known = Object.keys(outputs).length > 0 ? outputs : undefined;
    const request = { ...identity, inputs: withoutDefaults(inputs), outputs: known };
    const found = await readResource(request, this.ctx(inputs));
    if (!found) return undefined;
    const defaults = defaultsKey in inputs ? { [defaultsKey]: inputs[defaultsKey] } : {};
    return {
      inputs: { ...closeAssets(found.inputs, inputs), ...defaults },
      outputs: closeAssets(found.outputs, inputs),
    };
  }

  async update(
    identity: Identity & { readonly id: string },
    olds: { readonly inputs: Properties; readonly outputs: Properties },
    news: Properties,
  ): Promise<Properties> {
    const old: Resource = {
      ...identity,
      inputs: withoutDefaults(olds.inputs),
      outputs: olds.outputs,
      played: findHandler(identity.type) !== undefined,
    };
    const { outputs } = await updateResource(old, handlerInputs(news), this.ctx(news));
    return closeAssets(outputs, news);
  }

  /** What a preview can say of a resource that is to be changed. */
  previewUpdate({ type }: Identity, outputs: Properties, news: Properties): Properties {
    const { [defaultsKey]: _, ...inputs } = news;
    const volatile = findHandler(type)?.volatile ?? [];
    const kept = Object.entries(outputs).filter(([property]) => !(volatile as readonly string[]).includes(property));
    return { ...Object.fromEntries(kept), ...inputs };
  }

  async delete(identity: Identity & { readonly id: string }, inputs: Properties, outputs: Properties): Promise<void> {
    const resource = { ...identity, inputs: withoutDefaults(inputs), outputs, played: true };
    await deleteResource(resource, this.ctx({ region: outputs.region ?? inputs.region }));
  }

  invoke(token: string, args: Properties): Promise<Properties> {
    return invoke(token, args, this.ctx(args));
  }

  private ctx({ region }: Properties): Context {
    if (!this.context) throw new Error("the provider was not configured");
    return this.context.inRegion(region);
  }

  private allTags({ tags }: Properties): unknown {
    // Which tags there will be is unknown only as a whole; a single value may be.
    if (typeof tags === "string") return tags;
    return { ...this.context?.defaultTags, ...(tags as object | undefined) };
  }
}

/** Two that bear one name cannot live side by side: a name of the program's own, or a type that says so. */
function mustGoFirst(handler: ResourceHandler, olds: Properties, news: Properties): boolean {
  if (handler.deleteBeforeReplace) return true;
  const property = handler.autoName?.property;
  if (property === undefined) return false;
  const generated = ((news[defaultsKey] ?? []) as unknown[]).includes(property);
  return !generated && news[property] === olds[property];
}

function handlerInputs(news: Properties): Properties {
  const inputs = withoutDefaults(news);
  if (holdsUnknown(inputs)) throw new Error("an input is not known, though the update has begun");
  return openAssets(inputs);
}

function withoutDefaults({ [defaultsKey]: _, ...inputs }: Properties): Properties {
  return inputs;
}
